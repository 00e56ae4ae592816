"""Museums around a few directions, whose order codes can learn."""

import numpy as np

from hicalm.retrieval.index import MuseumIndex

DIM = 12


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Return rows of length one."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clustered_index(museums: int, seed: int) -> MuseumIndex:
    """Return museums of one to three rooms of one to four views, around few directions."""
    rng = np.random.default_rng(seed)
    directions = np.random.default_rng(7).standard_normal((6, DIM))
    rooms = rng.integers(1, 4, museums)
    views = rng.integers(1, 5, rooms.sum())

    def vectors(count: int) -> np.ndarray:
        own = rng.integers(0, 6, count)
        return unit_rows(directions[own] + 0.5 * rng.standard_normal((count, DIM)))

    return MuseumIndex(vectors(museums), vectors(len(views)), vectors(views.sum()), rooms, views)
