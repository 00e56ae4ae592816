"""A room to look round in: its views all around, and what in them answers the words of a query.

value   HTML of `room_html`, autoescaped, or "" before the first room
events  none: it tells the address state which view is on screen, and asks `find_heat_map` where in
        it the words are answered (see `demo.evidence.view_heat_map`)
size    fills its column, or the screen where the visitor wishes so; views are 640 px wide, fewer
        on a phone
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import gradio as gr

from demo.address import Address
from demo.components import read, show_alone
from demo.evidence import Chip, HeatMapRequest
from demo.shading import Scale
from demo.views import render
from hicalm.data.collection import Museum, Room
from hicalm.retrieval.results import MuseumMatch

FindHeatMap = Callable[[HeatMapRequest], Mapping[str, object]]


class View(NamedTuple):
    """A view: how far it is turned, its similarity and the shade (0..4) of it, None without a
    search, whether it is the best of its room, and the search for views like it."""

    index: int
    degrees: int
    similarity: float | None
    shade: int | None
    best: bool
    like: Address


class Words(NamedTuple):
    """The words of a query on screen: all as one, each, or a sentence why there are none."""

    whole: Chip | None
    chips: Sequence[Chip]
    notice: str = ""


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
    museum: Museum, address: Address, match: MuseumMatch | None, words: Words, around: bool
) -> str:
    """Return the component's value: the room and view (from 0) that the address names.

    ``around`` says whether the views of the room lie all around a point in it.
    """
    room = address.room or 0
    return render(
        "room_viewer.jinja",
        address=address,
        museum=museum,
        room=museum.rooms[room],
        shown=room,
        start=address.view or 0,
        best=match is not None and room == match.best_room,
        views=_views(museum, match, room, address),
        words=words,
        around=around,
        before=address.open(museum.id, room - 1) if room else None,
        after=address.open(museum.id, room + 1) if room + 1 < len(museum.rooms) else None,
    )


def _views(museum: Museum, match: MuseumMatch | None, room: int, address: Address) -> list[View]:
    count = museum.rooms[room].views
    found = next(one for one in match.rooms if one.index == room) if match else None
    scale = Scale.over(value for one in match.rooms for value in one.views) if match else None
    return [
        View(
            view,
            round(360 * view / count),
            found.views[view] if found else None,
            scale.shade(found.views[view]) if found and scale else None,
            found is not None and view == found.best_view,
            address.more_like(museum.id, room, view),
        )
        for view in range(count)
    ]


def sample() -> str:
    """Return a value: a room with a hostile name, without pictures."""
    room = Room("<b>${1+1}</b> {{7*7}}", ("A room.",), 12, {})
    chips = [Chip(word, True, (20,) * 12, 3, "well") for word in ("red", "<i>horses</i>")]
    whole = Chip("All words", True, (20,) * 12, 3)
    museum = Museum("museum-1", "Museum", "test", (), (room, room), {})
    return room_html(museum, Address("red horses"), None, Words(whole, chips), True)


def _no_heat(_: HeatMapRequest) -> dict[str, Any]:
    return {"error": "There are no models here."}


if __name__ == "__main__":
    show_alone("Room viewer", lambda: room_viewer(_no_heat), sample)
