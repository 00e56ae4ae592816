"""Ragged sequences: groups of unequal size, stored flat, of arrays and of tensors.

``rows`` (N, D) holds all rows one group after the other and ``counts`` (G,) says how many belong to
each, so group g owns ``rows[offsets(counts)[g] : offsets(counts)[g + 1]]``. Nothing is ever padded,
therefore no result can depend on padding.
"""

from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:  # what has arrays alone does not wait for torch
    from torch import Tensor

Array = np.ndarray


def ranges(starts: Array, counts: Array) -> Array:
    """Return starts[0], starts[0] + 1, ... (counts[0] of them), then starts[1], ...: (Σ,)."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - counts), counts)


def starts(counts: Array) -> Array:
    """Return where each group begins: (G,) counts -> (G,)."""
    return np.cumsum(counts) - counts


@overload
def offsets(counts: Array) -> Array: ...
@overload
def offsets(counts: "Tensor") -> "Tensor": ...
def offsets(counts: "Array | Tensor") -> "Array | Tensor":
    """Return where each group begins, and last the total: (G,) counts -> (G + 1,)."""
    if isinstance(counts, Array):
        return np.concatenate([[0], np.cumsum(counts)])
    import torch

    return torch.cat([counts.new_zeros(1), counts.cumsum(0)])


@overload
def segment_ids(counts: Array) -> Array: ...
@overload
def segment_ids(counts: "Tensor") -> "Tensor": ...
def segment_ids(counts: "Array | Tensor") -> "Array | Tensor":
    """Return the group of each row: (G,) counts -> (N,), e.g. [2, 1] -> [0, 0, 1]."""
    if isinstance(counts, Array):
        return np.repeat(np.arange(len(counts)), counts)
    import torch

    return torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)


def segment_sum(rows: "Tensor", counts: "Tensor") -> "Tensor":
    """Sum the rows (N, D) of each group: -> (G, D); an empty group gives zeros."""
    total = rows.new_zeros(len(counts), *rows.shape[1:])
    return total.index_add(0, segment_ids(counts), rows)


def segment_mean(rows: "Tensor", counts: "Tensor") -> "Tensor":
    """Average the rows (N, D) of each group: -> (G, D); an empty group gives zeros."""
    size = counts.clamp_min(1)  # an empty group's sum is zero already: divide it by one
    return segment_sum(rows, counts) / size.to(rows.dtype).unsqueeze(1)


def segment_max(rows: "Tensor", counts: "Tensor") -> "Tensor":
    """Take the column-wise maximum of each group's rows (N, D): -> (G, D).

    An empty group gives -inf (nothing matches). The gradient goes to the largest row, shared
    where rows tie.
    """
    import torch

    return torch.segment_reduce(rows.contiguous(), "max", lengths=counts, axis=0)
