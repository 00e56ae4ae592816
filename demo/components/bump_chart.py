"""Two ranked lists of museums side by side, with lines from ranks to ranks.

value   HTML of `bump_chart_html`, autoescaped
events  none: links with `data-go` are followed by the address state; pointing at a museum marks it
        in both lists
size    fills its column; on a phone the lists stand side by side without the lines
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import gradio as gr
import numpy as np

from demo.address import Address
from demo.components import read, show_alone
from hicalm.data.collection import Collection, Museum
from hicalm.retrieval.methods import Ranking, describe, readable

ROW = 100  # height of a row in the drawing of the moves, in its own units
WIDTH = 100  # of that drawing
STUB = (24, 40)  # across and down: the beginning of a line that leads out of the list


@dataclass(frozen=True)
class Entry:
    """A museum in one list: its rank there and in the other one, both from 1."""

    museum: Museum
    rank: int
    other: int
    address: Address

    @property
    def rank_change(self) -> int:
        """How many ranks higher it stands here than in the other list."""
        return self.other - self.rank


@dataclass(frozen=True)
class Move:
    """A line from a row of the left list to one of the right list, in units of the drawing.

    ``kind`` is up, down or same; away (or new) begins (or ends) at a museum that only the left (or
    right) list shows.
    """

    museum: str
    kind: str
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def path(self) -> str:
        """The line as an SVG path, level at both ends."""
        (x, y), (to_x, to_y) = self.start, self.end
        middle = (x + to_x) / 2
        return f"M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"


def entries(
    collection: Collection, address: Address, ranking: Ranking, other: Ranking
) -> list[Entry]:
    """Return the first ``address.top`` museums of a ranking."""
    ranks, here = other.ranks, address.results()
    return [
        Entry(collection.museum(museum), rank, ranks[museum], here.open(museum))
        for rank, museum in enumerate(ranking.museum_ids[: address.top], start=1)
    ]


def moves(left: Sequence[Entry], right: Sequence[Entry]) -> list[Move]:
    """Return the lines between two lists; one that leads out of them is only begun."""
    staying = {entry.museum.id for entry in left} & {entry.museum.id for entry in right}
    lines = []
    for entry in left:
        here = (0.0, _middle(entry.rank))
        stays = entry.museum.id in staying
        there = (float(WIDTH), _middle(entry.other)) if stays else (STUB[0], here[1] + STUB[1])
        kind = ("same", "down", "up")[(entry.rank_change > 0) - (entry.rank_change < 0)]
        lines.append(Move(entry.museum.id, kind if stays else "away", here, there))
    for entry in right:
        if entry.museum.id not in staying:
            here = (float(WIDTH), _middle(entry.rank))
            lines.append(Move(entry.museum.id, "new", (WIDTH - STUB[0], here[1] + STUB[1]), here))
    return lines


def _middle(rank: int) -> float:
    return ROW * (rank - 0.5)


def bump_chart() -> gr.HTML:
    """Return the component, empty."""
    return gr.HTML(
        css_template=read("bump_chart.css"),
        js_on_load=read("bump_chart.js"),
        apply_default_css=False,
    )


def bump_chart_html(
    address: Address,
    names: tuple[str, str],
    lists: tuple[Sequence[Entry], Sequence[Entry]],
    best: Mapping[str, tuple[int, int]],
) -> str:
    """Return a value: two lists of two methods; ``best`` is a room and view by museum to show."""
    from demo.views import render

    return render(
        "bump_chart.jinja",
        address=address,
        sides=list(zip(("left", "right"), names, lists, strict=True)),
        readable=readable,
        describe=describe,
        best=best,
        moves=moves(*lists),
        width=WIDTH,
        height=ROW * len(lists[0]),
    )


def sample() -> str:
    """Return a value with three museums that there are not, one of a hostile title."""
    titles = ("The Harbour Collection", "Museum of Gardens", "<b>${1+1}</b> {{7*7}}")
    museums = {f"m{n}": Museum(f"m{n}", title, "test", (), ()) for n, title in enumerate(titles)}
    collection = SimpleNamespace(museum=museums.__getitem__)
    orders = (("m0", "m1", "m2"), ("m1", "m2", "m0"))
    left, right = (Ranking.of("flat", ids, -np.arange(3)) for ids in orders)
    address = Address("red")
    lists = entries(collection, address, left, right), entries(collection, address, right, left)
    return bump_chart_html(address, ("hicalm", "flat"), lists, dict.fromkeys(museums, (0, 0)))


if __name__ == "__main__":
    show_alone("Bump chart", bump_chart, sample)
