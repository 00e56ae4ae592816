"""Candidates from a Milvus index: each level names its nearest museums."""

import numpy as np

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS
from hicalm.retrieval.query import Query
from hicalm.search.candidates import likeness
from hicalm.search.indexing import collection_hash
from hicalm.search.milvus_index import IndexState, MilvusIndex
from hicalm.search.museum_filters import Allowed

MAX_UNSEARCHED = 20_000  # museums that are all scored for a query that is near to none
MAX_TEXTS = 8  # of a query at one level; of more, so many at even distances
KEPT = 500  # museums a level is asked for, and that are scored exactly: see docs/results.md


class MilvusCandidates:
    """The likely museums of a collection by its index."""

    by_default = True
    kept: int | None = KEPT

    def __init__(self, index: MilvusIndex, collection: Collection) -> None:
        self._index = index
        self._rows = {museum.id: row for row, museum in enumerate(collection.museums)}

    def prepare(self) -> None:
        """Bring the index into memory."""
        self._index.load()

    def museums(self, query: Query, allowed: Allowed, kept: int) -> np.ndarray:
        """Return the rows of at most ``kept`` allowed museums, the likeliest first.

        A query that says only what is not wanted is near to nothing: all allowed museums go on.
        Raises HicalmError where these are too many, and where the index does not answer.
        """
        if len(allowed.rows) <= kept:
            return allowed.rows
        if not query.weights.any():
            if len(allowed.rows) > MAX_UNSEARCHED:
                raise HicalmError(
                    f"There are {len(allowed.rows):,} museums to search. Say also what the museum "
                    "should show, or narrow them by filters."
                )
            return allowed.rows
        total = np.zeros(len(self._rows), np.float32)
        vectors = query.vectors
        texts = (vectors.museum, vectors.paragraph, vectors.sentence)
        for level, own, weight in zip(LEVELS, texts, query.weights, strict=True):
            if weight:
                total += weight * self._likeness(level, own, kept, allowed)
        return allowed.rows[np.argsort(-total[allowed.rows], kind="stable")[:kept]]

    def _likeness(self, level: str, texts: np.ndarray, kept: int, allowed: Allowed) -> np.ndarray:
        """Return the mean over texts of the cosine of each museum's best item, (B,)."""
        if len(texts) > MAX_TEXTS:
            texts = texts[np.linspace(0, len(texts) - 1, MAX_TEXTS).round().astype(int)]
        found, values = [], []
        for hits in self._index.nearest(level, texts, kept, allowed):
            known = [hit for hit in hits if hit[0] in self._rows]  # the index may be newer
            found.append(np.array([self._rows[museum] for museum, _ in known], np.int64))
            values.append(np.array([cosine for _, cosine in known], np.float32))
        return likeness(found, values, len(self._rows))


def open_candidates(address: str, collection: Collection, checkpoint: str) -> MilvusCandidates:
    """Return the candidates of a collection from the index at an address.

    ``checkpoint`` is the hash of the model in use. Raises HicalmError where there is no index of
    this collection, or it was made for other models or museums, or is not complete.
    """
    index = MilvusIndex.open(address, collection.name)
    state = index.state()
    shown = index.address
    again = f"`python -m hicalm index {collection.folder or 'COLLECTION'} --to {shown}`"
    if state is None:
        raise HicalmError(f"There is no index of '{collection.name}' at {shown}. Make it: {again}.")
    if why := _mismatch(state, collection, checkpoint):
        raise HicalmError(f"The index at {shown} {why} Bring it up to date: {again}.")
    index.load()
    return MilvusCandidates(index, collection)


def _mismatch(state: IndexState, collection: Collection, checkpoint: str) -> str:
    """Say why an index does not fit, as the rest of a sentence; empty where it does."""
    encoder = collection.features.fingerprints["view"].label
    if state.checkpoint != checkpoint:
        return f"has vectors of the model {state.checkpoint}, but {checkpoint} is in use."
    if state.encoder != encoder:
        return f"was made of features of {state.encoder}, but the collection has {encoder}."
    if not state.complete:
        return "is not complete: its making was interrupted, or still runs."
    if state.content != collection_hash(collection):
        return f"holds other museums than '{collection.name}' has today."
    return ""
