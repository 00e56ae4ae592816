"""The place in a view that answers a phrase, as the browser asks for it."""

import pytest

from demo.places import find_place

ASKED = {"address": "?q=horses", "museum": "museum-00001", "room": 0, "view": 1, "phrase": "horses"}


def test_a_place_is_part_of_the_view(workspace):
    place = find_place(workspace, ASKED)
    assert set(place) == {"left", "top", "width", "height"}
    assert 0 <= place["left"] < place["left"] + place["width"] <= 1
    assert 0 <= place["top"] < place["top"] + place["height"] <= 1
    assert place == find_place(workspace, {**ASKED, "room": "0", "view": "1"})


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {**ASKED, "museum": "nowhere"},
        {**ASKED, "view": -1},
        {**ASKED, "room": "x"},
        {**ASKED, "view": None},
        {**ASKED, "view": 1e400},
        {**ASKED, "phrase": ""},
        {**ASKED, "address": "?collection=abcdefgh"},
    ],
)
def test_what_nobody_can_tell_is_no_place(workspace, wanted):
    assert find_place(workspace, wanted) == {}
