"""Whether a picture is such as the built-in encoder was taught: it is as confident of others.

A picture is known where its features are near to those of some view of the built-in collection, by
the cosine of both less the mean of the views. The threshold is the highest that refuses at most 2 %
of the collection's own views, each among those of all other museums; photographs, of which it
refuses 80 %, played no part in it (benchmarks/known_pictures.py).
Sizes: N pictures, V views, D features.
"""

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.pictures import is_world
from hicalm.data.rows import Rows
from hicalm.encoders.builtin import BUILTIN

KNOWN_FROM = 0.69  # a cosine
MAX_COMPARED = 100_000  # views, the first of the collection


class KnownPictures:
    """The views that pictures are compared with."""

    def __init__(self, views: np.ndarray) -> None:
        """``views`` float32 (V, D) as they were encoded; they are kept as they are."""
        self._views, self._mean = views, views.mean(axis=0)
        squared = np.einsum("vd,vd->v", views, views) - 2 * views @ self._mean
        self._norms = np.sqrt(np.maximum(squared + self._mean @ self._mean, 1e-12))

    @classmethod
    def of(cls, collection: Collection, views: Rows) -> "KnownPictures | None":
        """Return those of a built-in world that the built-in encoder has read; None elsewhere.

        ``views`` (V, D or more) begin with its features.
        """
        fingerprint = collection.features.fingerprints.get("view")
        if fingerprint is None or fingerprint.name != BUILTIN:
            return None
        if not is_world(collection):
            return None
        first = views[:MAX_COMPARED].astype(np.float32, copy=False)
        return cls(first[:, : fingerprint.dim])

    def nearness(self, features: np.ndarray) -> np.ndarray:
        """Return the cosine, -1..1, of pictures' features (N, D) with their nearest view, (N,)."""
        own = features - self._mean
        cosines = (own @ self._views.T - (own @ self._mean)[:, None]) / self._norms
        return cosines.max(axis=1) / np.maximum(np.linalg.norm(own, axis=1), 1e-12)

    def know(self, features: np.ndarray) -> np.ndarray:
        """Tell which pictures are known, by their features (N, D): bool (N,)."""
        return self.nearness(features) >= KNOWN_FROM
