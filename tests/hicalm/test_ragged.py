"""Ragged segments: answers that can be checked by hand."""

import numpy as np
import torch

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
