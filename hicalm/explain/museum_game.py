"""The score of one museum as a function of which of its views are there.

A room without views is not there, and a museum without rooms has a cosine of 0 at every level: the
GRU over no rooms ends where it begins, at the zero vector, whose cosine with anything is 0, and
there is no room or view to match. That is the baseline: 0, or the shift of the museum's standards.
Sizes: R rooms, V views in all, N subsets of views, P paragraphs and S sentences of the query;
columns are the levels museum, room, view.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hicalm.explain.owen import Shares, Value, owen
from hicalm.explain.shapley import MAX_PLAYERS, best_match_share, best_match_shares
from hicalm.geometry import normalise
from hicalm.matching.pauses import pause
from hicalm.models import DualEncoder
from hicalm.ragged import starts
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import are_measured
from hicalm.retrieval.standards import LevelStandards

BUDGET = 800  # subsets of views that are valued at museum level
ROOM_BUDGET = 2**MAX_PLAYERS  # subsets of a room's views that are valued at room level
AT_ONCE = 1024  # subsets encoded at once; bounds the memory


def standardised(query: Query, standards: LevelStandards | None) -> tuple[np.ndarray, np.ndarray]:
    """Return what a museum's cosines are multiplied with, (3,), and the parts without rooms, (3,).

    Its ``standards`` (1, 3) change the weights of the query's levels, as ``level_cosines`` does.
    """
    if standards is None or not are_measured(query.vectors, standards)[0]:
        return query.weights, np.zeros(3)
    return query.weights * standards.factor[0], query.weights * standards.shift[0]


@dataclass(frozen=True)
class Parts:
    """Contributions by level, float64: room (R, 3), view (V, 3) and the views' standard errors."""

    room: np.ndarray
    view: np.ndarray
    error: np.ndarray


class MuseumGame:
    """What a museum scores for a query with only some of its views."""

    def __init__(
        self,
        model: DualEncoder,
        views: np.ndarray,
        view_counts: np.ndarray,
        query: Query,
        standards: LevelStandards | None = None,
    ) -> None:
        """Embed the museum's views, features float32 (V, D), view_counts (R,) >= 1.

        ``standards`` are the museum's own, (1, 3), which do not change with its views.
        """
        self.model, self.features, self.view_counts = model, views, np.asarray(view_counts)
        self.weights, self.baseline = standardised(query, standards)
        self._starts = starts(self.view_counts)
        vectors = query.vectors
        self._query = torch.as_tensor(vectors.museum[0])
        self._paragraphs = torch.as_tensor(vectors.paragraph)
        with torch.inference_mode():
            self._views = model.subset_views(torch.as_tensor(views))
            single_views = normalise(model.encode_single_views(torch.as_tensor(views))).numpy()
            self.view_cosines = vectors.sentence @ single_views.T  # (S, V)
            whole = self._encode(np.ones((1, len(views)), bool))
            rooms = [
                model.encode_room_subsets(own, torch.ones(1, len(own), dtype=torch.bool))
                for own in self._views_of_rooms()
            ]
        self.room_cosines = vectors.paragraph @ normalise(torch.cat(rooms)).numpy().T  # (P, R)
        self.museum_cosine = float(normalise(whole)[0] @ self._query)

    def values(self, present: np.ndarray) -> np.ndarray:
        """Return the level parts of the score with only these views, bool (N, V) -> (N, 3)."""
        return self._valued(present, self._levels, columns=3) + self.baseline

    def contributions(self) -> Parts:
        """Return the Owen values of rooms and views, level by level.

        At room and view level they are exact (rooms of more than 12 views: sampled at room level).
        At museum level rooms are exact up to 12, and views are sampled beyond ``BUDGET`` subsets.
        """
        museum, room, view = self._museum_level(), self._room_level(), self._view_level()
        return Parts(
            np.concatenate([museum.group, room.group, view.group], axis=1),
            np.concatenate([museum.member, room.member, view.member], axis=1),
            np.hypot(museum.error, room.error)[:, 0],
        )

    def _valued(self, present: np.ndarray, parts: Value, columns: int) -> np.ndarray:
        """Value subsets block by block; the empty set is not encoded: its value is known."""
        result = np.zeros((len(present), columns))
        some = np.flatnonzero(present.any(axis=1))
        for rows in np.split(some, range(AT_ONCE, len(some), AT_ONCE)):
            if len(rows):
                pause()
                result[rows] = parts(present[rows])
        return result

    @torch.inference_mode()
    def _levels(self, present: np.ndarray) -> np.ndarray:
        """Return the level parts (N, 3) of subsets that are not empty."""
        there = np.logical_or.reduceat(present, self._starts, axis=1)  # (N, R)
        cosines = np.full((len(self._paragraphs), *there.shape), -np.inf)
        shown = np.split(present, self._starts[1:], axis=1)
        for room, (rows, own) in enumerate(zip(self._views_of_rooms(), shown, strict=True)):
            some = there[:, room]
            rooms = self.model.encode_room_subsets(rows, torch.as_tensor(own[some]))
            cosines[:, some, room] = self._paragraphs @ normalise(rooms).T
        views = np.where(present, self.view_cosines[:, None, :], -np.inf)
        levels = [
            normalise(self._encode(present)) @ self._query,
            cosines.max(axis=2).mean(axis=0),
            views.max(axis=2).mean(axis=0),
        ]
        return np.stack(levels, axis=1) * self.weights

    @torch.inference_mode()
    def _museum_part(self, present: np.ndarray) -> np.ndarray:
        """Return the museum level's part (N, 1) of subsets that are not empty."""
        museum = normalise(self._encode(present)) @ self._query
        return self.weights[0] * museum.numpy()[:, None]

    def _encode(self, present: np.ndarray) -> Tensor:
        """Encode subsets that are not empty, (N, V) -> (N, H)."""
        counts = torch.as_tensor(self.view_counts)
        return self.model.encode_museum_subsets(self._views, counts, torch.as_tensor(present))

    def _views_of_rooms(self) -> tuple[Tensor, ...]:
        return self._views.split(self.view_counts.tolist())

    def _nothing(self) -> Shares:
        """Return the shares of a level without weight."""
        rooms, views = np.zeros((len(self.view_counts), 1)), np.zeros((len(self._views), 1))
        return Shares(rooms, views, views)

    def _museum_level(self) -> Shares:
        if self.weights[0] == 0:
            return self._nothing()

        def value(present: np.ndarray) -> np.ndarray:
            return self._valued(present, self._museum_part, columns=1)

        return owen(self.view_counts, value, BUDGET)

    def _view_level(self) -> Shares:
        """The best view of each sentence: rooms compete with their best views, views in them."""
        best = np.maximum.reduceat(self.view_cosines, self._starts, axis=1)  # (S, R)
        groups = best_match_shares(best)
        members = [
            best_match_shares(best_match_share(own, np.delete(best, room, axis=1)))
            for room, own in enumerate(np.split(self.view_cosines, self._starts[1:], axis=1))
        ]
        return _exact(self.weights[2], groups, np.concatenate(members, axis=1))

    def _room_level(self) -> Shares:
        """The best room of each paragraph; a view matters by what its room becomes without it."""
        if self.weights[1] == 0:
            return self._nothing()
        members = [
            owen(self.view_counts[[room]], self._room_value(room, views), ROOM_BUDGET)
            for room, views in enumerate(self._views_of_rooms())
        ]
        groups = self.weights[1] * best_match_shares(self.room_cosines).mean(axis=0)
        return Shares(
            groups[:, None],
            np.concatenate([shares.member for shares in members]),
            np.concatenate([shares.error for shares in members]),
        )

    def _room_value(self, room: int, views: Tensor) -> Value:
        """Return the game of a room's views: the room's own share among the other rooms."""
        others = np.delete(self.room_cosines, room, axis=1)

        @torch.inference_mode()
        def part(present: np.ndarray) -> np.ndarray:
            rooms = self.model.encode_room_subsets(views, torch.as_tensor(present))
            cosines = (self._paragraphs @ normalise(rooms).T).numpy()
            return self.weights[1] * best_match_share(cosines, others).mean(axis=0)[:, None]

        return lambda present: self._valued(present, part, columns=1)


def _exact(weight: float, groups: np.ndarray, members: np.ndarray) -> Shares:
    """Return a level's exact shares from those of each text, (T, R) and (T, V)."""
    group, member = (weight * shares.mean(axis=0)[:, None] for shares in (groups, members))
    return Shares(group, member, np.zeros_like(member))
