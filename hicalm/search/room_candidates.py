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

from dataclasses import replace

import numpy as np

from hicalm.levels import LEVELS, PHRASE, query_length
from hicalm.ragged import ranges
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.nearest_items import NearestItems
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import are_measured, level_cosines
from hicalm.retrieval.stored_index import StoredIndex
from hicalm.search.candidates import likeness
from hicalm.search.museum_filters import Allowed
from hicalm.search.narrow_plans import NarrowPlans

POOL = 5_000  # museums whose rooms are read
KEPT = 1_000  # museums that are scored exactly: see docs/results.md
LISTED = 4_000  # nearest items of a level for each text
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
        rows, views = allowed.rows, None
        if len(rows) > max(POOL, kept) and self._nearest is not None:
            rows, views = self._pool(query, allowed.rows, self._nearest)
        if len(rows) <= kept:
            return rows
        near = self._by_rooms(rows)
        vectors = query.vectors
        by_room = replace(
            vectors, sentence=vectors.paragraph, sentence_counts=vectors.paragraph_counts
        )
        cosines = level_cosines(by_room, near)[0]
        if views is not None:
            cosines[:, LEVELS.index("view")] = views
        total = cosines @ query.weights
        if query.plan_weight:
            total = total + query.plan_weight * self._plans.rough_values(query, rows, near.room)
        best = np.argpartition(-total, kept)[:kept]
        return rows[best[np.argsort(-total[best], kind="stable")]]

    def _pool(
        self, query: Query, rows: np.ndarray, nearest: NearestItems
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the rows (POOL,), rising, of the museums to be scored, and their best views,
        float32 (POOL,), where these were looked for."""
        asked = self._plans.asked_vectors(query)
        if query.plan_weight and (self._plans.background is None or not len(asked)):
            values = self._plans.rough_values(query, rows)
            return np.sort(rows[np.argpartition(-values, POOL)[:POOL]]), None
        museums = len(self._index.museum)
        allowed = None
        if len(rows) < museums:
            allowed = np.zeros(museums, bool)
            allowed[rows] = True
        total, views, vectors = np.zeros(museums, np.float32), None, query.vectors
        length = query_length(len(vectors.paragraph), len(vectors.sentence))
        texts = vectors.museum, vectors.paragraph, vectors.sentence
        for level, own, weight in zip(LEVELS, texts, query.weights, strict=True):
            if weight and (level != "view" or length == PHRASE):  # a long text has many sentences
                found = self._measured(query, level, self._likeness(nearest, level, own, allowed))
                total += weight * found
                views = found if level == "view" else views
        if query.plan_weight:
            total += query.plan_weight * self._likely_to_show(asked, nearest, allowed)
        best = np.sort(rows[np.argpartition(-total[rows], POOL)[:POOL]])
        return best, None if views is None else views[best]

    def _likeness(
        self, nearest: NearestItems, level: str, texts: np.ndarray, allowed: np.ndarray | None
    ) -> np.ndarray:
        """Return nearly the mean over texts of each museum's best item of a level, (B,)."""
        rows, cosines = nearest.nearest(level, texts, LISTED, allowed)
        there = [own >= 0 for own in rows]
        found = [nearest.owners(level, own[t]) for own, t in zip(rows, there, strict=True)]
        reached = [own[t] for own, t in zip(cosines, there, strict=True)]
        return likeness(found, reached, len(self._index.museum))

    def _measured(self, query: Query, level: str, cosines: np.ndarray) -> np.ndarray:
        """Return a level's cosines (B,) as ``retrieval.scoring.level_cosines`` measures them."""
        standards, number = self._index.standards, LEVELS.index(level)
        if standards is None or not are_measured(query.vectors, standards)[0]:
            return cosines
        return cosines * standards.factor[:, number] + standards.shift[:, number]

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

    def _by_rooms(self, museums: np.ndarray) -> MuseumIndex:
        """Return the index of some museums (M,) in which each room is its only view."""
        index = self._index
        rooms = ranges(index.room_starts[museums], index.room_counts[museums])
        room = index.room[rooms].astype(np.float32)
        standards = None if index.standards is None else index.standards.select(museums)
        return MuseumIndex(
            index.museum[museums].astype(np.float32),
            room,
            room,
            index.room_counts[museums],
            np.ones(len(rooms), np.int64),
            standards,
        )
