"""Rank museums by codes alone: each sentence of a query by the view whose code is nearest."""

from functools import cached_property

import numpy as np

from hicalm.data.collection import Collection
from hicalm.hashing.heads import HashHeads
from hicalm.hashing.measures import hamming_distances
from hicalm.ragged import starts


class CodeRanker:
    """The codes of a collection's views, made of the encoder's features as VTM-UCH does."""

    def __init__(self, heads: HashHeads, collection: Collection) -> None:
        """Raises HicalmError for features of another encoder than the heads'."""
        collection.features.check_fingerprint("view", heads.fingerprint)
        self._heads = heads
        self._views = collection.features.rows("view")
        views = np.add.reduceat(collection.view_counts, starts(collection.room_counts))
        self._first_views = starts(views)

    @cached_property
    def _codes(self) -> np.ndarray:
        """Made when they are first used (a second): most visitors compare no methods."""
        return self._heads.image_codes(np.asarray(self._views))

    def scores(self, sentences: np.ndarray) -> np.ndarray:
        """Return how alike museums (B,) are to a query's sentences, features (S, D): -1..1."""
        distances = hamming_distances(self._heads.text_codes(sentences), self._codes)
        nearest = np.minimum.reduceat(distances, self._first_views, axis=1).mean(axis=0)
        return (1 - 2 * nearest / self._heads.settings.bits).astype(np.float32)
