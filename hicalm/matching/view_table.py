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
    """Values of the views of rooms: ``values`` float32 (M, V, C), ``present`` bool (M, V).

    A room without any view is not there; its statistics are 0.
    """

    values: np.ndarray
    present: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, view_counts: np.ndarray) -> "ViewTable":
        """Pad flat values (ΣV, C) in rooms of ``view_counts`` (M,)."""
        longest = int(view_counts.max(initial=0))
        position = np.arange(longest)[None]
        present = position < view_counts[:, None]
        rows = np.where(present, starts(view_counts)[:, None] + position, 0)
        return cls(values[rows], present)

    @property
    def there(self) -> np.ndarray:
        """Which rooms have a view, bool (M,)."""
        return np.logical_or.reduce(self.present, axis=1)

    def columns(self, chosen: np.ndarray) -> "ViewTable":
        """Return the same rooms with some columns (k,)."""
        return ViewTable(self.values[:, :, chosen], self.present)

    def with_views(self, present: np.ndarray) -> "ViewTable":
        """Return N copies of the rooms, each with the views of a row of ``present`` (N, M, V)."""
        copies = len(present)
        return ViewTable(
            np.tile(self.values, (copies, 1, 1)),
            (present & self.present).reshape(-1, self.present.shape[1]),
        )

    def statistics(self, values: np.ndarray | None = None) -> np.ndarray:
        """Return the statistics of every room and column, float32 (M, C, 5).

        ``values`` (M, V, C): others than the table's own, of the same views.
        """
        given = self.values if values is None else values
        falling = -np.sort(np.where(self.present[:, :, None], -given, np.inf), axis=1)
        counts = self.present.sum(axis=1)
        if not counts.any():
            return np.zeros((len(given), given.shape[2], STATISTICS), np.float32)
        sums = np.cumsum(np.where(np.isfinite(falling), falling, 0), axis=1)
        room = np.arange(len(given))
        found = np.zeros((len(given), given.shape[2], STATISTICS), np.float32)
        some = counts > 0
        found[some, :, 0] = falling[some, 0]
        for column, share in enumerate(_BEST_SHARES, start=1):
            taken = np.maximum(np.rint(share * counts).astype(int), 1)[some]
            found[some, :, column] = sums[room[some], taken - 1] / taken[:, None]
        found[some, :, 4] = falling[room[some], counts[some] - 1]
        return found
