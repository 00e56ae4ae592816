"""Which museums of a collection are searched: those that pass filters, and the limits of a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.reading.query_plan import Plan, room_limits

# By name the values of an attribute that are allowed, which are whatever JSON holds; none: all are.
Filters = Mapping[str, Sequence[Any] | None]
NO_SUCH_SIZE = "No museum here has that number of rooms, so the limit is left out."


@dataclass(frozen=True, eq=False)
class Allowed:
    """Museums that may be found: their rows (M,), rising, and what left these.

    An engine that filters by itself takes ``filters`` and ``limits`` of the number of rooms, each
    the least and the most (None: no end).
    """

    rows: np.ndarray
    filters: Filters = field(default_factory=dict)
    limits: tuple[tuple[int | None, int | None], ...] = ()


def allowed_museums(
    collection: Collection, filters: Filters, plan: Plan | None
) -> tuple[Allowed, tuple[str, ...]]:
    """Return the museums that pass filters and the limits of a plan, and notes.

    Raises HicalmError if none passes the filters.
    """
    rows, notes = rows_within_limits(collection, plan, allowed_rows(collection, filters))
    limits = () if notes else tuple((limit.min, limit.max) for limit in room_limits(plan))
    return Allowed(rows, filters, limits), notes


def allowed_rows(collection: Collection, filters: Filters) -> np.ndarray:
    """Return the rows (M,) of museums that pass all filters. Raises HicalmError if none does."""
    passing = np.ones(len(collection.museums), bool)
    for name, wanted in filters.items():
        if wanted:
            passing &= _passing(collection, name, wanted)
    if not passing.any():
        raise HicalmError("No museum passes all filters. Remove one of them.")
    return np.flatnonzero(passing)


def rows_within_limits(
    collection: Collection, plan: Plan | None, rows: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return those of some museums (M,) whose number of rooms is as a plan wants it, and notes.

    Where none is, all stay, and a note says so.
    """
    sizes = collection.room_counts[rows]
    inside = np.ones(len(rows), bool)
    for limit in room_limits(plan):
        inside &= (sizes >= (limit.min or 0)) & (sizes <= (limit.max or np.inf))
    return (rows[inside], ()) if inside.any() else (rows, (NO_SUCH_SIZE,))


def _passing(collection: Collection, name: str, wanted: Sequence[Any]) -> np.ndarray:
    """Return which museums pass one filter, bool (B,)."""
    columns = collection.columns
    if name == "rooms":
        least, most = wanted
        return (collection.room_counts >= least) & (collection.room_counts <= most)
    values = (wanted,) if isinstance(wanted, str) else wanted
    return columns.in_split(values) if name == "split" else columns.having(name, values)
