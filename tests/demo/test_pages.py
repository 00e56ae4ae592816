"""HTML of the pages: escaping, and numbers turned into shades, bars and drawings."""

from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from demo.floor_plan import draw_plan
from demo.handlers import open_page
from demo.shading import Scale, level_parts, longest_bar
from demo.views import shell

HOSTILE = "<img src=x onerror=alert(1)>'\"&${alert(2)}{{7*7}}<script>alert(3)</script> red"


class TagCollector(HTMLParser):
    """Collects tags and attributes, as a browser would see them."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("museum", ["", "&museum=museum-00003"])
def test_a_hostile_query_becomes_no_markup(explorer, museum):
    answer = open_page(explorer, f"?q={quote(HOSTILE)}{museum}")
    page = TagCollector(answer["html"])
    assert answer["page"] == ("museum" if museum else "results")
    assert "script" not in page.tags
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert ("src", "x") not in page.attributes
    assert answer["query"] == HOSTILE  # the box gets it as text


def test_hostile_values_from_the_collection_are_escaped(explorer):
    page = open_page(explorer, "?museum=museum-00003")["html"]
    assert "<b>Tags</b>" not in page and "&lt;b&gt;Tags&lt;/b&gt;" in page


def test_the_shell_is_safe_to_evaluate_as_a_template():
    assert "${" not in shell() and "{{" not in shell()


@pytest.mark.parametrize("search", ["", "?q=red+walls", "?q=red+walls&museum=museum-00001&room=2"])
def test_every_picture_has_an_alternative_text_and_no_address_leaves_the_host(explorer, search):
    html = open_page(explorer, search)["html"]
    page = TagCollector(html)
    assert html.count("<img") == html.count("alt=")
    addresses = [value for name, value in page.attributes if name in ("href", "src", "action")]
    assert addresses and all(
        value.startswith(("?", "picture/", "cover/", "export/")) for value in addresses
    )


def test_headings_start_at_one_and_skip_no_level(explorer):
    for search in ("?q=red", "?museum=museum-00001"):
        levels = [
            int(tag[1])
            for tag in TagCollector(open_page(explorer, search)["html"]).tags
            if tag in ("h1", "h2", "h3")
        ]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))


def test_a_ragged_museum_shows_as_many_views_as_its_room_has(explorer, searcher):
    museum, room = next(
        (museum, index)
        for museum in searcher.collection.museums
        for index, room in enumerate(museum.rooms)
        if room.views == 7
    )
    html = open_page(explorer, f"?museum={museum.id}&room={room + 1}")["html"]
    assert html.count("<figure") == 7


def test_shades_run_from_the_weakest_to_the_strongest():
    scale = Scale.over([0.1, 0.2, 0.6])
    assert [scale.shade(value) for value in (0.1, 0.35, 0.6, -5, 5)] == [0, 2, 4, 0, 4]
    assert Scale.over([]).shade(0.3) == Scale.over([0.4]).shade(0.4) == 2


def test_bars_share_one_unit_and_negative_parts_have_no_width():
    levels = {"museum": 0.2, "room": -0.1, "view": 0.3}
    assert longest_bar([SimpleNamespace(levels=levels)]) == pytest.approx(0.5)
    parts = level_parts(levels, 1.0)
    assert [(part.name, part.width) for part in parts] == [
        ("museum", 20.0),
        ("room", 0.0),
        ("view", 30.0),
    ]
    assert parts[1].value == -0.1
    assert [part.width for part in level_parts(levels, 0.0)] == [0, 0, 0]


def test_a_floor_plan_is_drawn_in_tenths_of_metres_from_its_corner():
    room = SimpleNamespace(x=-2.0, y=3.0, width=8.0, depth=5.0)
    other = SimpleNamespace(x=6.0, y=3.0, width=4.0, depth=5.0)
    plan = draw_plan(SimpleNamespace(rooms=(room, other), doors=(((6.0, 5.0), (6.0, 6.0)),)))
    assert (plan.width, plan.height) == (132, 62)
    assert (plan.rooms[1].x, plan.rooms[1].y, plan.rooms[1].width) == (86, 6, 40)
    assert plan.doors == ((86, 26, 86, 36),)
    assert draw_plan(None) is None
