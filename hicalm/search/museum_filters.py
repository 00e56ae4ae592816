"""Which museums of a collection are searched: those that pass filters, and the limits of a plan."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hicalm.data.collection import Collection, Museum
from hicalm.errors import HicalmError
from hicalm.reading.query_plan import Plan, room_limits

# By name the values of an attribute that are allowed, which are whatever JSON holds; none: all are.
Filters = Mapping[str, Sequence[Any] | None]
NO_SUCH_SIZE = "No museum here has that number of rooms, so the limit is left out."


def allowed_rows(collection: Collection, filters: Filters) -> np.ndarray:
    """Return the rows (M,) of museums that pass all filters. Raises HicalmError if none does."""
    rows = [
        row
        for row, museum in enumerate(collection.museums)
        if all(_passes(museum, name, wanted) for name, wanted in filters.items() if wanted)
    ]
    if not rows:
        raise HicalmError("No museum passes all filters. Remove one of them.")
    return np.array(rows)


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


def _passes(museum: Museum, name: str, wanted: Sequence[Any]) -> bool:
    if name == "rooms":
        min_rooms, max_rooms = wanted
        return min_rooms <= len(museum.rooms) <= max_rooms
    wanted = (wanted,) if isinstance(wanted, str) else wanted
    value = museum.split if name == "split" else museum.attributes.get(name)
    return value in wanted
