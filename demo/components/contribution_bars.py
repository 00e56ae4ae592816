"""Contributions as bars that add up: each begins where the one before it ended.

value   HTML of `bars`, autoescaped
events  none: links with `data-go` are followed by the address state
size    fills its column

A bar is split by the parts of the score. Its positive pieces run to the right from its beginning;
its negative ones run back from there, so that the bar ends at the sum. Positions are percent of the
track's width.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import gradio as gr

from demo.address import Address
from demo.components import read, show_alone
from hicalm.levels import parts_of

Row = Mapping[str, float]  # contributions of one bar by part of the score


class Piece(NamedTuple):
    """What one part of the score has of a bar."""

    part: str
    left: float
    width: float
    negative: bool


class Bar(NamedTuple):
    """A bar with its sum, and where on the track it begins and ends."""

    value: float
    begin: float
    end: float
    pieces: tuple[Piece, ...] = ()


class Line(NamedTuple):
    """A bar with its name, and where it leads.

    ``mark`` is a room's number or a museum's letter, ``part`` that of the score whose colour it
    has, ``picture`` the museum, room and view beside it. Without a bar, its name is all there is.
    """

    name: str
    bar: Bar | None
    mark: str = ""
    part: str = ""
    note: str = ""
    address: Address | None = None
    picture: tuple[str, int, int] | None = None


class Group(NamedTuple):
    """Lines that belong together; of two, ``difference`` is the first minus the second.

    ``label`` is spoken; ``heading`` and ``part`` are shown.
    """

    label: str
    lines: Sequence[Line]
    heading: str = ""
    part: str = ""
    difference: float | None = None


class Axis(NamedTuple):
    """The values at the left and the right end of the tracks; 0 is always among them."""

    low: float
    high: float

    @classmethod
    def over(cls, *stacks: tuple[Sequence[Row], float]) -> "Axis":
        """Return the axis that spans bars stacked on each other, each stack from its beginning."""
        ends = [0.0]
        for rows, begin in stacks:
            for row, start, end in _runs(rows, begin):
                ends += [start, start + sum(max(value, 0.0) for value in row.values()), end]
        return cls(min(ends), max(ends))

    def position(self, value: float) -> float:
        """Return where a value lies, 0..100 for those on the axis; 0 where the axis is a point."""
        length = self.high - self.low
        return round(100 * (value - self.low) / length, 3) if length > 0 else 0.0

    def stack(self, rows: Sequence[Row], begin: float = 0.0) -> list[Bar]:
        """Return bars one after another: the first begins at a value, each next where it ended."""
        return [self._bar(row, start) for row, start, _ in _runs(rows, begin)]

    def _bar(self, row: Row, begin: float) -> Bar:
        pieces, at = [], begin
        parts = [(part, row[part]) for part in parts_of(row) if row[part]]
        for part, value in sorted(parts, key=lambda one: one[1] < 0):  # the negative ones last
            low, high = sorted((self.position(at), self.position(at + value)))
            pieces.append(Piece(part, low, round(high - low, 3), value < 0))
            at += value
        return Bar(at - begin, self.position(begin), self.position(at), tuple(pieces))


def _runs(rows: Sequence[Row], begin: float) -> Iterable[tuple[Row, float, float]]:
    ends = pairwise(accumulate((sum(row.values()) for row in rows), initial=begin))
    return ((row, start, end) for row, (start, end) in zip(rows, ends, strict=True))


def contribution_bars() -> gr.HTML:
    """Return the component, empty."""
    return gr.HTML(
        css_template=read("contribution_bars.css"),
        apply_default_css=False,
        elem_classes="contribution-bars",
    )


def bars(
    address: Address,
    groups: Sequence[Group],
    axis: Axis,
    goal: float | None = None,
    digits: int = 3,
) -> str:
    """Return a value: bars on one axis, with the place of ``goal``, where they are to arrive."""
    from demo.views import render

    return render(
        "contribution_bars.jinja",
        address=address,
        groups=groups,
        zero=axis.position(0.0),
        goal=None if goal is None else axis.position(goal),
        digits=digits,
    )


def sample() -> str:
    """Return a value with the rooms of a museum that there is not, one of a hostile name."""
    rows = [{"museum": 0.1, "plan": 0.4}, {"room": 0.1, "view": -0.05}, {"words": 0.2}]
    names = ("The Rotunda", "West Room", "<b>${1+1}</b> {{7*7}}")
    axis = Axis.over((rows, 0.0))
    lines = [
        Line(name, bar, mark=str(n), address=Address("red").open("museum-1", n))
        for n, (name, bar) in enumerate(zip(names, axis.stack(rows), strict=True), start=1)
    ]
    return bars(Address("red"), [Group("Contribution of each room", lines)], axis, 0.75)


if __name__ == "__main__":
    show_alone("Contribution bars", contribution_bars, sample)
