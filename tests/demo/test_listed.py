"""Rooms and views listed themselves: their order, filters, and the phrases that they answer."""

from dataclasses import replace

import numpy as np
import pytest

from demo.address import Address
from demo.listed import listed
from tests.demo.fake_page import Markup, open_page

ROOMS = Address("red walls and horses", listed="room")
VIEWS = replace(ROOMS, listed="view")
LIKE = Address(like=("museum-00001", 0, 1))


def rows(workspace) -> dict[tuple[str, int], int]:
    museums = workspace.collection.museums
    pairs = [(museum.id, room) for museum in museums for room in range(len(museum.rooms))]
    return {pair: row for row, pair in enumerate(pairs)}


@pytest.mark.parametrize("address", [ROOMS, VIEWS])
def test_where_an_index_names_candidates_only_their_rooms_and_views_are_listed(
    workspace, searcher, address
):
    everything = listed(workspace, replace(address, top=100))
    searcher.named = np.array([2, 7])
    found = listed(workspace, address)
    own = [workspace.collection.museums[row].id for row in (2, 7)]
    assert found == [one for one in everything if one.museum.id in own][: len(found)]
    assert {one.museum.id for one in found} == set(own)


def test_rooms_come_in_the_order_of_what_they_answer(workspace):
    values, row = workspace.room_values(ROOMS, None), rows(workspace)
    found = listed(workspace, ROOMS)
    order = [values[row[one.museum.id, one.room]] for one in found]
    assert len(found) == 12 and order == sorted(values, reverse=True)[:12]
    assert all(one.value.startswith("probability ") for one in found)
    for one in found:
        present = workspace.presence(ROOMS, one.museum.id, one.room)
        assert one.phrase == max(present, key=present.__getitem__)
        shown = workspace.best_view(Address(query=one.phrase), one.museum.id, one.room)
        assert shown == (one.room, one.view)


def test_views_come_in_the_order_of_their_similarity(workspace):
    values = workspace.similarities(VIEWS, "view")
    views = [
        (museum.id, room, view)
        for museum in workspace.collection.museums
        for room, one in enumerate(museum.rooms)
        for view in range(one.views)
    ]
    expected = [views[row] for row in np.argsort(-values, kind="stable")[:12]]
    assert [(one.museum.id, one.room, one.view) for one in listed(workspace, VIEWS)] == expected


@pytest.mark.parametrize("level", ["room", "view"])
def test_filters_and_the_museum_of_a_view_leave_museums_out(workspace, level):
    gardens = replace(ROOMS, listed=level, allowed=(("theme", ("gardens",)),), top=24)
    assert {one.museum.attributes["theme"] for one in listed(workspace, gardens)} == {"gardens"}
    like = listed(workspace, replace(LIKE, listed=level, top=100))
    assert len(like) == 100 and "museum-00001" not in {one.museum.id for one in like}
    assert all(one.value.startswith("similarity ") and not one.phrase for one in like)


def test_nothing_passes_the_filters(workspace):
    few = replace(ROOMS, min_rooms=5, max_rooms=5, allowed=(("theme", ("gardens",)),), top=100)
    museums = {one.museum.id for one in listed(workspace, few)}
    own = [m for m in workspace.collection.museums if m.attributes["theme"] == "gardens"]
    assert museums == {museum.id for museum in own if len(museum.rooms) == 5}


@pytest.mark.parametrize("level", ["room", "view"])
def test_the_page_lists_tiles_that_open_their_view(workspace, level):
    html = open_page(workspace, f"?q=red+walls+and+horses&list={level}")["html"]
    first = listed(workspace, replace(ROOMS, listed=level))[0]
    links = [link for link in Markup(html).links if "&view=" in link]
    assert html.count('class="picture"') == 12 and 'class="card"' not in html
    assert f"museum={first.museum.id}&room={first.room + 1}&view={first.view + 1}" in links[0]
    assert "list=" in links[0]  # the way back leads to the same list
