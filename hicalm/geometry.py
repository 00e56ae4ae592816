"""Pure functions of vectors: lengths and cosine similarity."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # what has arrays alone does not wait for torch
    from torch import Tensor

# Below this norm a vector counts as having no direction: its cosine is 0, its gradient finite.
MINIMUM_NORM = 1e-8


def normalise(rows: "Tensor") -> "Tensor":
    """Scale each row of ``rows`` (..., D) to length 1; a zero row stays zero.

    The norm is taken of the squared sum kept above ``MINIMUM_NORM``², because the derivative of
    a square root is infinite at 0.
    """
    squared = rows.square().sum(dim=-1, keepdim=True)
    return rows * squared.clamp_min(MINIMUM_NORM**2).rsqrt()


def cosine(first: "Tensor", second: "Tensor") -> "Tensor":
    """Return the cosine of every row of ``first`` (n, D) with every row of ``second`` (m, D).

    The result (n, m) lies in [-1, 1] up to rounding; higher is more alike; a zero row gives 0.
    """
    return normalise(first) @ normalise(second).T


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (N, D) as float32 of length 1; a vector of zeros stays."""
    vectors = np.asarray(vectors, np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
