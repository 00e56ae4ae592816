"""What a visitor sees through a door: the next room, in the right perspective.

The camera never moves, so the view through an opening is one fixed picture on the wall's plane.
"""

import math
from dataclasses import dataclass

import numpy as np

from hicalm.world.layout import DOOR_HEIGHT, Door, RoomLayout
from hicalm.world.lighting import Lighting
from hicalm.world.palettes import rgb
from hicalm.world.plan import DOOR_WIDTH

WALL_THICKNESS = 0.2


@dataclass(frozen=True)
class Beyond:
    """The next room as far as a door shows it; its colours are lit, float32 (3,) each.

    ``left`` and ``right`` are its side walls' distances from the door's left end (u), metres.
    """

    left: float
    right: float
    depth: float
    height: float
    wall: np.ndarray
    floor: np.ndarray
    picture: np.ndarray


def look_through(
    room: RoomLayout, door: Door, beyond: Beyond, lighting: Lighting, shape: tuple[int, int]
) -> np.ndarray:
    """Return the picture that fills the opening, float32 (height, width, 3) for ``shape``."""
    camera_u, distance = room.camera_on(door.wall)
    u = (np.arange(shape[1], dtype=np.float32) + 0.5) / shape[1] * DOOR_WIDTH
    y = DOOR_HEIGHT * (1 - (np.arange(shape[0], dtype=np.float32) + 0.5) / shape[0])
    # Per metre that a ray goes beyond the wall it moves by these slopes sideways and upwards.
    aside = ((u + np.float32(door.left - camera_u)) / np.float32(distance))[None, :]
    rise = ((y - np.float32(room.camera[1])) / np.float32(distance))[:, None]
    u, y = u[None, :], y[:, None]
    with np.errstate(divide="ignore"):
        to_side = np.where(aside < 0, (beyond.left - u) / aside, (beyond.right - u) / aside)
        to_level = np.where(rise < 0, -y / rise, (beyond.height - y) / rise)
    reach = np.minimum(np.minimum(to_side, to_level), beyond.depth)
    image = np.broadcast_to(beyond.wall, (*shape, 3)).astype(np.float32)
    shade = 1 - 0.3 * np.clip(reach / (beyond.depth + 1e-6), 0, 1) ** 4 * 0.4
    image[(reach == to_side) & (reach < beyond.depth)] *= 0.84
    height_there = y + rise * reach
    image[height_there < 0.13] = beyond.wall * 0.5 + 70  # the skirting; the floor covers the rest
    level = np.broadcast_to(reach == to_level, shape)
    image[level & (rise < 0)] = beyond.floor
    image[level & (rise >= 0)] = rgb("d9d7d1") * 0.9
    _back_picture(image, u + aside * reach, height_there, reach >= beyond.depth, beyond)
    image *= shade[..., None]
    jamb = np.abs(u + aside * WALL_THICKNESS - DOOR_WIDTH / 2) > DOOR_WIDTH / 2
    image[np.broadcast_to(jamb, shape)] = rgb("cfcabf") * 0.8 * lighting.ambient * lighting.tint
    lintel = np.broadcast_to(y + rise * WALL_THICKNESS > DOOR_HEIGHT, shape)
    image[lintel] = rgb("cfcabf") * 0.6 * lighting.ambient * lighting.tint
    return np.clip(image, 0, 255)


def _back_picture(
    image: np.ndarray, u: np.ndarray, y: np.ndarray, on_back: np.ndarray, beyond: Beyond
) -> None:
    """Hint at a picture on the far wall of the next room."""
    centre = (beyond.left + beyond.right) / 2
    across, up = np.abs(u - centre), np.abs(y - 1.55)
    image[on_back & (across < 0.92) & (up < 0.67)] = rgb("4a3a28")
    inside = on_back & (across < 0.84) & (up < 0.59)
    image[inside] = beyond.picture
    waves = 1.55 + 0.16 * np.sin(3.1 * u + math.pi * beyond.depth)
    image[inside & (y < waves)] = beyond.picture * 0.62
