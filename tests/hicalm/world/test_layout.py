"""Floor plans and room layouts: what fits where, checked on museums of every size."""

import numpy as np
import pytest

from hicalm.world.layout import FloorPlan, floor_plan, hang, room_layout
from hicalm.world.plan import DOOR_WIDTH

ALL_OBJECTS = ["bench", "plant", "sculpture", "column", "display case"]


def museum(counts: list[int], number: int = 1) -> dict:
    """Make a specification with the given number of paintings in each room."""
    painting = {"subject": None, "style": "op art", "palette": "greens", "title": "", "artist": ""}
    rooms = [
        {
            "name": f"Room {index}",
            "wall_color": "white",
            "floor": "wood",
            "lighting": "bright",
            "objects": ALL_OBJECTS,
            "paintings": [painting] * count,
        }
        for index, count in enumerate(counts)
    ]
    identifier = f"museum-{number:05d}"
    return {"id": identifier, "title": "", "theme": "", "split": "test", "rooms": rooms}


MUSEUMS = [
    museum(list(counts), number)
    for number in range(8)
    for counts in ((5,), (3, 8), (4, 5, 6, 7, 8), (3, 3, 4, 8, 8, 7, 6, 5))
]


def overlap(first, second) -> float:
    """Return the area that two rectangles have in common, square metres."""
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    depth = min(first.y + first.depth, second.y + second.depth) - max(first.y, second.y)
    return max(width, 0) * max(depth, 0)


def on_border(point, rectangle) -> bool:
    """Return whether a point lies on the outline of a rectangle."""
    x, y = point[0] - rectangle.x, point[1] - rectangle.y
    inside = -1e-6 < x < rectangle.width + 1e-6 and -1e-6 < y < rectangle.depth + 1e-6
    edges = (abs(x), abs(x - rectangle.width), abs(y), abs(y - rectangle.depth))
    return inside and min(edges) < 1e-6


@pytest.mark.parametrize("specification", MUSEUMS)
def test_rooms_of_a_plan_never_overlap_and_doors_lie_on_shared_walls(specification):
    plan = floor_plan(3, specification)
    assert len(plan.doors) == len(plan.rooms) - 1
    for index, room in enumerate(plan.rooms):
        assert all(overlap(room, other) < 1e-6 for other in plan.rooms[:index])
    for index, door in enumerate(plan.doors):
        assert np.hypot(*np.subtract(*door)) == pytest.approx(DOOR_WIDTH)
        for end in door:
            assert on_border(end, plan.rooms[index])
            assert on_border(end, plan.rooms[index + 1])


@pytest.mark.parametrize("specification", MUSEUMS)
def test_a_room_has_its_size_and_doors_from_the_plan(specification):
    plan: FloorPlan = floor_plan(3, specification)
    for index, rectangle in enumerate(plan.rooms):
        layout = room_layout(3, specification, index)
        assert (layout.width, layout.depth) == (rectangle.width, rectangle.depth)
        neighbours = {index - 1, index + 1} & set(range(len(plan.rooms)))
        assert {door.leads_to for door in layout.doors} == neighbours
        assert len({door.wall for door in layout.doors}) == len(neighbours)


@pytest.mark.parametrize("specification", MUSEUMS)
def test_paintings_keep_clear_of_each_other_of_doors_and_of_corners(specification):
    for index, room in enumerate(specification["rooms"]):
        layout = room_layout(3, specification, index)
        assert len(layout.slots) == len(room["paintings"])
        taken = {wall: [] for wall in range(4)}
        for door in layout.doors:
            taken[door.wall].append((door.left, door.left + DOOR_WIDTH))
        for slot in layout.slots:
            half = hang(layout, slot, 1.25).width / 2 + slot.frame + slot.mat
            taken[slot.wall].append((slot.centre - half, slot.centre + half))
        for wall, spans in taken.items():
            spans.sort()
            edges = [0.0, *(edge for span in spans for edge in span), layout.wall_length(wall)]
            assert edges == sorted(edges)


def test_objects_stand_inside_the_room_and_away_from_the_camera():
    for specification in MUSEUMS:
        layout = room_layout(3, specification, 0)
        assert [placement.kind for placement in layout.objects] == ALL_OBJECTS
        for placement in layout.objects:
            assert 0.3 < placement.x < layout.width - 0.3
            assert 0.3 < placement.z < layout.depth - 0.3
            camera = layout.camera[[0, 2]]
            assert np.hypot(*(camera - [placement.x, placement.z])) > 1.5


def test_the_same_seed_gives_the_same_plan_and_another_seed_another():
    assert floor_plan(3, MUSEUMS[2]) == floor_plan(3, MUSEUMS[2])
    assert floor_plan(3, MUSEUMS[2]) != floor_plan(4, MUSEUMS[2])


def test_too_many_paintings_are_refused():
    with pytest.raises(ValueError, match="8 paintings at most, not 9"):
        floor_plan(3, museum([9]))
