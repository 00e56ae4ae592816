"""Ragged segments and cosines: answers that can be checked by hand."""

import numpy as np
import pytest
import torch

from hicalm.geometry import cosine, normalise
from hicalm.ragged import offsets, segment_ids, segment_max, segment_mean, segment_sum, starts

ROWS = torch.tensor([[1.0, 10.0], [3.0, -10.0], [5.0, 0.0]])


def test_segments_with_an_empty_group() -> None:
    counts = torch.tensor([2, 0, 1])
    assert segment_sum(ROWS, counts).tolist() == [[4, 0], [0, 0], [5, 0]]
    assert segment_mean(ROWS, counts).tolist() == [[2, 0], [0, 0], [5, 0]]
    lowest = float("-inf")
    assert segment_max(ROWS, counts).tolist() == [[3, 10], [lowest, lowest], [5, 0]]


def test_indices() -> None:
    counts = torch.tensor([2, 0, 3])
    assert offsets(counts).tolist() == [0, 2, 2, 5]
    assert segment_ids(counts).tolist() == [0, 0, 2, 2, 2]


def test_indices_of_arrays_are_the_same_and_whole_numbers() -> None:
    counts = np.array([2, 0, 3])
    for found, expected in (
        (offsets(counts), [0, 2, 2, 5]),
        (segment_ids(counts), [0, 0, 2, 2, 2]),
        (starts(counts), [0, 2, 2]),
    ):
        assert found.tolist() == expected and found.dtype == np.int64
    assert segment_ids(counts[:0]).dtype == np.int64 and offsets(counts[:0]).tolist() == [0]


def test_cosine_by_hand() -> None:
    first = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    second = torch.tensor([[1.0, 0.0], [-6.0, -8.0], [0.0, 2.0]])
    expected = [[0.6, -1.0, 0.8], [0.0, 0.0, 0.0]]
    np.testing.assert_allclose(cosine(first, second), expected, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_are_finite_for_zero_and_coincident_vectors(dtype: torch.dtype) -> None:
    rows = torch.tensor([[0.0, 0.0], [1.0, 2.0], [1.0, 2.0]], dtype=dtype, requires_grad=True)
    (cosine(rows, rows).sum() + segment_max(rows, torch.tensor([3])).sum()).backward()
    assert torch.isfinite(rows.grad).all()


def test_normalised_rows_have_length_one() -> None:
    lengths = normalise(torch.tensor([[3.0, 4.0], [1e-3, 0.0], [0.0, 0.0]])).norm(dim=1)
    np.testing.assert_allclose(lengths, [1, 1, 0], atol=1e-6)
