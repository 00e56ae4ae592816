"""Rooms of museums whose views nobody sorted: views that look alike are taken for one room.

Average linkage (Sokal and Michener 1958) of the cosine distances of a museum's views: two groups
become one while their views are no further apart, on average, than ``SHARE`` of the mean distance
of two views of the collection. It reads the encoder's features alone, never a text, so that the
rooms of a museum tell nothing of the texts that it is searched with. Assorted pictures are sorted
by what they have in common (``sort_views``). Sizes: B museums, ΣR rooms found, ΣV views.
"""

from collections.abc import Callable

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.rows import Rows, mean_distance
from hicalm.geometry import unit
from hicalm.ragged import Array, offsets

SHARE = 0.6  # of the mean distance of two views: how far apart those of one room may be
LEAST_VIEWS = 9  # of assorted pictures, few of which are sorted no better than by chance


def group_views(views: Array, distance: float) -> Array:
    """Return the room (V,) of each view of one museum, numbered from 0 by their first views.

    ``views`` (V, D) are features, ``distance`` how far apart, as cosines, those of one room may be.
    """
    if len(views) < 2:
        return np.zeros(len(views), np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage  # its import takes half a second
    from scipy.spatial.distance import squareform

    rows = unit(views)
    # a view without features is like no other; rounding takes cosines beyond 1
    apart = np.clip(1 - rows @ rows.T, 0, 2)
    found = fcluster(
        linkage(squareform(apart, checks=False), "average"), distance, criterion="distance"
    )
    return _numbered(found)


def sort_views(views: Array, distance: float) -> Array:
    """Return the room (V,) of each view of one museum of assorted pictures, numbered from 0.

    ``views`` (V, D) and ``distance`` are those of ``group_views``, and so are the rooms as long as
    they have two views or more on average. Pictures that are not taken in a few rooms are less
    alike than that: what is left of them without their mean sorts them into √V rooms (Ward 1963).
    """
    alike = group_views(views, distance)
    if len(views) < 2 or 2 * (alike.max() + 1) <= len(views):
        return alike
    from scipy.cluster.hierarchy import fcluster, linkage

    rows = unit(views)
    tree = linkage(unit(rows - rows.mean(axis=0)), "ward")
    return _numbered(fcluster(tree, round(len(views) ** 0.5), criterion="maxclust"))


def discover_rooms(views: Rows, museum_views: Array) -> tuple[Array, Array, Array]:
    """Find the rooms of museums: views (ΣV, D), museum_views (B,) -> order, counts, rooms.

    Returns the order (ΣV,) that brings the views of each room together, view_counts (ΣR,) and
    room_counts (B,).
    """
    distance, bounds = SHARE * mean_distance(views), offsets(museum_views)
    rooms = [
        group_views(np.asarray(views[first:last]), distance)
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    ]
    room_counts = np.array([room.max() + 1 for room in rooms], np.int64)
    room = np.concatenate(rooms) + np.repeat(np.cumsum(room_counts) - room_counts, museum_views)
    return np.argsort(room, kind="stable"), np.bincount(room), room_counts


def discovered_rooms(
    collection: Collection, museum_id: str, sort: Callable[[Array, float], Array] = group_views
) -> tuple[tuple[int, ...], ...]:
    """Return the views, from 0, of each room found in a museum whose views are all in one room.

    ``sort`` is ``group_views`` or ``sort_views``. Empty where the rooms are known, where all views
    are alike, and without features. Raises HicalmError for an unknown museum.
    """
    museum = collection.row(museum_id)
    own = collection.museums[museum].rooms
    if len(own) > 1 or "view" not in collection.features.arrays:
        return ()
    views = collection.features.rows("view")
    first = int(collection.view_counts[: collection.room_counts[:museum].sum()].sum())
    rows = np.asarray(views[first : first + own[0].views])
    room = sort(rows, SHARE * collection.view_distance)
    if not room.any():
        return ()
    return tuple(tuple(np.flatnonzero(room == one).tolist()) for one in range(room.max() + 1))


def _numbered(groups: Array) -> Array:
    """Return the number of each view's group (V,), from 0 by the first views of the groups."""
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group]
