"""The camera that takes a room's views: it stands still and turns, so a view is a pure rotation.

Room coordinates are metres: x to the right and z ahead for view 0, y up from the floor.
View v looks at yaw 30 v degrees (clockwise seen from above) and slightly down.
"""

import math

import numpy as np

VIEWS_PER_ROOM = 12
STEP = 2 * math.pi / VIEWS_PER_ROOM  # radians between two views
FIELD_OF_VIEW = math.radians(68)  # horizontal
PITCH = math.radians(-7)
ASPECT = 4 / 3
HALF_WIDTH = math.tan(FIELD_OF_VIEW / 2)  # of the picture plane at distance 1
HALF_HEIGHT = HALF_WIDTH / ASPECT
NEAR = 0.05  # metres: what is closer is not drawn


def picture_height(width: int) -> int:
    """Return the height in pixels of a 4:3 picture of the given width."""
    return round(width / ASPECT)


def rays(view: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the direction of every pixel's ray, not of unit length.

    Returns x (height, width), y (height, 1) and z (height, width), float32: the y component is
    the same for a whole row because the camera is never rolled.
    """
    height = picture_height(width)
    across = ((np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1) * np.float32(HALF_WIDTH)
    up = (1 - (np.arange(height, dtype=np.float32) + 0.5) / height * 2) * np.float32(HALF_HEIGHT)
    ahead = (math.cos(PITCH) - up * math.sin(PITCH)).astype(np.float32)[:, None]
    rise = (math.sin(PITCH) + up * math.cos(PITCH)).astype(np.float32)[:, None]
    sine, cosine = np.float32(math.sin(view * STEP)), np.float32(math.cos(view * STEP))
    return across * cosine + ahead * sine, rise, ahead * cosine - across * sine


def project(
    points: np.ndarray, camera: np.ndarray, view: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Project points (..., 3) in metres; return pixels (..., 2) and depth (...) along the axis.

    Points behind the camera get a meaningless pixel: look at their depth (below NEAR) first.
    """
    offset = np.asarray(points, np.float64) - camera
    sine, cosine = math.sin(view * STEP), math.cos(view * STEP)
    across = offset[..., 0] * cosine - offset[..., 2] * sine
    ahead = offset[..., 0] * sine + offset[..., 2] * cosine
    depth = ahead * math.cos(PITCH) + offset[..., 1] * math.sin(PITCH)
    up = offset[..., 1] * math.cos(PITCH) - ahead * math.sin(PITCH)
    safe = np.maximum(depth, NEAR)  # never divide by a depth of zero or less
    columns = (across / safe / HALF_WIDTH + 1) / 2 * width
    rows = (1 - up / safe / HALF_HEIGHT) / 2 * picture_height(width)
    return np.stack([columns, rows], axis=-1), depth
