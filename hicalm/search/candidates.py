"""Candidates: the likely museums of a query, which the exact scores then put in order.

An engine finds them: in memory codes (``shortlist``), of vectors in files reduced ones
(``stored_candidates``), both in this process, or a Milvus server (``milvus_candidates``).
Whatever names the candidates, their scores, fits, plans and explanations are those of the exact
search.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from hicalm.retrieval.query import Query
from hicalm.search.museum_filters import Allowed

VECTORS = "vectors"  # in place of an index' address: those in files beside the collection


class Candidates(Protocol):
    """Finds the likely museums of one collection."""

    by_default: bool  # whether every search begins with it
    kept: int | None  # museums that go on, whatever the size of the collection; None: a share

    def museums(self, query: Query, allowed: Allowed, kept: int) -> np.ndarray:
        """Return the rows of at most ``kept`` allowed museums, the likeliest first."""

    def prepare(self) -> None:
        """Make what the first query would wait for."""


def likeness(found: Sequence[np.ndarray], values: Sequence[np.ndarray], museums: int) -> np.ndarray:
    """Return the mean over texts of each museum's best value, float32 (B,).

    ``found`` has for each text the rows of museums, one that comes twice twice, and ``values`` what
    they reached. A museum that was not found counts as if it had reached as little as the last one.
    """
    total = np.zeros(museums, np.float32)
    for rows, reached in zip(found, values, strict=True):
        best = np.full(museums, reached.min(initial=1.0), np.float32)
        np.maximum.at(best, rows, reached)
        total += best
    return total / max(len(found), 1)
