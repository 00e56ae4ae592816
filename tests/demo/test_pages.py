"""HTML of the pages: escaping, headings, and alternatives of pictures."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import quote

import numpy as np
import pytest

from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.data.collection import Collection, Features, Museum, Room
from tests.demo.fake_page import open_page

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
def test_a_hostile_query_becomes_no_markup(workspace, museum):
    answer = open_page(workspace, f"?q={quote(HOSTILE)}{museum}")
    page = TagCollector(answer["html"])
    assert answer["page"] == ("museum" if museum else "results")
    assert "script" not in page.tags
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert ("src", "x") not in page.attributes
    assert answer["query"] == HOSTILE  # the box gets it as text


def test_hostile_values_from_the_collection_are_escaped(workspace):
    page = open_page(workspace, "?museum=museum-00003")["html"]
    assert "<b>Tags</b>" not in page and "&lt;b&gt;Tags&lt;/b&gt;" in page


@pytest.mark.parametrize("search", ["", "?q=red+walls", "?q=red+walls&museum=museum-00001&room=2"])
def test_every_picture_has_an_alternative_text_and_no_address_leaves_the_host(workspace, search):
    html = open_page(workspace, search)["html"]
    page = TagCollector(html)
    assert html.count("<img") == html.count("alt=")
    addresses = [value for name, value in page.attributes if name in ("href", "src", "action")]
    assert addresses and all(
        value.startswith(("?", "picture/", "cover/", "export/")) for value in addresses
    )


def test_headings_start_at_one_and_skip_no_level(workspace):
    for search in ("?q=red", "?museum=museum-00001"):
        levels = [
            int(tag[1])
            for tag in TagCollector(open_page(workspace, search)["html"]).tags
            if tag in ("h1", "h2", "h3")
        ]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))


def test_a_ragged_museum_shows_as_many_views_as_its_room_has(workspace, searcher):
    museum, room = next(
        (museum, index)
        for museum in searcher.collection.museums
        for index, room in enumerate(museum.rooms)
        if room.views == 7
    )
    html = open_page(workspace, f"?museum={museum.id}&room={room + 1}")["html"]
    assert html.count("<figure") == 7 + 2  # a copy of the last before the first, and of the first


def test_a_museum_whose_views_nobody_sorted_lists_the_rooms_they_may_show(searcher):
    views = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.1]], np.float32)
    flat = Museum("flat", "Flat", "test", (), (Room("all", ("A flat.",), 3),))
    collection = Collection("Flats", "", (flat,), {"source": "none"}, Features({"view": views}, {}))
    warmup = Warmup(lambda: searcher.over(collection)).start()
    warmup.wait(10)
    html = open_page(ServedWorkspace(warmup), "?museum=flat")["html"]
    found = html[html.index("Discovered rooms") :]
    assert [int(number) - 1 for number in re.findall(r"view=(\d+)", found)] == [0, 2, 1]
