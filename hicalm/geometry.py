"""Pure functions of vectors: lengths, cosine similarity and ragged segments.

A *ragged* sequence is stored flat: ``rows`` (N, D) holds all rows one group after the other and
``counts`` (G,) says how many belong to each group, so group g owns
``rows[offsets(counts)[g] : offsets(counts)[g + 1]]``. Nothing is ever padded, therefore no
result can depend on padding.
"""

import numpy as np
import torch
from torch import Tensor

# Below this norm a vector counts as having no direction: its cosine is 0, its gradient finite.
MINIMUM_NORM = 1e-8


def normalise(rows: Tensor) -> Tensor:
    """Scale each row of ``rows`` (..., D) to length 1; a zero row stays zero.

    The norm is taken of the squared sum kept above ``MINIMUM_NORM``², because the derivative of
    a square root is infinite at 0.
    """
    squared = rows.square().sum(dim=-1, keepdim=True)
    return rows * squared.clamp_min(MINIMUM_NORM**2).rsqrt()


def cosine(first: Tensor, second: Tensor) -> Tensor:
    """Return the cosine of every row of ``first`` (n, D) with every row of ``second`` (m, D).

    The result (n, m) lies in [-1, 1] up to rounding; higher is more alike; a zero row gives 0.
    """
    return normalise(first) @ normalise(second).T


def offsets(counts: Tensor) -> Tensor:
    """Return where each group begins, and last the total: (G,) counts -> (G + 1,)."""
    return torch.cat([counts.new_zeros(1), counts.cumsum(0)])


def segment_ids(counts: Tensor) -> Tensor:
    """Return the group of each row: (G,) counts -> (N,), e.g. [2, 1] -> [0, 0, 1]."""
    return torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)


def segment_sum(rows: Tensor, counts: Tensor) -> Tensor:
    """Sum the rows (N, D) of each group: -> (G, D); an empty group gives zeros."""
    total = rows.new_zeros(len(counts), *rows.shape[1:])
    return total.index_add(0, segment_ids(counts), rows)


def segment_mean(rows: Tensor, counts: Tensor) -> Tensor:
    """Average the rows (N, D) of each group: -> (G, D); an empty group gives zeros."""
    size = counts.clamp_min(1)  # an empty group's sum is zero already: divide it by one
    return segment_sum(rows, counts) / size.to(rows.dtype).unsqueeze(1)


def segment_max(rows: Tensor, counts: Tensor) -> Tensor:
    """Take the column-wise maximum of each group's rows (N, D): -> (G, D).

    An empty group gives -inf (nothing matches). The gradient goes to the largest row, shared
    where rows tie.
    """
    return torch.segment_reduce(rows.contiguous(), "max", lengths=counts, axis=0)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (N, D) as float32 of length 1; a vector of zeros stays."""
    vectors = np.asarray(vectors, np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
