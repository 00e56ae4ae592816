"""How scores are shown: shades of rooms and views, and bars of a score's parts."""

from collections.abc import Iterable
from dataclasses import dataclass

from hicalm.levels import parts_of
from hicalm.retrieval.results import MuseumMatch

SHADES = 5  # 0 is the weakest match on screen, 4 the strongest; style.css colours them
DIGITS = 3  # of scores and contributions where their sums are shown
MINUS = "\N{MINUS SIGN}"
MIN_ADDED = 1e-4  # of what the rooms add; below it a share in percent says nothing
FLAT_SPREAD = 1e-6  # below it all values are taken as equal, and shaded in the middle


@dataclass(frozen=True)
class Scale:
    """Turns similarities into shades, with the weakest and the strongest one on screen as ends."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Iterable[float]) -> "Scale":
        """Return the scale that spans the values (any number of them, none included)."""
        values = list(values)
        return cls(min(values), max(values)) if values else cls(0.0, 0.0)

    def shade(self, value: float) -> int:
        """Return the shade 0..``SHADES - 1`` of a value; values outside the scale are clipped."""
        spread = self.high - self.low
        if spread < FLAT_SPREAD:
            return SHADES // 2
        share = min(max((value - self.low) / spread, 0.0), 1.0)
        return min(int(share * SHADES), SHADES - 1)


@dataclass(frozen=True)
class LevelPart:
    """One part of a score: its value, and its width in percent of the longest bar."""

    name: str
    value: float
    width: float


def level_parts(levels: dict[str, float], longest: float) -> list[LevelPart]:
    """Return the parts of a bar in the order of ``levels.PARTS``, those that a score has.

    ``longest`` is the largest sum of positive parts on screen and gets the full width. A negative
    part has no width, and its value is shown as a number only.
    """
    unit = 100 / longest if longest > 0 else 0.0
    return [
        LevelPart(name, levels[name], round(max(levels[name], 0.0) * unit, 2))
        for name in parts_of(levels)
    ]


def longest_bar(matches: Iterable[MuseumMatch]) -> float:
    """Return the largest sum of positive parts among museums found, 0 for none."""
    sums = (sum(max(value, 0.0) for value in match.levels.values()) for match in matches)
    return max(sums, default=0.0)


def room_scale(matches: Iterable[MuseumMatch]) -> Scale:
    """Return the scale of the room similarities of museums found."""
    return Scale.over(room.similarity for match in matches for room in match.rooms)


def share(contribution: float, added: float) -> int | None:
    """Return a contribution in percent of what all rooms add to a museum's score.

    None where they add nothing, or take away: a percentage would not say how much.
    """
    return round(100 * contribution / added) if added > MIN_ADDED else None


def amount(value: float, digits: int = DIGITS) -> str:
    """Return a score or a contribution as text, with a real minus."""
    return f"{round(value, digits) or 0.0:.{digits}f}".replace("-", MINUS)


def signed(value: float, digits: int = DIGITS) -> str:
    """Return a contribution or a difference as text with its sign, none for 0."""
    shown = round(value, digits)
    return f"{shown:+.{digits}f}".replace("-", MINUS) if shown else amount(0.0, digits)
