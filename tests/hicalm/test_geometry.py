"""Cosines and lengths: answers that can be checked by hand."""

import numpy as np
import pytest
import torch

from hicalm.geometry import cosine, normalise
from hicalm.ragged import segment_max

ROWS = torch.tensor([[1.0, 10.0], [3.0, -10.0], [5.0, 0.0]])


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
