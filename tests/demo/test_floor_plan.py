"""The drawing of a floor plan."""

from types import SimpleNamespace

from demo.floor_plan import draw_plan


def test_a_floor_plan_is_drawn_in_tenths_of_metres_from_its_corner():
    room = SimpleNamespace(x=-2.0, y=3.0, width=8.0, depth=5.0)
    other = SimpleNamespace(x=6.0, y=3.0, width=4.0, depth=5.0)
    plan = draw_plan(SimpleNamespace(rooms=(room, other), doors=(((6.0, 5.0), (6.0, 6.0)),)))
    assert (plan.width, plan.height) == (132, 62)
    assert (plan.rooms[1].x, plan.rooms[1].y, plan.rooms[1].width) == (86, 6, 40)
    assert plan.doors == ((86, 26, 86, 36),)
    assert draw_plan(None) is None
