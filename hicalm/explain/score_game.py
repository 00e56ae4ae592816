"""The whole score of one museum as a function of which of its views are there.

The three levels are ``MuseumGame``; every further part of the score is a game of its own, which
adds. Sizes: R rooms, V views in all, N subsets of views.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from hicalm.explain.museum_game import MuseumGame


class PartGame(Protocol):
    """One further part of a museum's score, 0 for a museum without views."""

    def values(self, present: np.ndarray) -> np.ndarray:
        """Return the part with only these views, bool (N, V) -> (N,)."""

    def contributions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the shares of rooms (R,) and of views (V,), and the views' standard errors."""

    def gradient_times_input(self, zero: np.ndarray) -> np.ndarray:
        """Return the gradient times the features' distance from ``zero`` (D,), float64 (V,)."""


@dataclass(frozen=True)
class ScoreGame:
    """The levels of a museum's score, and its further parts by their names."""

    levels: MuseumGame
    further: Mapping[str, PartGame] = field(default_factory=dict)

    def values(self, present: np.ndarray) -> np.ndarray:
        """Return the score with only these views, bool (N, V) -> float64 (N,)."""
        score = self.levels.values(present).sum(axis=1)
        return score + sum(part.values(present) for part in self.further.values())

    def contributions(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what rooms (R,) and views (V,) contribute to the score, float64."""
        own = self.levels.contributions()
        rooms, views = own.room.sum(axis=1), own.view.sum(axis=1)
        for part in self.further.values():
            room, view, _ = part.contributions()
            rooms, views = rooms + room, views + view
        return rooms, views
