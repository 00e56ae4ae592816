"""HTML of the pages: escaping, headings, and alternatives of pictures."""

from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import quote

import pytest

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
