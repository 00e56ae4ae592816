"""The drawing of a floor plan, and its doors."""

from types import SimpleNamespace

from demo.components.floor_plan import draw_plan, sample
from hicalm.data.pictures import FloorPlan, Rectangle
from tests.demo.fake_page import Markup

DOOR = ((6.0, 2.0), (6.0, 3.0))


def test_a_floor_plan_is_drawn_in_tenths_of_metres_from_its_corner():
    room = SimpleNamespace(x=-2.0, y=3.0, width=8.0, depth=5.0)
    other = SimpleNamespace(x=6.0, y=3.0, width=4.0, depth=5.0)
    plan = draw_plan(SimpleNamespace(rooms=(room, other), doors=(((6.0, 5.0), (6.0, 6.0)),)), 0)
    assert (plan.width, plan.height) == (132, 62)
    assert plan.rooms[1] == (86, 6, 40, 50)
    assert plan.doors == ((86, 26, 86, 36, 1),)
    assert draw_plan(None, 0) is None


def test_the_doors_of_the_room_on_screen_lead_to_the_rooms_behind_them():
    html = sample()
    doors = [link for link in html.split("<a ")[1:] if link.startswith('class="door"')]
    assert ['aria-label="Door to room 1, The Hall"' in door for door in doors] == [True, False]
    assert "room=1" in Markup(html).links[3] and len(doors) == 2
    plan = FloorPlan(tuple(Rectangle(6.0 * n, 0.0, 6.0, 5.0) for n in range(4)), (DOOR,) * 3)
    found = [draw_plan(plan, shown) for shown in range(4)]
    assert [[leads for *_, leads in one.doors] for one in found] == [
        [1, None, None],
        [0, 2, None],
        [None, 1, 3],
        [None, None, 2],
    ]
