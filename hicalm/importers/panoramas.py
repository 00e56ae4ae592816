"""A panorama is a room: an equirectangular picture becomes views all round.

Its columns are directions, the middle one ahead, and its rows are heights, from above to below. The
views are those of the camera of the built-in world, which stands still and turns: view v looks
30 v degrees to the right of the middle.
"""

import io
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hicalm.data.picture_files import read_picture
from hicalm.world.camera import FIELD_OF_VIEW, VIEWS_PER_ROOM, rays

LEAST_WIDTH, MOST_WIDTH = 320, 960  # pixels of a view
LEAST_HEIGHT = 2_000  # pixels of a panorama that is read at a smaller scale
_TURN = 2 * math.pi


def panorama_views(file: Path | io.BytesIO) -> Iterator[np.ndarray]:
    """Yield the ``VIEWS_PER_ROOM`` views of an equirectangular picture, uint8 RGB (h, w, 3), 4:3.

    Raises HicalmError for what is no picture or too large.
    """
    import cv2  # late: the app is there sooner

    sharpest = round(MOST_WIDTH * _TURN / FIELD_OF_VIEW)  # pixels all round that views can show
    picture = read_picture(file, LEAST_HEIGHT)
    if picture.shape[1] > sharpest:
        picture = cv2.resize(picture, (sharpest, sharpest // 2), interpolation=cv2.INTER_AREA)
    width = max(LEAST_WIDTH, round(picture.shape[1] * FIELD_OF_VIEW / _TURN))
    for view in range(VIEWS_PER_ROOM):
        # What follows the last column is the first one; no view reaches the edge above or below.
        yield cv2.remap(
            picture,
            *_places(picture.shape[:2], view, width),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )


def _places(shape: tuple[int, ...], view: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which column and row of a panorama each pixel of a view shows, float32 (h, w)."""
    (height, around), (x, y, z) = shape, rays(view, width)
    column = (np.arctan2(x, z) / _TURN + 0.5) * around - 0.5
    row = (0.5 - np.arctan2(y, np.hypot(x, z)) / math.pi) * height - 0.5
    return column.astype(np.float32), row.astype(np.float32)
