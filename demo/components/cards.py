"""Ranked museums as cards: pictures of what was asked for, what is answered, score and rooms.

Or rooms or views as tiles, or the views that carry a sentence. The place of a picture that answers
a phrase is outlined once ``find_place`` has found it; a picture that is cut off is moved to it.

value   HTML of `cards.jinja`, `tiles.jinja` or `museum_said.html`, autoescaped
events  none: links with `data-go` are followed by the address state
size    fills its column; cards of 350 px and more side by side
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gradio as gr

from demo.components import read, show_alone

FindPlace = Callable[..., dict[str, float]]


def cards(place: FindPlace = lambda wanted: {}, elem_classes: str = "") -> gr.HTML:
    """Return the component, empty; ``place`` answers as ``demo.places.find_place``."""

    def find_place(wanted: dict[str, Any]) -> dict[str, float]:
        return place(wanted)

    return gr.HTML(
        server_functions=[find_place],
        elem_classes=elem_classes,
        css_template=read("cards.css"),
        js_on_load=read("cards.js"),
        apply_default_css=False,
    )


def sample() -> str:
    """Return a value with three museums that there are not, one of a hostile title."""
    from demo.address import Address
    from demo.views import cards_html
    from hicalm.data.collection import Museum, Room
    from hicalm.retrieval.results import MuseumMatch, RoomMatch, SearchResult

    titles = ("The Harbour Collection", "Museum of Gardens", "<b>${1+1}</b> {{7*7}}")
    rooms = tuple(Room(f"Gallery {n}", ("A room.",), 12, {}) for n in range(1, 6))
    museums = {
        f"museum-{n}": Museum(f"museum-{n}", title, "test", (), rooms, {"theme": "the sea"})
        for n, title in enumerate(titles, start=1)
    }
    matches = tuple(
        MuseumMatch(
            museum_id,
            museum.title,
            0.9 - 0.2 * n,
            {"museum": 0.1, "room": 0.2, "view": 0.6 - 0.2 * n},
            tuple(RoomMatch(r, 0.1 * r, 3, (0.1,) * 12) for r in range(len(rooms))),
            best_room=n,
            best_view=3,
            fit=0.9 - 0.4 * n,
        )
        for n, (museum_id, museum) in enumerate(museums.items())
    )
    found = SearchResult("the sea", (("the sea",),), matches, 0.05)
    collection = SimpleNamespace(museum=museums.__getitem__)
    return cards_html(collection, Address(query="the sea"), found)  # type: ignore[arg-type]


if __name__ == "__main__":
    show_alone("Cards", cards, sample)
