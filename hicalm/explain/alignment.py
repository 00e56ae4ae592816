"""Which rooms of two museums are each other's counterparts."""

import numpy as np

Counterparts = tuple[tuple[int | None, int | None], ...]


def align_rooms(first: np.ndarray, second: np.ndarray) -> Counterparts:
    """Pair the rooms of two museums so that the sum of the pairs' cosines is the largest.

    ``first`` (R, H) and ``second`` (R', H) hold the rooms' normalised vectors. Every room of the
    smaller museum gets a counterpart of its own (Hungarian assignment). Returns pairs of numbers
    from 0 in the order of the first museum's rooms, None standing for no counterpart; then the
    rooms of the second museum that are left over.
    """
    from scipy.optimize import linear_sum_assignment  # its import takes half a second

    rooms, others = linear_sum_assignment(first @ second.T, maximize=True)
    counterpart = dict(zip(rooms.tolist(), others.tolist(), strict=True))
    left = sorted(set(range(len(second))) - set(counterpart.values()))
    pairs = ((room, counterpart.get(room)) for room in range(len(first)))
    return (*pairs, *((None, room) for room in left))
