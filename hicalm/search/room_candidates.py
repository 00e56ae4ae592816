"""Candidates by what is stored of rooms and museums: the embedded engine of a collection whose
vectors lie in files.

A query is scored in some museums as ``rank`` does it, but views count as their room does, and what
is asked of rooms is read from what is stored of them (``NarrowPlans.rough_values``). So the views,
which are nine tenths of the vectors, are read of the candidates alone. Where there are more museums
than ``POOL``, those are scored so that

- have the best items of each level, by ``NearestItems``, and, of a query with a plan, the rooms
  that most likely show its phrases; or,
- where rooms are read by attributes, or nothing is asked for, are worth most to the plan by what is
  stored of all rooms.

Sizes: B museums of the collection, M of them.
"""

import numpy as np

from hicalm.levels import PHRASE, query_length
from hicalm.ragged import starts
from hicalm.retrieval.nearest_items import NearestItems
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import measured
from hicalm.retrieval.standards import best_matches
from hicalm.retrieval.stored_index import StoredIndex, full_precision
from hicalm.search.candidates import likeness
from hicalm.search.museum_filters import Allowed
from hicalm.search.narrow_plans import NarrowPlans

POOL = 5_000  # museums whose rooms are read
KEPT = 1_000  # museums that are scored exactly: see docs/results.md
LISTED = 32_000  # nearest items of a level for each text
LISTED_ROOMS = 30_000  # for each phrase of a plan, since one museum is to have all of them


class RoomCandidates:
    """The likely museums of a collection by its rooms."""

    by_default = True
    kept: int | None = KEPT

    def __init__(
        self, index: StoredIndex, plans: NarrowPlans, nearest: NearestItems | None
    ) -> None:
        """``nearest`` is needed where there are more museums than ``POOL``."""
        self._index, self._plans, self._nearest = index, plans, nearest

    def prepare(self) -> None:
        """Do nothing: what is needed is there."""

    def museums(self, query: Query, allowed: Allowed, kept: int) -> np.ndarray:
        """Return the rows of at most ``kept`` allowed museums, the likeliest first."""
        rows, near = allowed.rows, None
        if len(rows) > max(POOL, kept) and self._nearest is not None:
            rows, near = self._pool(query, rows, self._nearest)
        if len(rows) <= kept:
            return rows
        room = full_precision(self._index.room[self._index.room_rows(rows)])
        total = self._cosines(query, rows, room, near) @ query.weights
        if query.plan_weight:
            total = total + query.plan_weight * self._plans.rough_values(query, rows, room)
        best = np.argpartition(-total, kept)[:kept]
        return rows[best[np.argsort(-total[best], kind="stable")]]

    def _cosines(
        self, query: Query, rows: np.ndarray, room: np.ndarray, near: np.ndarray | None
    ) -> np.ndarray:
        """Return nearly the level cosines (M, 3) of museums (rows), whose rooms' vectors are given.

        Those ``near`` (M, 3), where they are numbers, are not worked out again.
        """
        index, vectors = self._index, query.vectors
        firsts = starts(index.room_counts[rows])
        by_room = best_matches(vectors.paragraph, vectors.paragraph_counts, room, firsts)[0]
        if near is None:
            museum = (vectors.museum @ full_precision(index.museum[rows]).T)[0]
            cosines = np.stack([museum, by_room, by_room], axis=1)
        else:
            cosines = np.where(np.isnan(near), by_room[:, None], near)
        standards = None if index.standards is None else index.standards.select(rows)
        return measured(cosines[None], vectors, standards)[0]

    def _pool(
        self, query: Query, rows: np.ndarray, nearest: NearestItems
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the rows (POOL,), rising, of the museums to be scored, and, where their items were
        looked for, nearly their level cosines (POOL, 3), not a number for a level that was not."""
        asked = self._plans.asked_vectors(query)
        if query.plan_weight and (self._plans.background is None or not len(asked)):
            values = self._plans.rough_values(query, rows)
            return np.sort(rows[np.argpartition(-values, POOL)[:POOL]]), None
        museums, vectors, allowed = len(self._index.museum), query.vectors, None
        if len(rows) < museums:
            allowed = np.zeros(museums, bool)
            allowed[rows] = True
        museum = self._likeness(nearest, "museum", vectors.museum, allowed)
        view = room = self._likeness(nearest, "room", vectors.paragraph, allowed)
        if query_length(len(vectors.paragraph), len(vectors.sentence)) == PHRASE:
            view = self._likeness(nearest, "view", vectors.sentence, allowed)
        found = np.stack([museum, room, view], axis=1)
        total = measured(found[None], vectors, self._index.standards)[0] @ query.weights
        if query.plan_weight:
            total += query.plan_weight * self._likely_to_show(asked, nearest, allowed)
        best = np.sort(rows[np.argpartition(-total[rows], POOL)[:POOL]])
        found = found[best]
        found[:, [1] if view is not room else [1, 2]] = np.nan  # which all their rooms say exactly
        return best, found

    def _likeness(
        self, nearest: NearestItems, level: str, texts: np.ndarray, allowed: np.ndarray | None
    ) -> np.ndarray:
        """Return nearly the mean over texts of each museum's best item of a level, (B,)."""
        rows, cosines = nearest.nearest(level, texts, LISTED, allowed)
        there = [own >= 0 for own in rows]
        found = [nearest.owners(level, own[t]) for own, t in zip(rows, there, strict=True)]
        reached = [own[t] for own, t in zip(cosines, there, strict=True)]
        return likeness(found, reached, len(self._index.museum))

    def _likely_to_show(
        self, asked: np.ndarray, nearest: NearestItems, allowed: np.ndarray | None
    ) -> np.ndarray:
        """Return nearly how likely each museum shows all phrases, their vectors (P, H): (B,).

        A museum of which no room is found for a phrase has the least that was found.
        """
        total = np.ones(len(self._index.museum), np.float32)
        rows, cosines = nearest.nearest("room", asked, LISTED_ROOMS, allowed)
        for own, reached in zip(rows, cosines, strict=True):
            there = own >= 0
            shown = self._plans.shown(own[there], reached[there])
            museums = nearest.owners("room", own[there])
            total *= likeness([museums], [shown], len(total))
        return total
