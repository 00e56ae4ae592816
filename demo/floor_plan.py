"""A floor plan in metres as numbers for an SVG drawing."""

from dataclasses import dataclass

from hicalm.data.pictures import FloorPlan

UNITS_PER_METRE = 10  # SVG units: whole numbers are precise enough, and short
MARGIN = 6  # units around the plan, for its outer walls


@dataclass(frozen=True)
class PlanRoom:
    """A room of the drawing: its rectangle and the middle of its label, in SVG units."""

    index: int
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        """The centre of the rectangle."""
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True)
class Plan:
    """A drawing of ``width`` by ``height`` SVG units with rooms and door openings."""

    width: int
    height: int
    rooms: tuple[PlanRoom, ...]
    doors: tuple[tuple[int, int, int, int], ...]  # x0, y0, x1, y1 of each opening


def draw_plan(plan: FloorPlan | None) -> Plan | None:
    """Return the drawing of a floor plan; None where there is no plan or no room."""
    if plan is None or not plan.rooms:
        return None
    left = min(room.x for room in plan.rooms)
    top = min(room.y for room in plan.rooms)

    def across(metres: float) -> int:
        return round((metres - left) * UNITS_PER_METRE) + MARGIN

    def down(metres: float) -> int:
        return round((metres - top) * UNITS_PER_METRE) + MARGIN

    rooms = tuple(
        PlanRoom(
            index,
            across(room.x),
            down(room.y),
            round(room.width * UNITS_PER_METRE),
            round(room.depth * UNITS_PER_METRE),
        )
        for index, room in enumerate(plan.rooms)
    )
    doors = tuple((across(x0), down(y0), across(x1), down(y1)) for (x0, y0), (x1, y1) in plan.doors)
    width = max(room.x + room.width for room in rooms) + MARGIN
    height = max(room.y + room.height for room in rooms) + MARGIN
    return Plan(width, height, rooms, doors)
