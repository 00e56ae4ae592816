"""The frame around all pages."""

from urllib.parse import quote

import pytest

from demo.address import Address, parse_address
from demo.layout import build_layout
from demo.text import PAGE_LINKS
from demo.user_collections import ServedWorkspace
from demo.views import brand, page_links
from demo.warmup import Warmup
from tests.demo.fake_page import Markup
from tests.demo.fakes import FakeSearcher

HOSTILE = "<img src=x onerror=alert(1)>\"'${1+1}{{7*7}}"


@pytest.fixture(scope="module")
def blocks():
    return build_layout(ServedWorkspace(Warmup(FakeSearcher)))


def test_no_component_evaluates_anything_but_its_value(blocks):
    """Gradio evaluates ``${…}`` and ``{{…}}`` of templates: what is shown comes as the value."""
    parts = [part for part in blocks.blocks.values() if hasattr(part, "html_template")]
    assert len(parts) > 8
    for part in parts:
        for template in (part.html_template, part.css_template):
            rest = (template or "").replace("${value}", "")
            assert "${" not in rest and "{{" not in rest and "}}" not in rest


def test_the_parts_of_the_search_page_are_in_the_layout_once(blocks):
    ids = [getattr(part, "elem_id", None) for part in blocks.blocks.values()]
    assert all(ids.count(one) == 1 for one in ("explorer", "query", "address", "stage"))


def test_the_links_to_the_pages_keep_the_query_and_the_filters():
    search = Address(
        "red walls", museum="museum-00001", room=2, allowed=(("theme", ("gardens",)),), top=24
    )
    links = [parse_address(link) for link in Markup(page_links(search)).links]
    assert [link.page for link in links] == [name for name, *_ in PAGE_LINKS]
    assert all(link == search.turn_to(link.page) for link in links)
    assert all(link.query == "red walls" and link.allowed for link in links)
    browsing = Markup(page_links(Address(browse=True))).links
    assert len(browsing) == 3 and not any(parse_address(link).browse for link in browsing)


@pytest.mark.parametrize("shown", ["map", "metrics", "add"])
def test_the_page_on_screen_is_marked_among_the_links(shown):
    html = page_links(Address("red"), shown)
    assert html.count('aria-current="page"') == 1
    assert 'aria-current="page"' not in page_links(Address("red"), "results")
    marked = html.split('aria-current="page"')[0].split("<a ")[-1]
    assert f"show={shown}" in marked


def test_hostile_addresses_become_no_markup_of_the_frame():
    hostile = parse_address(f"?q={quote(HOSTILE)}&filter.{quote(HOSTILE)}={quote(HOSTILE)}")
    assert hostile.query == HOSTILE and hostile.allowed
    page = Markup(page_links(hostile) + brand(hostile))
    assert "img" not in page.tags
    assert parse_address(page.links[0]) == hostile.turn_to("map")
