"""Shares by going through every order one by one: slow, and independent of the library."""

from collections.abc import Callable
from itertools import permutations, product

import numpy as np


def shares_by_orders(counts: list[int], value: Callable[[frozenset], np.ndarray]) -> np.ndarray:
    """Average the marginal contributions over all orders that tear no group apart, (n, ...)."""
    stops = np.cumsum(counts)
    groups = [range(stop - count, stop) for stop, count in zip(stops, counts, strict=True)]
    total, number = 0.0, 0
    for order in permutations(groups):
        for inside in product(*(permutations(group) for group in order)):
            total = total + _marginals([member for group in inside for member in group], value)
            number += 1
    return total / number


def _marginals(order: list[int], value: Callable[[frozenset], np.ndarray]) -> np.ndarray:
    present, before = frozenset(), value(frozenset())
    gains = [None] * len(order)
    for member in order:
        present |= {member}
        after = value(present)
        gains[member] = after - before
        before = after
    return np.array(gains)


def as_table(value: Callable[[frozenset], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the same game over boolean rows (N, n) -> (N, L)."""
    return lambda rows: np.array([value(frozenset(np.flatnonzero(row).tolist())) for row in rows])
