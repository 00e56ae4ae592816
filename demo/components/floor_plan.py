"""The floor plan of a museum, and its rooms by name.

value   HTML of `plan_html`, autoescaped
events  none: rooms and the doors of the room on screen are links with `data-go`, which the address
        state follows
size    fills its column; the drawing is at most 270 px high
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import gradio as gr

from demo.address import Address
from demo.components import read, show_alone
from demo.views import render
from hicalm.data.pictures import FloorPlan, Rectangle

UNITS_PER_METRE = 10  # SVG units: whole numbers are precise enough, and short
MARGIN = 6  # units around the plan, for its outer walls


class PlanRoom(NamedTuple):
    """A room: its name, the shade (0..4) and value of its similarity, None without a search, and
    the address that opens it."""

    name: str
    shade: int | None
    similarity: float | None
    address: Address


class Box(NamedTuple):
    """The rectangle of a room, in SVG units."""

    x: int
    y: int
    width: int
    height: int


class Door(NamedTuple):
    """An opening from (x0, y0) to (x1, y1), in SVG units; ``leads`` from the room on screen to the
    one of this index, None for a door of other rooms."""

    x0: int
    y0: int
    x1: int
    y1: int
    leads: int | None


@dataclass(frozen=True)
class Plan:
    """A drawing of ``width`` by ``height`` SVG units with rooms and door openings."""

    width: int
    height: int
    rooms: tuple[Box, ...]
    doors: tuple[Door, ...]


def floor_plan() -> gr.HTML:
    """Return the component, empty."""
    return gr.HTML(css_template=read("floor_plan.css"), apply_default_css=False)


def plan_html(plan: FloorPlan | None, rooms: Sequence[PlanRoom], shown: int) -> str:
    """Return the component's value: the rooms of a museum, the one of index ``shown`` on screen."""
    return render("floor_plan.jinja", plan=draw_plan(plan, shown), rooms=rooms, shown=shown)


def draw_plan(plan: FloorPlan | None, shown: int) -> Plan | None:
    """Return the drawing of a floor plan; None where there is no plan or no room."""
    if plan is None or not plan.rooms:
        return None
    left = min(room.x for room in plan.rooms)
    top = min(room.y for room in plan.rooms)

    def point(x: float, y: float) -> tuple[int, int]:
        units = round((x - left) * UNITS_PER_METRE), round((y - top) * UNITS_PER_METRE)
        return units[0] + MARGIN, units[1] + MARGIN

    rooms = tuple(
        Box(
            *point(room.x, room.y),
            round(room.width * UNITS_PER_METRE),
            round(room.depth * UNITS_PER_METRE),
        )
        for room in plan.rooms
    )
    doors = tuple(
        Door(*point(*first), *point(*second), {index: index + 1, index + 1: index}.get(shown))
        for index, (first, second) in enumerate(plan.doors)
    )
    width = max(room.x + room.width for room in rooms) + MARGIN
    height = max(room.y + room.height for room in rooms) + MARGIN
    return Plan(width, height, rooms, doors)


def sample() -> str:
    """Return a value of three rooms, one of a hostile name; the second is on screen."""
    names = ("The Hall", "The Octagon", "<b>${1+1}</b> {{7*7}}")
    rooms = [
        PlanRoom(n, 2 * i, 0.2 * i, Address(museum="museum-1", room=i)) for i, n in enumerate(names)
    ]
    boxes = tuple(Rectangle(6.0 * n, 0.0, 6.0, 5.0) for n in range(3))
    doors = tuple(((6.0 * n, 2.0), (6.0 * n, 3.0)) for n in (1, 2))
    return plan_html(FloorPlan(boxes, doors), rooms, 1)


if __name__ == "__main__":
    show_alone("Floor plan", floor_plan, sample)
