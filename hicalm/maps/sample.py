"""The museums that maps show where they do not show all of a collection.

They are drawn evenly at random, and known by the keys of their ids (``museum_columns``), so that
they are found again where museums were added or put in another order.
"""

from dataclasses import dataclass

import numpy as np

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError


@dataclass(frozen=True, eq=False)
class Sample:
    """Museums of a collection: their ``rows``, int64 (N,), and the ``keys`` of their ids, uint64
    (N,)."""

    rows: np.ndarray
    keys: np.ndarray

    @classmethod
    def draw(cls, collection: Collection, count: int, seed: int) -> "Sample | None":
        """Draw ``count`` museums, in the order of the collection; None where it has no more."""
        total = len(collection.museums)
        if count >= total:
            return None
        rows = np.sort(np.random.default_rng(seed).choice(total, count, replace=False))
        return cls(rows, collection.columns.keys_of(rows))

    @classmethod
    def find(cls, collection: Collection, keys: np.ndarray) -> "Sample":
        """Find the museums of keys, in their order.

        Raises HicalmError for keys of no museum of the collection, and for what are no keys.
        """
        if keys.dtype != np.uint64 or keys.ndim != 1 or not len(keys):
            raise HicalmError("The museums of the maps are damaged: they are no list of keys.")
        if len(np.unique(keys)) < len(keys):
            raise HicalmError("The museums of the maps are damaged: one is there twice.")
        rows = collection.columns.rows_of(keys)
        if missing := int((rows < 0).sum()):
            raise HicalmError(
                f"The maps show a sample of {len(keys):,} museums, of which '{collection.name}' "
                f"lacks {missing:,}."
            )
        return cls(rows, keys)


def shown_museums(collection: Collection, sample: Sample | None) -> Collection:
    """Return a collection of the museums that maps show."""
    return collection if sample is None else collection.select(sample.rows.tolist())
