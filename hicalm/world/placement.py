"""Which room answers what: the best way to give every thing asked for a room of its own.

S things are asked for, and some have to come in a later room than others. Of all ways to place them
in S different rooms that keep to this order, the best is the one whose weakest room is strongest:

    value = max over placements of  min over things s of  share(room of s, s),

and 0 where there is no placement. A dynamic programme over the rooms finds it exactly: what has
been placed so far is a set of things, and only sets that hold whatever has to come before them
arise. In a row of S (*then*, or one thing S times) these are S + 1 sets, without any order 2^S.

``matching.plan_value`` takes the product over the things in place of the min.
"""

from collections.abc import Callable, Sequence

import numpy as np

from hicalm.errors import HicalmError

Join = Callable[[np.ndarray, np.ndarray], np.ndarray]


def best_placement(
    shares: np.ndarray, before: Sequence[int], join: Join = np.minimum
) -> np.ndarray:
    """Return the value of the best placement in each museum, (B,) float64 in [0, 1].

    Args:
        shares: (B, R, S) float64, how well each room answers each thing; 0 for the rooms that a
            museum does not have.
        before: (S,) for each thing a bit mask of the things that come in earlier rooms.
        join: of the value of what has been placed (B,) and the share of one thing more (B,), the
            value of both; it never rises above either.

    Raises:
        HicalmError: other shapes.
    """
    if shares.ndim != 3 or shares.shape[2] != len(before):
        raise HicalmError(f"Expected shares (B, R, {len(before)}), got {shares.shape}.")
    museums, rooms, things = shares.shape
    if things > rooms:
        return np.zeros(museums)
    everything = (1 << things) - 1
    steps = placement_steps(before)
    # 0 also stands for "cannot be": neither adds to a maximum.
    value = {placed: np.zeros(museums) for placed in (0, *(after for _, after, _ in steps))}
    value[0] = np.ones(museums)
    for room in range(rooms):
        # From the largest set down, so that no room answers two things.
        for placed, after, thing in steps:
            reached = join(value[placed], shares[:, room, thing])
            np.maximum(value[after], reached, out=value[after])
    return value[everything]


def placement_steps(before: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return (set, set with one thing more, that thing) for all that can arise, largest first."""
    steps: list[tuple[int, int, int]] = []
    found = {0}
    for _ in before:
        larger = set()
        for placed in found:
            for thing, earlier in enumerate(before):
                if not placed >> thing & 1 and earlier & ~placed == 0:
                    steps.append((placed, placed | 1 << thing, thing))
                    larger.add(placed | 1 << thing)
        found = larger
    return steps[::-1]
