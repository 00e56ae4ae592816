"""Two museums side by side on one query: what puts one of them ahead of the other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import gradio as gr
import pandas as pd
from pandas.io.formats.style import Styler

from demo import text, views
from demo.address import Address
from demo.components.contribution_bars import Axis, Group, Line, bars, contribution_bars
from demo.pages.parts import Parts, Shown
from demo.shading import DIGITS, amount
from demo.workspace import RankedMatch, Workspace
from hicalm.data.collection import Museum
from hicalm.errors import HicalmError
from hicalm.explain.explanation import Explanation, RoomContribution
from hicalm.levels import parts_of

SAME = 5e-4  # scores closer than this look the same on screen


@dataclass(frozen=True)
class ComparePage(Parts):
    """The parts of the page."""

    column: gr.Column
    heading: gr.HTML
    first: gr.Dropdown
    second: gr.Dropdown
    swap: gr.HTML
    bars: gr.HTML
    numbers: gr.Dataframe

    @property
    def controls(self) -> tuple[gr.Dropdown, gr.Dropdown]:
        """What chooses the museums, in the order of `changed`."""
        return self.first, self.second


def build() -> ComparePage:
    """Lay the page out."""
    with gr.Column(elem_classes="page compare", visible=False) as column:
        heading = gr.HTML(apply_default_css=False)
        with gr.Row(elem_classes="sides"):
            first = gr.Dropdown(label="A", min_width=240)
            second = gr.Dropdown(label="B", min_width=240)
            swap = gr.HTML(apply_default_css=False, elem_classes="swap")
        shown = contribution_bars()
        with gr.Accordion("In numbers", open=False):
            numbers = gr.Dataframe(interactive=False, show_label=False)
    return ComparePage(column, heading, first, second, swap, shown, numbers)


@dataclass(frozen=True)
class Side:
    """One of the two museums, with its Explanation and where it is ranked."""

    museum: Museum
    explanation: Explanation
    ranked: RankedMatch | None

    @property
    def standing(self) -> str:
        """Its rank in words: ``"No. 2 of 450"``."""
        if self.ranked is None:
            return "Not ranked"
        among = self.ranked.among
        return f"No. {self.ranked.rank} " + (f"of {among:,}" if among else "with these filters")


class Pair(NamedTuple):
    """A RoomContribution of each museum (None: it has no counterpart), and first minus second."""

    first: RoomContribution | None
    second: RoomContribution | None
    difference: float


def open_side(workspace: Workspace, address: Address, museum: str) -> Side:
    """Return a museum as one side. Raises HicalmError for an unknown one and as ``find``."""
    return Side(
        workspace.collection.museum(museum),
        workspace.explain(address, museum),
        workspace.ranked_match(address, museum),
    )


def level_differences(first: Explanation, second: Explanation) -> dict[str, float]:
    """Return the parts of the first score minus those of the second, in the order of PARTS.

    A part that only one of them has is nothing in the other.
    """
    one, other = first.levels, second.levels
    return {name: one.get(name, 0.0) - other.get(name, 0.0) for name in parts_of(one, other)}


def pair_rooms(
    first: Explanation,
    second: Explanation,
    counterparts: Iterable[tuple[int | None, int | None]],
) -> list[Pair]:
    """Return the rooms of two Explanations in pairs, by the larger contribution of the two.

    Rooms without a counterpart come last.
    """
    pairs = []
    for one, other in counterparts:
        ours = None if one is None else first.rooms[one]
        theirs = None if other is None else second.rooms[other]
        pairs.append(Pair(ours, theirs, _of(ours) - _of(theirs)))
    return sorted(pairs, key=lambda p: (None in p, -max(r.contribution for r in p[:2] if r)))


def verdict(first: Side, second: Side) -> str:
    """Return one sentence that says which museum is ahead, by how much, and by which part."""
    ahead, behind = sorted((first, second), key=lambda side: -side.explanation.score)
    gap = ahead.explanation.score - behind.explanation.score
    if gap < SAME:
        return text.SAME_SCORE.format(score=amount(ahead.explanation.score))
    parts = level_differences(ahead.explanation, behind.explanation)
    lead = max(parts, key=parts.__getitem__)
    sentence = text.AHEAD_ALL if parts[lead] > gap + SAME else text.AHEAD_MAINLY
    sentence = text.AHEAD_PART if parts[lead] < gap / 2 else sentence
    return sentence.format(
        ahead=ahead.museum.title,
        gap=amount(gap),
        part=amount(parts[lead]),
        most=text.part_in_words(lead),
    )


def show_comparison(page: ComparePage, workspace: Workspace, address: Address) -> tuple[str, Shown]:
    """Return the title and the page of the open museum beside the one of ``against``.

    Raises HicalmError for the same or an unknown museum and for what cannot be searched by.
    """
    if address.museum == address.against:
        raise HicalmError(text.AGAINST_ITSELF)
    first, second = (open_side(workspace, address, m) for m in (address.museum, address.against))
    alike = workspace.align_rooms(address.museum, address.against)
    pairs = pair_rooms(first.explanation, second.explanation, alike)
    groups, axis = side_by_side(address, first, second, pairs)
    swapped = address.compare(address.against, address.museum)
    titles = [first.museum.title, second.museum.title]
    return f"{' / '.join(titles)} · {text.APP_NAME}", {
        page.heading: views.two_sides(address, "Two museums side by side", verdict(first, second)),
        page.first: _picker(workspace, address, first),
        page.second: _picker(workspace, address, second),
        page.swap: views.swap_link(swapped),
        page.bars: bars(address, groups, axis, digits=2),
        page.numbers: exact(
            {"": group.label}
            | {
                f"{letter}: {title}": line.bar.value if line.bar else 0.0
                for letter, title, line in zip("AB", titles, group.lines, strict=True)
            }
            | {text.DIFFERENCE: group.difference}
            for group in groups
        ),
    }


def changed(address: Address, first: str, second: str) -> Address:
    """Return the address of two other museums; the one on the other side changes places."""
    if first == second:
        first, second = address.against, address.museum
    return address.compare(first, second)


def side_by_side(
    address: Address, first: Side, second: Side, pairs: list[Pair]
) -> tuple[list[Group], Axis]:
    """Return the bars of both museums and their axis: of the scores, their parts, and the rooms."""
    one, other = first.explanation, second.explanation
    rows = [one.levels, other.levels, *(r.levels for pair in pairs for r in pair[:2] if r)]
    axis = Axis.over(*(([row], 0.0) for row in rows))

    def line(side: Side, letter: str, row: dict[str, float], name: str = "") -> Line:
        note = f"{side.standing} · {text.counted(len(side.museum.rooms), 'room')}" if name else ""
        opened = address.open(side.museum.id) if name else None
        return Line(name, axis.stack([row])[0], mark=letter, note=note, address=opened)

    whole = [
        line(side, letter, side.explanation.levels, side.museum.title)
        for side, letter in ((first, "A"), (second, "B"))
    ]
    groups = [Group("Score", whole, difference=one.score - other.score)]
    for name, difference in level_differences(one, other).items():
        lines = [
            line(side, letter, {name: side.explanation.levels.get(name, 0.0)})
            for side, letter in ((first, "A"), (second, "B"))
        ]
        groups.append(Group(text.part_name(name), lines, part=name, difference=difference))
    for index, pair in enumerate(pairs):
        lines = [_room(address, first, pair.first, axis), _room(address, second, pair.second, axis)]
        heading = "" if index else "By room, each beside the room most like it"
        numbers = [str(room.index + 1) for room in pair[:2] if room]
        label = f"Room{'s' * (len(numbers) > 1)} {' and '.join(numbers)}"
        groups.append(Group(label, lines, heading, difference=pair.difference))
    return groups, axis


def _room(address: Address, side: Side, room: RoomContribution | None, axis: Axis) -> Line:
    """Return a room with its bar and the view of it that carried the most."""
    if room is None:
        return Line("No counterpart", None)
    view = max(room.views, key=lambda one: one.contribution).index
    return Line(
        f"Room {room.index + 1}, {side.museum.rooms[room.index].name}",
        axis.stack([room.levels])[0],
        address=address.open(side.museum.id, room.index, view),
        picture=(side.museum.id, room.index, view),
    )


def exact(records: Iterable[Mapping[str, str | float | None]]) -> Styler:
    """Return a table whose numbers have three decimals, and no minus where they are 0."""
    table = pd.DataFrame(list(records))
    numbers = table.select_dtypes("float").round(DIGITS) + 0.0
    return table.assign(**numbers).style.format(precision=DIGITS)


def _picker(workspace: Workspace, address: Address, side: Side) -> gr.Dropdown:
    """Return what can be chosen instead of a museum: the results, and the museum itself."""
    found = workspace.find(address).matches
    names = {match.museum_id: f"{rank}. {match.title}" for rank, match in enumerate(found, start=1)}
    own = side.museum.id
    rank = f"{side.ranked.rank}. " if side.ranked else ""
    names.setdefault(own, rank + side.museum.title)
    return gr.Dropdown(choices=[(name, museum) for museum, name in names.items()], value=own)


def _of(room: RoomContribution | None) -> float:
    return room.contribution if room else 0.0
