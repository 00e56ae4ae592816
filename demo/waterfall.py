"""Contributions as bars that visibly add up: each begins where the one before it ended.

A bar is split by the parts of the score. Its positive pieces run to the right from its beginning;
its negative ones run back from there, so that the bar ends at the sum. Positions are percent of the
track's width.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from hicalm.levels import parts_of

Row = Mapping[str, float]  # contributions of one bar by part of the score


@dataclass(frozen=True)
class Piece:
    """What one part of the score has of a bar."""

    level: str
    left: float
    width: float
    negative: bool


@dataclass(frozen=True)
class Bar:
    """A bar with its sum, and where on the track it begins and ends."""

    value: float
    begin: float
    end: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Axis:
    """The values at the left and the right end of the tracks; 0 is always among them."""

    low: float
    high: float

    @classmethod
    def over(cls, *stacks: tuple[Sequence[Row], float]) -> "Axis":
        """Return the axis that spans bars stacked on each other, each stack from its beginning."""
        ends = [end for rows, begin in stacks for end in _ends(rows, begin)]
        return cls(min(ends, default=0.0), max(ends, default=0.0))

    def position(self, value: float) -> float:
        """Return where a value lies, 0..100 for those on the axis; 0 where the axis is a point."""
        length = self.high - self.low
        return round(100 * (value - self.low) / length, 3) if length > 0 else 0.0

    def stack(self, rows: Sequence[Row], begin: float = 0.0) -> list[Bar]:
        """Return bars one after another: the first begins at a value, each next where it ended."""
        return [self._bar(row, start) for row, (start, _) in _runs(rows, begin)]

    def _bar(self, row: Row, begin: float) -> Bar:
        pieces, at = [], begin
        for level, value in _by_sign(row):
            low, high = sorted((self.position(at), self.position(at + value)))
            pieces.append(Piece(level, low, round(high - low, 3), value < 0))
            at += value
        return Bar(at - begin, self.position(begin), self.position(at), tuple(pieces))


def _runs(rows: Sequence[Row], begin: float) -> Iterable[tuple[Row, tuple[float, float]]]:
    sums = accumulate((sum(row.values()) for row in rows), initial=begin)
    return zip(rows, pairwise(sums), strict=True)


def _ends(rows: Sequence[Row], begin: float) -> list[float]:
    ends = [0.0, begin]
    for row, (start, end) in _runs(rows, begin):
        ends += [start + sum(max(value, 0.0) for value in row.values()), end]
    return ends


def _by_sign(row: Row) -> list[tuple[str, float]]:
    """Return the parts that are not 0 in the order of PARTS, the negative ones last."""
    parts = [(level, row[level]) for level in parts_of(row) if row[level]]
    return sorted(parts, key=lambda part: part[1] < 0)
