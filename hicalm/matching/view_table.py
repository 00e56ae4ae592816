"""The views of rooms as a padded table, and statistics of a room's views.

Rooms are ragged; here they are padded to the longest and a mask says which views are there, so that
rooms with only some of their views, which explanations ask for, are rooms like any others. Sizes: M
rooms (or rooms with some of their views), V views of the longest, C columns.
"""

from dataclasses import dataclass

import numpy as np

from hicalm.ragged import starts

STATISTICS = 5  # best, mean of the best quarter, of the best half, of all, and the least
_BEST_SHARES = (0.25, 0.5, 1.0)  # of a room's views: three, six and all of twelve


@dataclass(frozen=True)
class ViewTable:
    """Values of the views of rooms: ``values`` float32 (K, V, C), ``present`` bool (M, V).

    ``rows`` int (M,) says whose values a room has: rooms with only some of their views share them.
    A room without any view is not there; its statistics are 0.
    """

    values: np.ndarray
    present: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, view_counts: np.ndarray) -> "ViewTable":
        """Pad flat values (ΣV, C) in rooms of ``view_counts`` (M,)."""
        longest = int(view_counts.max(initial=0))
        position = np.arange(longest)[None]
        present = position < view_counts[:, None]
        views = np.where(present, starts(view_counts)[:, None] + position, 0)
        return cls(values[views], present, np.arange(len(view_counts)))

    @property
    def there(self) -> np.ndarray:
        """Which rooms have a view, bool (M,)."""
        return np.logical_or.reduce(self.present, axis=1)

    def __len__(self) -> int:
        return len(self.present)

    def of_columns(self, chosen: np.ndarray) -> np.ndarray:
        """Return the values of some columns (k,), float32 (M, V, k)."""
        found: np.ndarray = self.values[:, :, chosen][self.rows]
        return found

    def rooms(self, chosen: slice) -> "ViewTable":
        """Return some rooms alone."""
        rows = self.rows[chosen]
        return ViewTable(self.values[rows], self.present[chosen], np.arange(len(rows)))

    def with_views(self, rooms: np.ndarray, present: np.ndarray) -> "ViewTable":
        """Return rooms (N,) of these, each with the views of its row of ``present`` (N, V)."""
        return ViewTable(self.values, present & self.present[rooms], self.rows[rooms])

    def statistics(self, values: np.ndarray) -> np.ndarray:
        """Return the statistics of every room for values (M, V, C) of its views: (M, C, 5)."""
        falling = -np.sort(np.where(self.present[:, :, None], -values, np.inf), axis=1)
        counts = self.present.sum(axis=1)
        found = np.zeros((len(values), values.shape[2], STATISTICS), np.float32)
        some = np.flatnonzero(counts)
        if not len(some):
            return found
        sums = np.cumsum(np.where(np.isfinite(falling), falling, 0), axis=1)
        found[some, :, 0] = falling[some, 0]
        for column, share in enumerate(_BEST_SHARES, start=1):
            taken = np.maximum(np.rint(share * counts[some]).astype(int), 1)
            found[some, :, column] = sums[some, taken - 1] / taken[:, None]
        found[some, :, 4] = falling[some, counts[some] - 1]
        return found
