"""The floor plan of a museum, and its rooms by name.

value   HTML of `plan_html`, autoescaped
events  none: rooms and the doors of the room on screen are links with `data-go`, which the address
        state follows
size    fills its column; the drawing is at most 270 px high
"""

from typing import NamedTuple

import gradio as gr

from demo.address import Address
from demo.components import read, show_alone
from demo.shading import Scale
from demo.views import render
from hicalm.data.collection import Museum, Room
from hicalm.data.pictures import FloorPlan, Rectangle
from hicalm.retrieval.results import MuseumMatch

UNITS_PER_METRE = 10  # SVG units: whole numbers are precise enough, and short
MARGIN = 6  # units around the plan, for its outer walls


class Plan(NamedTuple):
    """A drawing of ``width`` by ``height`` SVG units.

    ``rooms`` are x, y, width and height; ``doors`` the ends x0, y0, x1 and y1 of each opening, and
    the room that it leads to from the one on screen, None for a door between other rooms.
    """

    width: int
    height: int
    rooms: tuple[tuple[int, int, int, int], ...]
    doors: tuple[tuple[int, int, int, int, int | None], ...]


def floor_plan() -> gr.HTML:
    """Return the component, empty."""
    return gr.HTML(css_template=read("floor_plan.css"), apply_default_css=False)


def plan_html(
    plan: FloorPlan | None,
    museum: Museum,
    address: Address,
    match: MuseumMatch | None,
    scale: Scale,
) -> str:
    """Return the component's value: the rooms of a museum, of which the address's is on screen.

    With a search each has the shade, on a ``scale``, of its similarity.
    """
    return render(
        "floor_plan.jinja",
        plan=draw_plan(plan, address.room or 0),
        museum=museum,
        address=address,
        shown=address.room or 0,
        found={room.index: room.similarity for room in match.rooms} if match else {},
        scale=scale,
    )


def draw_plan(plan: FloorPlan | None, shown: int) -> Plan | None:
    """Return the drawing of a floor plan; None where there is no plan or no room."""
    if plan is None or not plan.rooms:
        return None
    left = min(room.x for room in plan.rooms)
    top = min(room.y for room in plan.rooms)

    def units(metres: float) -> int:
        return round(metres * UNITS_PER_METRE)

    def point(x: float, y: float) -> tuple[int, int]:
        return units(x - left) + MARGIN, units(y - top) + MARGIN

    rooms = tuple((*point(r.x, r.y), units(r.width), units(r.depth)) for r in plan.rooms)
    doors = tuple(
        (*point(*first), *point(*second), {index: index + 1, index + 1: index}.get(shown))
        for index, (first, second) in enumerate(plan.doors)
    )
    width = max(x + across for x, _, across, _ in rooms) + MARGIN
    height = max(y + down for _, y, _, down in rooms) + MARGIN
    return Plan(width, height, rooms, doors)


def sample() -> str:
    """Return a value of three rooms, one of a hostile name; the second is on screen."""
    names = ("The Hall", "The Octagon", "<b>${1+1}</b> {{7*7}}")
    museum = Museum("m", "Museum", "test", (), tuple(Room(n, (), 12, {}) for n in names), {})
    boxes = tuple(Rectangle(6.0 * n, 0.0, 6.0, 5.0) for n in range(3))
    doors = tuple(((6.0 * n, 2.0), (6.0 * n, 3.0)) for n in (1, 2))
    here = Address(museum="m", room=1)
    return plan_html(FloorPlan(boxes, doors), museum, here, None, Scale(0.0, 1.0))


if __name__ == "__main__":
    show_alone("Floor plan", floor_plan, sample)
