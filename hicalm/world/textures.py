"""Lit textures of a room's walls, floor and ceiling, and the paintings hung on the walls.

Every face is a uint8 RGB image drawn in place into the room's atlas. Light changes slowly across
a face, so it is computed at LIGHT_SCALE pixels per metre and enlarged.
"""

from functools import lru_cache

import cv2
import numpy as np

from hicalm.world import canvas, doors, floors
from hicalm.world.layout import (
    CASING,
    DOOR_HEIGHT,
    HANGING_HEIGHT,
    Door,
    Hanging,
    RoomLayout,
)
from hicalm.world.lighting import Lighting, edge_shade
from hicalm.world.palettes import rgb
from hicalm.world.plan import DOOR_WIDTH

LIGHT_SCALE = 20
WALL_RGB = {
    "white": "f2efe7",
    "red": "922b28",
    "blue": "2c4f86",
    "green": "3c6b4c",
    "grey": "83878d",
    "yellow": "e6c455",
    "pink": "dc9fab",
    "black": "222327",
}
FRAME_RGB = {
    "gold": "b8903f",
    "black": "211e1c",
    "walnut": "5f3d24",
    "white": "e9e5db",
    "bronze": "7a5c31",
    "oak": "b48a58",
}
TRIM = rgb("efece4")
SKIRTING, CORNICE = 0.13, 0.07  # metres
BRIGHTEST = 1.3  # the strongest light a face can get
GRAIN_STEP = 512  # pixels: grain is kept in multiples of this size


def wall_colour(name: str, rng: np.random.Generator) -> np.ndarray:
    """Return the named wall colour moved a little, float32 (3,)."""
    return canvas.jitter(rng, rgb(WALL_RGB[name]), 4).astype(np.float32)


def paint_wall(
    face: np.ndarray,
    room: RoomLayout,
    wall: int,
    colour: np.ndarray,
    lighting: Lighting,
    hangings: list[Hanging],
    scale: int,
) -> None:
    """Paint a lit wall with trim, door casings, shadows and spots, still without pictures."""
    height, width = face.shape[:2]
    face[:] = _plastered(height, width, colour)
    trim = np.clip(TRIM * 0.75 + colour * 0.25, 0, 250).astype(np.uint8)
    skirting, cornice, line = (max(1, round(size * scale)) for size in (SKIRTING, CORNICE, 0.012))
    face[-skirting:] = trim
    face[-skirting - line : -skirting] = trim * 0.7
    face[:cornice] = trim
    face[cornice : cornice + line] = trim * 0.72
    for door in room.doors:
        if door.wall == wall:
            _casing(face, door.left, trim, scale)
    light = _wall_light(room, wall, hangings, lighting)
    face[:] = _lit(face, light, lighting)


def paint_pictures(
    face: np.ndarray,
    hangings: list[Hanging],
    pictures: list[np.ndarray],
    lighting: Lighting,
    scale: int,
) -> None:
    """Draw frame, mat, picture and label of every painting of a wall."""
    for hanging, picture in zip(hangings, pictures, strict=True):
        slot = hanging.slot
        middle = (slot.centre * scale, face.shape[0] - HANGING_HEIGHT * scale)
        half = np.array([hanging.width, hanging.height]) / 2 * scale
        left, top = (round(middle[axis] - half[axis]) for axis in (0, 1))
        right, bottom = (round(middle[axis] + half[axis]) for axis in (0, 1))
        mat, frame = (round(size * scale) for size in (slot.mat, slot.frame))
        tone = lighting.art * lighting.art_tint
        box = (left - mat, top - mat, right + mat, bottom + mat)
        _frame(face, box, frame, rgb(FRAME_RGB[slot.style]) * tone)
        if mat:
            face[box[1] : box[3], box[0] : box[2]] = np.clip(rgb("f1eee5") * tone, 0, 255)
            line = ((left - 1, top - 1), (right, bottom))
            cv2.rectangle(face, *line, (rgb("b9b4a8") * tone).tolist(), 1)
        size = (right - left, bottom - top)
        smaller = size[0] < picture.shape[1]
        resized = cv2.resize(
            picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
        )
        falloff = np.linspace(1.03, 0.95, size[1], dtype=np.float32)[:, None, None]
        shadow = max(1, round(0.02 * scale))  # the frame's edge shades the canvas below it
        falloff[:shadow] *= 0.78
        light = np.broadcast_to(falloff * tone, (size[1], size[0], 3))
        face[top:bottom, left:right] = cv2.multiply(
            resized, np.ascontiguousarray(light), dtype=cv2.CV_8U
        )
        _label(face, box[2] + frame, bottom, tone, scale)


def paint_door(
    face: np.ndarray,
    room: RoomLayout,
    door: Door,
    beyond: doors.Beyond,
    lighting: Lighting,
    scale: int,
) -> None:
    """Draw what is seen of the next room through a door."""
    left, right = round(door.left * scale), round((door.left + DOOR_WIDTH) * scale)
    top = face.shape[0] - round(DOOR_HEIGHT * scale)
    face[top:, left:right] = doors.look_through(
        room, door, beyond, lighting, (face.shape[0] - top, right - left)
    )


def paint_ground(
    face: np.ndarray,
    room: RoomLayout,
    floor: str,
    lighting: Lighting,
    rng: np.random.Generator,
    scale: int,
) -> None:
    """Paint the lit floor; row 0 is at z = 0, with contact shadows under the objects."""
    height, width = face.shape[:2]
    rows, columns = round(room.depth * LIGHT_SCALE), round(room.width * LIGHT_SCALE)
    light = edge_shade(rows, columns, 0.7 * LIGHT_SCALE, 0.6)
    light *= lighting.ambient * 0.92 + lighting.spot * 0.3
    y, x = canvas.pixel_grid(rows, columns)
    if lighting.skylight:
        pool = ((x / columns - 0.5) / 0.36) ** 4 + ((y / rows - 0.5) / 0.36) ** 4
        light *= 0.9 + 0.26 * np.exp(-pool)
    for placement in room.objects:
        reach = np.array([0.95, 0.38] if placement.kind == "bench" else [0.42, 0.42])
        if placement.kind == "bench" and abs(np.sin(placement.turn)) > 0.5:
            reach = reach[::-1]
        reach = reach * LIGHT_SCALE
        squared = ((x - placement.x * LIGHT_SCALE) / reach[0]) ** 2
        squared += ((y - placement.z * LIGHT_SCALE) / reach[1]) ** 2
        light *= 1 - 0.6 * np.exp(-(squared**1.3))
    texture = floors.paint_floor(floor, rng, height, width, scale)
    texture = cv2.convertScaleAbs(np.maximum(texture, 0))
    face[:] = _lit(texture, light, lighting)


def paint_ceiling(face: np.ndarray, room: RoomLayout, lighting: Lighting, scale: int) -> None:
    """Paint the lit ceiling with its skylight or its rails of spots; row 0 is at z = 0."""
    height, width = face.shape[:2]
    face[:] = _plastered(height, width, rgb("eae9e5"))
    rows, columns = round(room.depth * LIGHT_SCALE), round(room.width * LIGHT_SCALE)
    light = edge_shade(rows, columns, 0.6 * LIGHT_SCALE, 0.78)
    face[:] = _lit(face, light * (lighting.ambient * 0.94 + 0.04), lighting)
    if lighting.skylight:
        _skylight(face)
        return
    rail = 0.75 * scale
    corners = ((rail, rail), (width - rail, height - rail))
    low, high = (tuple(int(value) for value in corner) for corner in corners)
    cv2.rectangle(face, low, high, (48, 48, 50), max(2, round(0.045 * scale)))
    radius = max(2, round(0.06 * scale))
    for share in np.linspace(0.04, 0.96, 7):
        x, y = low[0] + share * (high[0] - low[0]), low[1] + share * (high[1] - low[1])
        for spot in ((x, low[1]), (x, high[1]), (low[0], y), (high[0], y)):
            centre = (round(spot[0]), round(spot[1]))
            cv2.circle(face, centre, radius + max(1, radius // 3), (40, 40, 42), -1, cv2.LINE_AA)
            cv2.circle(face, centre, radius, lighting.bulb, -1, cv2.LINE_AA)


def _plastered(height: int, width: int, colour: np.ndarray) -> np.ndarray:
    grain = _plaster(-(-max(height, width) // GRAIN_STEP) * GRAIN_STEP)[:height, :width]
    # OpenCV's stubs leave out that one colour may stand for a picture
    return cv2.add(grain, (*np.clip(colour, 4, 250).tolist(), 0))  # type: ignore[call-overload]


@lru_cache(maxsize=4)
def _plaster(size: int) -> np.ndarray:
    """Return fine grain that keeps slow gradients from banding, uint8 0..4 (size, size, 3)."""
    grain = np.random.default_rng(0).integers(0, 5, (size, size, 1), dtype=np.uint8)
    return np.repeat(grain, 3, axis=2)


def _lit(albedo: np.ndarray, light: np.ndarray, lighting: Lighting) -> np.ndarray:
    """Light a face; the light travels as bytes, which is fast, and the grain hides the steps."""
    coloured = cv2.convertScaleAbs(light[..., None] * lighting.tint, alpha=255 / BRIGHTEST)
    enlarged = cv2.resize(coloured, (albedo.shape[1], albedo.shape[0]))
    return cv2.multiply(albedo, enlarged, scale=BRIGHTEST / 255)


def _wall_light(
    room: RoomLayout, wall: int, hangings: list[Hanging], lighting: Lighting
) -> np.ndarray:
    """Return the brightness of a wall at LIGHT_SCALE, float32 (rows, columns)."""
    rows, columns = (
        round(room.height * LIGHT_SCALE),
        round(room.wall_length(wall) * LIGHT_SCALE),
    )
    y, x = canvas.pixel_grid(rows, columns)
    x, y = x / LIGHT_SCALE, room.height - y / LIGHT_SCALE  # metres, y upwards
    light = edge_shade(rows, columns, 0.75 * LIGHT_SCALE, 0.8) * lighting.ambient
    if lighting.skylight:
        light *= 0.84 + 0.24 * y / room.height
    shadows = np.ones_like(light)
    for hanging in hangings:
        centre, half = hanging.slot.centre, hanging.width / 2 + hanging.slot.frame
        # A lamp near the ceiling throws a cone that widens downwards, brightest in its middle.
        below = np.clip(room.height - y, 0.05, None)
        cone = 0.18 + below * (0.62 * half)
        beam = np.exp(-(np.abs((x - centre) / cone) ** 3.2))
        fall = np.exp(-(((y - HANGING_HEIGHT - 0.15) / (0.62 * hanging.height + 0.35)) ** 2))
        light += lighting.spot * beam * (0.25 * np.clip(below * 2, 0, 1) + 0.75 * fall)
        box = _shadow_box(room, hanging)
        cv2.rectangle(shadows, box[0], box[1], 1 - 0.5 * (1 - 0.4 * lighting.skylight), -1)
    return light * cv2.GaussianBlur(shadows, (0, 0), 0.055 * LIGHT_SCALE)


def _shadow_box(room: RoomLayout, hanging: Hanging) -> tuple[tuple[int, ...], tuple[int, ...]]:
    edge = hanging.slot.frame + hanging.slot.mat
    half = np.array([hanging.width / 2 + edge, hanging.height / 2 + edge])
    middle = np.array([hanging.slot.centre + 0.02, room.height - HANGING_HEIGHT + 0.075])
    low, high = (middle - half) * LIGHT_SCALE, (middle + half) * LIGHT_SCALE
    return tuple(np.round(low).astype(int).tolist()), tuple(np.round(high).astype(int).tolist())


def _casing(face: np.ndarray, left: float, trim: np.ndarray, scale: int) -> None:
    height = face.shape[0]
    casing = CASING * scale
    start, end = left * scale - casing, (left + DOOR_WIDTH) * scale + casing
    top = height - DOOR_HEIGHT * scale - casing
    canvas.polygon(face, [(start, top), (end, top), (end, height), (start, height)], trim)
    inner = 0.3 * casing
    outline = [
        (start + inner, height),
        (start + inner, top + inner),
        (end - inner, top + inner),
        (end - inner, height),
    ]
    canvas.polyline(face, outline, trim * 0.8, 0.012 * scale)


def _frame(
    face: np.ndarray, box: tuple[float, float, float, float], width: int, colour: np.ndarray
) -> None:
    """Draw a bevelled frame around ``box`` (left, top, right, bottom), light from above."""
    left, top, right, bottom = box

    def around(margin: float) -> list[tuple[float, float]]:
        low, high = bottom + margin, top - margin
        start, end = left - margin, right + margin
        return [(start, high), (end, high), (end, low), (start, low)]

    for outer, inner, gain in ((width, 0.35 * width, 1.0), (0.35 * width, 0.0, 0.72)):
        far, near = around(outer), around(inner)
        # top, right, bottom, left; the inner slope leans the other way, so its shades swap
        shades = (1.28, 0.86, 0.66, 1.02) if gain == 1.0 else (0.7, 1.05, 1.35, 0.9)
        for side, shade in enumerate(shades):
            after = (side + 1) % 4
            corners = [far[side], far[after], near[after], near[side]]
            canvas.polygon(face, corners, colour * shade * gain + 8 * (shade > 1))


def _label(face: np.ndarray, left: int, bottom: int, tone: np.ndarray, scale: int) -> None:
    """Put the small card with title and artist at the lower right of a painting."""
    start, end = left + round(0.06 * scale), left + round(0.2 * scale)
    top, low = bottom - round(0.11 * scale), bottom - round(0.01 * scale)
    face[top:low, start:end] = np.clip(rgb("f6f4ee") * tone * 0.98, 0, 255)
    for row in range(top + 2, low - 1, max(2, round(0.025 * scale))):
        face[row, start + 2 : end - 2 - (row - top) // 3] = rgb("8d8a84") * tone


def _skylight(face: np.ndarray) -> None:
    height, width = face.shape[:2]
    low, high = (0.14, 0.86)
    x = np.linspace(low, high, 5) * width
    y = np.linspace(low, high, 5) * height
    corners = [(x[0], y[0]), (x[-1], y[0]), (x[-1], y[-1]), (x[0], y[-1])]
    canvas.polygon(face, corners, rgb("d6ecff"))
    line = 0.012 * width
    canvas.polyline(face, [*corners, corners[0]], rgb("a9b2ba"), 1.6 * line)
    for place in range(1, 4):
        canvas.line(face, (x[place], y[0]), (x[place], y[-1]), rgb("97a1aa"), line)
        canvas.line(face, (x[0], y[place]), (x[-1], y[place]), rgb("97a1aa"), line)
