"""Candidates by what is stored of all museums: the embedded engine of a collection whose vectors
lie in files.

A query is scored as ``rank`` does it, but by reduced vectors, and, where rooms are read by
attributes, what is asked of them is read from what is stored of them
(``NarrowPlans.rough_values``). Where there are more museums than ``POOL``, those are scored so that
have the best items of each level, by ``NearestItems``, and, of a query with a plan, the rooms that
most likely show its phrases. Where rooms are read by attributes these are told by what is stored of
all rooms, which is the same for all where attributes do not name what is asked for. Where nothing
is asked for that plan alone decides, which says what is not wanted.

Sizes: B museums of the collection, M of them.
"""

import numpy as np

from hicalm.matching.pauses import pause
from hicalm.retrieval.nearest_items import NearestItems
from hicalm.retrieval.query import Query
from hicalm.retrieval.reduced_index import ReducedIndex, Report
from hicalm.retrieval.scoring import level_cosines, measured
from hicalm.retrieval.stored_index import StoredIndex
from hicalm.search.candidates import likeness
from hicalm.search.museum_filters import Allowed
from hicalm.search.narrow_plans import NarrowPlans, blocks_of

POOL = 15_000  # museums that are scored by their reduced vectors
KEPT = 1_000  # museums that are scored exactly: see docs/results.md
KEPT_BY_VECTORS = 300  # the same where reduced vectors alone choose them, which are nearer
LISTED = 32_000  # nearest items of a level for each text, and rooms for each phrase of a plan
SENTENCES = 4  # up to which views are looked for; of a longer text rooms stand for them
AT_ONCE = 1_000  # museums that are scored together
VALUED_AT_ONCE = 20_000  # museums whose rooms alone are read


class StoredCandidates:
    """The likely museums of a collection by its reduced vectors."""

    by_default = True
    kept: int | None = KEPT

    def __init__(
        self, reduced: ReducedIndex, plans: NarrowPlans, nearest: NearestItems | None
    ) -> None:
        """``nearest`` is needed where there are more museums than ``POOL``."""
        self._reduced, self._plans, self._nearest = reduced, plans, nearest

    @classmethod
    def open(cls, index: StoredIndex, plans: NarrowPlans) -> "StoredCandidates":
        """Open what ``store`` wrote. Raises HicalmError where it is missing or damaged."""
        reduced = ReducedIndex(index)
        return cls(reduced, plans, NearestItems(reduced) if len(index.museum) > POOL else None)

    @staticmethod
    def store(index: StoredIndex, report: Report = lambda level, done: None) -> None:
        """Write what is missing or damaged of what the candidates of an index are found by.

        ``report`` is told of a level how many items are done more. Raises OSError, and HicalmError
        for damaged vectors.
        """
        ReducedIndex.make(index, report)
        if len(index.museum) > POOL:
            NearestItems.make(ReducedIndex(index), report)

    def prepare(self) -> None:
        """Do nothing: what is needed is there."""

    def museums(self, query: Query, allowed: Allowed, kept: int) -> np.ndarray:
        """Return the rows of at most ``kept`` allowed museums, the likeliest first."""
        rows, small = allowed.rows, self._reduced.reduce_query(query)
        if not (query.plan_weight and self._plans.reads_attributes):
            kept = min(kept, KEPT_BY_VECTORS)
        if len(rows) > max(POOL, kept) and self._nearest is not None:
            rows = self._pool(query, small, rows, self._nearest)
        if len(rows) <= kept:
            return rows
        scores = np.concatenate([self._scores(small, own) for own in blocks_of(rows, AT_ONCE)])
        best = np.argpartition(-scores, kept)[:kept]
        return rows[best[np.argsort(-scores[best], kind="stable")]]

    def _scores(self, small: Query, rows: np.ndarray) -> np.ndarray:
        """Return nearly the scores (M,) of museums (rows) for a query that was reduced."""
        pause()
        own = self._reduced.select(rows)
        scores: np.ndarray = level_cosines(small.vectors, own)[0] @ small.weights
        if small.plan_weight:
            scores = scores + small.plan_weight * self._plans.rough_values(small, rows, own.room)
        return scores

    def _values(self, small: Query, rows: np.ndarray) -> np.ndarray:
        """Return nearly the values (M,) of a plan in museums (rows), of which rooms alone are
        read."""
        found = []
        for own in blocks_of(rows, VALUED_AT_ONCE):
            pause()
            rooms = None if self._plans.reads_attributes else self._reduced.rooms_of(own)
            found.append(self._plans.rough_values(small, own, rooms))
        return np.concatenate(found)

    def _pool(
        self, query: Query, small: Query, rows: np.ndarray, nearest: NearestItems
    ) -> np.ndarray:
        """Return the rows (POOL,), rising, of the museums to be scored."""
        asked = self._plans.asked_vectors(query)
        if query.plan_weight and not len(asked):
            values = self._values(small, rows)
            return np.sort(rows[np.argpartition(-values, POOL)[:POOL]])
        museums, vectors, allowed = self._reduced.sizes["museum"], query.vectors, None
        if len(rows) < museums:
            allowed = np.zeros(museums, bool)
            allowed[rows] = True
        museum = self._likeness(nearest, "museum", vectors.museum, allowed)
        view = room = self._likeness(nearest, "room", vectors.paragraph, allowed)
        if len(vectors.sentence) <= SENTENCES:
            view = self._likeness(nearest, "view", vectors.sentence, allowed)
        found = np.stack([museum, room, view], axis=1)
        total = measured(found[None], vectors, self._reduced.layout.standards)[0] @ query.weights
        if query.plan_weight and self._plans.background is None:
            total[rows] += query.plan_weight * self._values(small, rows)
        elif query.plan_weight:
            total += query.plan_weight * self._likely_to_show(asked, nearest, allowed)
        return np.sort(rows[np.argpartition(-total[rows], POOL)[:POOL]])

    def _likeness(
        self, nearest: NearestItems, level: str, texts: np.ndarray, allowed: np.ndarray | None
    ) -> np.ndarray:
        """Return nearly the mean over texts of each museum's best item of a level, (B,)."""
        rows, cosines = nearest.nearest(level, texts, LISTED, allowed)
        there = [own >= 0 for own in rows]
        found = [self._reduced.owners(level, own[t]) for own, t in zip(rows, there, strict=True)]
        reached = [own[t] for own, t in zip(cosines, there, strict=True)]
        return likeness(found, reached, self._reduced.sizes["museum"])

    def _likely_to_show(
        self, asked: np.ndarray, nearest: NearestItems, allowed: np.ndarray | None
    ) -> np.ndarray:
        """Return nearly how likely each museum shows all phrases, their vectors (P, H): (B,).

        A museum of which no room is found for a phrase has the least that was found.
        """
        total = np.ones(self._reduced.sizes["museum"], np.float32)
        rows, cosines = nearest.nearest("room", asked, LISTED, allowed)
        for own, reached in zip(rows, cosines, strict=True):
            there = own >= 0
            shown = self._plans.shown(own[there], reached[there])
            museums = self._reduced.owners("room", own[there])
            total *= likeness([museums], [shown], len(total))
        return total
