"""Candidates by what is stored of all rooms and museums: the embedded engine of a collection whose
vectors lie in files.

A query is scored in every museum as ``rank`` does it, but views count as their room does, and what
is asked of rooms is read from what is stored of them (``NarrowPlans.rough_values``). So the views,
which are nine tenths of the vectors, are read of the candidates alone.
"""

from dataclasses import replace

import numpy as np

from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import level_cosines
from hicalm.search.museum_filters import Allowed
from hicalm.search.narrow_plans import NarrowPlans

KEPT = 1_000  # museums that are scored exactly: see docs/results.md


class RoomCandidates:
    """The likely museums of a collection by its rooms."""

    by_default = True
    kept: int | None = KEPT

    def __init__(self, index: MuseumIndex, plans: NarrowPlans) -> None:
        rooms = np.ones(len(index.room), np.int64)
        self._rooms = replace(index, view=index.room, view_counts=rooms)  # a room is its only view
        self._plans = plans

    def prepare(self) -> None:
        """Do nothing: what is needed lies there."""

    def museums(self, query: Query, allowed: Allowed, kept: int) -> np.ndarray:
        """Return the rows of at most ``kept`` allowed museums, the likeliest first."""
        if len(allowed.rows) <= kept:
            return allowed.rows
        vectors = query.vectors
        by_room = replace(
            vectors, sentence=vectors.paragraph, sentence_counts=vectors.paragraph_counts
        )
        total = level_cosines(by_room, self._rooms)[0] @ query.weights
        if query.plan_weight:
            total = total + query.plan_weight * self._plans.rough_values(query)
        best = np.argpartition(-total[allowed.rows], kept)[:kept]
        return allowed.rows[best[np.argsort(-total[allowed.rows[best]], kind="stable")]]
