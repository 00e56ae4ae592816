"""A room to look round in: its views all around, and what in them answers the words of a query.

value   HTML of `room_html`, autoescaped, or "" before the first room
events  none: it tells the address state which view is on screen, and asks `find_heat_map` where in
        it the words are answered (see `demo.evidence.view_heat_map`)
size    fills its column, or the screen where the visitor wishes so; views are 640 px wide, fewer
        on a phone
"""

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from demo.address import Address
from demo.components import read, show_alone
from demo.evidence import Chip, HeatMapRequest, Words
from demo.shading import Scale
from demo.views import render
from hicalm.data.collection import Museum, Room
from hicalm.retrieval.results import MuseumMatch

FindHeatMap = Callable[[HeatMapRequest], Mapping[str, object]]


def room_viewer(heat_map: FindHeatMap) -> gr.HTML:
    """Return the component, empty."""

    def find_heat_map(wanted: HeatMapRequest) -> Mapping[str, object]:
        return heat_map(wanted)

    return gr.HTML(
        html_template='<div class="viewer" tabindex="-1"></div>',
        css_template=read("room_viewer.css"),
        js_on_load=read("room_viewer.js"),
        server_functions=[find_heat_map],
        apply_default_css=False,
    )


def room_html(
    museum: Museum,
    address: Address,
    match: MuseumMatch | None,
    words: Words,
    around: bool,
    pictures: bool = True,
) -> str:
    """Return the component's value: the room and view (from 0) that the address names.

    ``around`` says whether the views of the room lie all around a point in it; without ``pictures``
    they are a row of numbers and similarities.
    """
    room = address.room or 0
    rooms = {one.index: one for one in match.rooms} if match else {}
    return render(
        "room_viewer.jinja",
        address=address,
        museum=museum,
        shown=room,
        start=address.view or 0,
        match=match,
        found=rooms.get(room),
        scale=Scale.over(value for one in rooms.values() for value in one.views),
        words=words,
        around=around,
        pictures=pictures,
    )


def sample() -> str:
    """Return a value: a room with a hostile name, without pictures."""
    room = Room("<b>${1+1}</b> {{7*7}}", ("A room.",), 12, {})
    chips = [Chip(word, True, (20,) * 12, 3, "well") for word in ("red", "<i>horses</i>")]
    whole = Chip("All words", True, (20,) * 12, 3)
    museum = Museum("museum-1", "Museum", "test", (), (room, room), {})
    return room_html(museum, Address("red horses"), None, Words(chips, whole), True)


def _no_heat(_: HeatMapRequest) -> dict[str, Any]:
    return {"error": "There are no models here."}


if __name__ == "__main__":
    show_alone("Room viewer", lambda: room_viewer(_no_heat), sample)
