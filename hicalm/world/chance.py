"""Small random choices, much faster than ``Generator.choice`` for one draw from a short list."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """Return one of the options, all equally likely."""
    return options[int(rng.random() * len(options))]


def pick_some(rng: np.random.Generator, options: Sequence[T], count: int) -> list[T]:
    """Return ``count`` different options (all of them if there are fewer), in random order."""
    order = rng.permutation(len(options))[:count]
    return [options[int(i)] for i in order]


def pick_weighted(rng: np.random.Generator, weights: np.ndarray) -> int:
    """Return an index drawn in proportion to ``weights`` (shape (N,), not all zero)."""
    sums = np.cumsum(weights)
    index = int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))
    return min(index, len(weights) - 1)


def happens(rng: np.random.Generator, probability: float) -> bool:
    """Return ``True`` with the given probability."""
    return bool(rng.random() < probability)
