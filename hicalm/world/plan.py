"""The floor plan of a museum: rooms one after the other, each sharing a wall with the next.

Walls are numbered clockwise: wall 0 is on top of the plan, 1 right, 2 at the bottom, 3 left.
A place on a wall is its distance ``u`` from the wall's left end, seen from inside the room.
On the plan x runs to the right and y *down*, as on a screen; metres.
"""

from dataclasses import dataclass
from functools import lru_cache

from hicalm.data.pictures import FloorPlan, Rectangle
from hicalm.world.seeds import generator

WALLS = 4
DOOR_WIDTH, DOOR_INSET = 0.95, 0.35  # metres; the inset is from the corner of the room
MAX_PAINTINGS = 8


def floor_plan(seed: int, museum: dict) -> FloorPlan:
    """Return the floor plan of a museum: rooms never overlap and neighbours share a door."""
    rooms, rectangles, exits = placed_rooms(seed, museum["id"], painting_counts(museum))
    doors = []
    for plot, rectangle, wall in zip(rooms, rectangles, exits, strict=False):
        left = plot.door_left(wall, leaving=True)
        doors.append(
            (_on_plan(rectangle, wall, left), _on_plan(rectangle, wall, left + DOOR_WIDTH))
        )
    return FloorPlan(tuple(rectangles), tuple(doors))


@dataclass(frozen=True)
class Plot:
    """A room before it has a place on the plan: its size and where its doors go."""

    width: float
    depth: float
    height: float
    centred_doors: bool
    entrance_left: bool  # at which end of its wall the door stands, if not in the middle
    exit_left: bool
    wall_order: tuple[int, ...]  # which way to leave the room, most wanted first

    def door_left(self, wall: int, leaving: bool) -> float:
        """Return the u where the door in ``wall`` starts."""
        length = self.width if wall % 2 == 0 else self.depth
        if self.centred_doors:
            return (length - DOOR_WIDTH) / 2
        at_left = self.exit_left if leaving else self.entrance_left
        return DOOR_INSET if at_left else length - DOOR_INSET - DOOR_WIDTH


def painting_counts(museum: dict) -> tuple[int, ...]:
    """Return the number of paintings of each room (R,)."""
    return tuple(len(room["paintings"]) for room in museum["rooms"])


@lru_cache(maxsize=64)  # every room of a museum and every door needs it
def placed_rooms(
    seed: int, museum_id: str, counts: tuple[int, ...]
) -> tuple[list[Plot], list[Rectangle], list[int]]:
    """Return the rooms, their places on the plan and the wall each is left by; do not write."""
    plots = _plots(seed, museum_id, counts)
    walk = _walk(plots, [], [])
    if walk is None:
        raise ValueError(f"No floor plan for {len(plots)} rooms.")  # a straight line always fits
    return plots, *walk


def _plots(seed: int, museum_id: str, counts: tuple[int, ...]) -> list[Plot]:
    plots = []
    for index, count in enumerate(counts):
        if count > MAX_PAINTINGS:
            raise ValueError(f"A room holds {MAX_PAINTINGS} paintings at most, not {count}.")
        rng = generator(seed, museum_id, index, "room", "plot")
        doors = (index > 0) + (index < len(counts) - 1)
        # Few paintings allow long rooms; many need square ones, for two on every wall.
        low, high, squeeze = (4.8, 5.3, 0.9) if count <= 4 else (5.0, 5.4, 0.93)
        if count >= 7:
            low, high, squeeze = 5.8, 6.1, 0.97
        side = rng.uniform(low, high)
        sides = (side, side * rng.uniform(squeeze, 1))
        width, depth = sides if rng.random() < 0.5 else sides[::-1]
        order = tuple(int(wall) for wall in rng.permutation(WALLS))
        ends = rng.random(2) < 0.5
        centred = count > 2 * WALLS - doors
        height = rng.uniform(2.85, 3.15)
        plots.append(Plot(width, depth, height, centred, bool(ends[0]), bool(ends[1]), order))
    return plots


def _on_plan(rectangle: Rectangle, wall: int, u: float) -> tuple[float, float]:
    right, bottom = rectangle.x + rectangle.width, rectangle.y + rectangle.depth
    return (
        (rectangle.x + u, rectangle.y),
        (right, rectangle.y + u),
        (right - u, bottom),
        (rectangle.x, bottom - u),
    )[wall]


def _walk(
    plots: list[Plot], rectangles: list[Rectangle], exits: list[int]
) -> tuple[list[Rectangle], list[int]] | None:
    """Place the rooms one after the other, going back where one would overlap another."""
    if not rectangles:
        return _walk(plots, [Rectangle(0.0, 0.0, plots[0].width, plots[0].depth)], [])
    here = len(rectangles) - 1
    if here == len(plots) - 1:
        return rectangles, exits
    for wall in plots[here].wall_order:
        if exits and wall == (exits[-1] + 2) % WALLS:
            continue
        following = _next_to(plots[here], rectangles[here], wall, plots[here + 1])
        if not any(_overlap(following, other) for other in rectangles):
            walk = _walk(plots, [*rectangles, following], [*exits, wall])
            if walk is not None:
                return walk
    return None


def _next_to(plot: Plot, rectangle: Rectangle, wall: int, following: Plot) -> Rectangle:
    """Return the place of the next room behind ``wall``, its door upon this room's door."""
    left = plot.door_left(wall, leaving=True)
    x, y = _on_plan(rectangle, wall, left)
    back = (wall + 2) % WALLS
    unplaced = Rectangle(0.0, 0.0, following.width, following.depth)
    # Seen from the other side the door's left end is its right end.
    end = following.door_left(back, leaving=False) + DOOR_WIDTH
    dx, dy = _on_plan(unplaced, back, end)
    return Rectangle(x - dx, y - dy, following.width, following.depth)


def _overlap(first: Rectangle, second: Rectangle) -> bool:
    slack = 1e-6  # neighbours touch
    return (
        first.x + first.width > second.x + slack
        and second.x + second.width > first.x + slack
        and first.y + first.depth > second.y + slack
        and second.y + second.depth > first.y + slack
    )
