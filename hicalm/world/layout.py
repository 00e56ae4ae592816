"""Where things are in a museum: sizes of rooms, doors, paintings and objects, in metres.

Walls are numbered clockwise: wall 0 is ahead of view 0 (z = depth), 1 right, 2 behind, 3 left.
A place on a wall is its distance ``u`` from the wall's left end, seen from inside the room.
On the floor plan x runs to the right and y *down*, as on a screen, so wall 0 is on top.
"""

import math
from dataclasses import dataclass

import numpy as np

from hicalm.world import camera
from hicalm.world.plan import (
    DOOR_INSET,
    DOOR_WIDTH,
    WALLS,
    FloorPlan,
    Rectangle,
    floor_plan,
    painting_counts,
    placed_rooms,
)
from hicalm.world.seeds import generator

__all__ = [
    "Door",
    "FloorPlan",
    "Hanging",
    "Placement",
    "Rectangle",
    "RoomLayout",
    "Slot",
    "facing_view",
    "floor_plan",
    "hang",
    "picture_corners",
    "room_layout",
]

EYE_HEIGHT = 1.55
HANGING_HEIGHT = 1.45  # centre of a painting above the floor
CORNER_MARGIN, TIGHT_MARGIN = 0.4, 0.28  # kept free of paintings: that is where objects stand
ROOM_FOR_MAT = 0.95  # a narrower half width needs all of it for the picture
GAP = 0.1  # between two paintings, or a painting and a door's casing
DOOR_HEIGHT, CASING = 2.15, 0.09
LARGEST_WIDTH, LARGEST_HEIGHT, LARGEST_SHARE = 2.5, 1.9, 0.42
OFF_AXIS = math.radians(9)  # how far a painting may hang from the axis of a view
FRAME_STYLES = ("gold", "black", "walnut", "white", "bronze", "oak")


@dataclass(frozen=True)
class Door:
    """An opening in ``wall`` that starts at ``left`` (u) and leads to room ``leads_to``."""

    wall: int
    left: float
    leads_to: int


@dataclass(frozen=True)
class Slot:
    """Room for one painting: centre u, the widest half that fits, and how it is framed."""

    wall: int
    centre: float
    half: float
    frame: float
    mat: float
    style: str


@dataclass(frozen=True)
class Hanging:
    """A painting on its wall: the slot and the size of the picture itself, metres."""

    slot: Slot
    width: float
    height: float


@dataclass(frozen=True)
class Placement:
    """An object on the floor at (x, z), turned by ``turn`` radians."""

    kind: str
    x: float
    z: float
    turn: float


@dataclass(frozen=True)
class RoomLayout:
    """The geometry of one room; ``camera`` is (x, eye height, z), float64 (3,)."""

    width: float
    depth: float
    height: float
    camera: np.ndarray
    doors: tuple[Door, ...]
    slots: tuple[Slot, ...]
    objects: tuple[Placement, ...]

    def wall_length(self, wall: int) -> float:
        """Return the length of a wall in metres."""
        return self.width if wall % 2 == 0 else self.depth

    def camera_on(self, wall: int) -> tuple[float, float]:
        """Return the u of the wall's point nearest to the camera, and its distance."""
        x, _, z = self.camera
        return (
            (x, self.depth - z),
            (self.depth - z, self.width - x),
            (self.width - x, z),
            (z, x),
        )[wall]

    def on_wall(self, wall: int, u: np.ndarray | float, y: np.ndarray | float) -> np.ndarray:
        """Return the points (..., 3) of a wall at ``u`` and height ``y``."""
        u, y = np.broadcast_arrays(np.asarray(u, float), np.asarray(y, float))
        along = (u, self.depth - u, self.width - u, u)[wall]
        fixed = np.full_like(u, (self.depth, self.width, 0.0, 0.0)[wall])
        return np.stack([along, y, fixed] if wall % 2 == 0 else [fixed, y, along], axis=-1)


def room_layout(seed: int, museum: dict, room_index: int) -> RoomLayout:
    """Return the geometry of a room; ``room_index`` counts from 0.

    Raises IndexError for a room the museum lacks, ValueError for more than MAX_PAINTINGS.
    """
    specification = museum["rooms"][room_index]
    plots, _, exits = placed_rooms(seed, museum["id"], painting_counts(museum))
    plot, rng = plots[room_index], generator(seed, museum["id"], room_index, "room", "layout")
    doors = []
    if room_index > 0:
        wall = (exits[room_index - 1] + 2) % WALLS
        doors.append(Door(wall, plot.door_left(wall, leaving=False), room_index - 1))
    if room_index < len(exits):
        wall = exits[room_index]
        doors.append(Door(wall, plot.door_left(wall, leaving=True), room_index + 1))
    moved = rng.uniform(-0.06, 0.06, 2)  # nobody stands exactly in the middle
    eye = np.array([plot.width / 2 + moved[0], EYE_HEIGHT, plot.depth / 2 + moved[1]])
    bare = RoomLayout(plot.width, plot.depth, plot.height, eye, tuple(doors), (), ())
    slots = _slots(bare, rng, len(specification["paintings"]))
    objects = _objects(bare, rng, specification["objects"])
    return RoomLayout(plot.width, plot.depth, plot.height, eye, tuple(doors), slots, objects)


def hang(room: RoomLayout, slot: Slot, aspect: float) -> Hanging:
    """Hang a picture of the given width / height as large as its slot and its view allow.

    It stays whole, frame included, in the view that faces it, and below LARGEST_SHARE of it.
    """
    edge = slot.frame + slot.mat
    widest = min(2 * (slot.half - edge), LARGEST_WIDTH, (LARGEST_HEIGHT - 2 * edge) * aspect)
    widths = widest * np.linspace(1, 0.5, 26)
    view = facing_view(room, slot)
    width_pixels = 400
    limits = np.array([width_pixels, camera.picture_height(width_pixels)])
    margin = 0.012 * width_pixels
    outer = _corners(room, slot, widths / 2 + edge, widths / aspect / 2 + edge)
    inner = _corners(room, slot, widths / 2, widths / aspect / 2)
    pixels, _ = camera.project(outer, room.camera, view, width_pixels)
    fits = ((pixels > margin) & (pixels < limits - margin)).all(axis=(1, 2))
    shares = polygon_area(camera.project(inner, room.camera, view, width_pixels)[0])
    fits &= shares / limits.prod() <= LARGEST_SHARE
    best = int(np.argmax(fits)) if fits.any() else len(widths) - 1
    return Hanging(slot, float(widths[best]), float(widths[best] / aspect))


def facing_view(room: RoomLayout, slot: Slot) -> int:
    """Return the view whose axis is closest to the centre of the slot."""
    return round(direction(room, slot) / camera.STEP) % camera.VIEWS_PER_ROOM


def direction(room: RoomLayout, slot: Slot) -> float:
    """Return the yaw of the slot's centre as seen from the camera, radians."""
    u, distance = room.camera_on(slot.wall)
    return slot.wall * math.pi / 2 + math.atan2(slot.centre - u, distance)


def picture_corners(room: RoomLayout, hanging: Hanging) -> np.ndarray:
    """Return the corners of the picture without its frame, (4, 3), clockwise from top left."""
    half_width, half_height = np.array([hanging.width / 2]), np.array([hanging.height / 2])
    return _corners(room, hanging.slot, half_width, half_height)[0]


def polygon_area(points: np.ndarray) -> np.ndarray:
    """Return the area of polygons (..., n, 2) by the shoelace formula."""
    x, y = points[..., 0], points[..., 1]
    return np.abs((x * np.roll(y, -1, -1) - y * np.roll(x, -1, -1)).sum(-1)) / 2


def _corners(
    room: RoomLayout, slot: Slot, half_width: np.ndarray, half_height: np.ndarray
) -> np.ndarray:
    """Return the corners of boxes about the slot's centre, (N,) halves each, (N, 4, 3)."""
    u = slot.centre + half_width[:, None] * np.array([-1, 1, 1, -1])
    return room.on_wall(slot.wall, u, HANGING_HEIGHT + half_height[:, None] * [1, 1, -1, -1])


def _slots(room: RoomLayout, rng: np.random.Generator, count: int) -> tuple[Slot, ...]:
    spans = _spans(room, _counts(room, rng, count), rng)
    slots = []
    for wall, start, end in spans:
        u, distance = room.camera_on(wall)
        middle = math.atan2((start + end) / 2 - u, distance)
        below = math.floor(middle / camera.STEP) * camera.STEP
        choices = []
        for axis in (below, below + camera.STEP):
            angle = min(max(middle, axis - OFF_AXIS), axis + OFF_AXIS)
            centre = u + distance * math.tan(angle)
            half = min(centre - start, end - centre)
            choices.append((half * math.cos(angle), half, centre))  # how wide it looks, first
        _, half, centre = max(choices)
        mat = float(rng.choice([0.0, 0.0, 0.04])) if half > ROOM_FOR_MAT else 0.0
        style = str(rng.choice(FRAME_STYLES))
        slots.append(Slot(wall, centre, half, float(rng.uniform(0.045, 0.075)), mat, style))
    return tuple(slots)


def _counts(room: RoomLayout, rng: np.random.Generator, count: int) -> list[int]:
    """Share the paintings among the walls: one each first, then a second where there is space."""
    doors = {door.wall: door for door in room.doors}
    centred = {
        wall
        for wall, door in doors.items()
        if door.left > DOOR_INSET + 1e-6
        and door.left < room.wall_length(wall) - DOOR_INSET - DOOR_WIDTH - 1e-6
    }
    capacity = [1 if wall in doors and wall not in centred else 2 for wall in range(WALLS)]
    order = sorted(rng.permutation(WALLS), key=lambda wall: wall in doors)
    longest = sorted(order, key=lambda wall: (wall in doors, -room.wall_length(wall)))
    counts = [0] * WALLS
    for wall in [*order, *longest]:
        if sum(counts) < count and counts[wall] < capacity[wall]:
            counts[wall] += 1
    return counts


def _spans(
    room: RoomLayout, counts: list[int], rng: np.random.Generator
) -> list[tuple[int, float, float]]:
    """Return wall, start and end (u) of the stretch each painting may take, clockwise."""
    doors = {door.wall: door for door in room.doors}
    spans = []
    for wall, count in enumerate(counts):
        end = room.wall_length(wall) - CORNER_MARGIN
        middle, _ = room.camera_on(wall)
        gap_start, gap_end = middle - GAP / 2, middle + GAP / 2
        if wall in doors:
            gap_start = doors[wall].left - CASING - GAP
            gap_end = doors[wall].left + DOOR_WIDTH + CASING + GAP
        sides = [(wall, CORNER_MARGIN, gap_start), (wall, gap_end, end)]
        if wall in doors and count == 2:  # the tightest walls: go further into the corners
            tight = CORNER_MARGIN - TIGHT_MARGIN
            sides = [(wall, TIGHT_MARGIN, gap_start), (wall, gap_end, end + tight)]
        if count == 2:
            spans += sides
        elif count == 1 and wall in doors:
            longer = [side[2] - side[1] + rng.uniform(0, 0.01) for side in sides]
            spans.append(sides[int(np.argmax(longer))])
        elif count == 1:
            spans.append((wall, CORNER_MARGIN, end))
    return spans


def _objects(room: RoomLayout, rng: np.random.Generator, kinds: list[str]) -> tuple[Placement, ...]:
    """Stand benches along the walls and everything else in the corners, away from doors first."""
    inset = 0.42
    corners = [(x, z) for x in (inset, room.width - inset) for z in (inset, room.depth - inset)]
    door_middles = [room.on_wall(d.wall, d.left + DOOR_WIDTH / 2, 0.0)[[0, 2]] for d in room.doors]

    def nearness(corner: tuple[float, float]) -> float:
        return sum(float(np.hypot(*(middle - corner)) < 1.6) for middle in door_middles)

    corners = sorted((corners[i] for i in rng.permutation(len(corners))), key=nearness)
    door_walls = {door.wall for door in room.doors}
    benches = sorted(rng.permutation(WALLS), key=lambda wall: wall in door_walls)
    placements = []
    for kind in kinds:
        if kind == "bench" and benches:
            wall = int(benches.pop(0))
            x, _, z = room.on_wall(wall, room.camera_on(wall)[0], 0.0)
            x += 0.5 * ((wall == 3) - (wall == 1))
            z += 0.5 * ((wall == 2) - (wall == 0))
            placements.append(Placement(kind, float(x), float(z), wall * math.pi / 2))
        elif corners:
            x, z = corners.pop(0)
            turn = math.atan2(room.camera[0] - x, room.camera[2] - z)  # it faces the visitor
            placements.append(Placement(kind, x, z, turn + float(rng.normal(0, 0.35))))
    return tuple(placements)
