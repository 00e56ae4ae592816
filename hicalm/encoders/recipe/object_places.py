"""Where the objects of rendered rooms appear in their views, by the geometry of the world."""

import numpy as np

from hicalm.encoders.picture_store import VIEW_HEIGHT, VIEW_WIDTH
from hicalm.world.camera import HALF_WIDTH, NEAR, project
from hicalm.world.layout import room_layout
from hicalm.world.render import VIEWS_PER_ROOM
from hicalm.world.vocabulary import OBJECTS

TOPS = {"bench": 0.4, "plant": 0.9, "sculpture": 1.1, "column": 1.5, "display case": 1.1}
HALVES = {"bench": 0.8, "plant": 0.5, "sculpture": 0.3, "column": 0.3, "display case": 0.3}
LOWEST_TOP = VIEW_HEIGHT - 6  # pixel row; what begins lower is not seen
ABSENT, PRESENT, UNSURE = 0.0, 1.0, np.nan  # of a column of cells


def object_columns(seed: int, museum: dict, room: int, columns: int) -> np.ndarray:
    """Return which columns of its views show an object, float32 (12, 5, columns).

    1 where the object's middle is, 0 where nothing of it is seen, NaN for its sides, which may or
    may not tell what it is. Objects reach from TOPS to HALVES metres (height, half a width).
    """
    layout = room_layout(seed, museum, room)
    result = np.full((VIEWS_PER_ROOM, len(OBJECTS), columns), ABSENT, np.float32)
    starts = np.arange(columns) * VIEW_WIDTH / columns
    stops = starts + VIEW_WIDTH / columns
    for place in layout.objects:
        kind = OBJECTS.index(place.kind)
        top = np.array([place.x, TOPS[place.kind], place.z])
        for view in range(VIEWS_PER_ROOM):
            (middle, row), depth = project(top, layout.camera, view, VIEW_WIDTH)
            if depth < NEAR:
                continue
            half = HALVES[place.kind] / depth / HALF_WIDTH * VIEW_WIDTH / 2
            own = result[view, kind]
            own[(stops > middle - half) & (starts < middle + half)] = UNSURE
            if row <= LOWEST_TOP:
                own[(starts <= middle) & (middle < stops)] = PRESENT
    return result


__all__ = ["object_columns"]
