"""Two museums side by side on one query: what puts one of them ahead of the other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import parse_qsl

from demo import text, views
from demo.address import Address, format_address
from demo.explorer import Explorer, RankedMatch, clean_query
from demo.shading import amount
from demo.views import Page
from demo.waterfall import Axis, Bar
from hicalm.data.collection import Museum, Room
from hicalm.errors import HicalmError
from hicalm.explain.explanation import Explanation, RoomContribution
from hicalm.levels import parts_of

SAME = 5e-4  # scores closer than this look the same on screen
LONGEST_NAME = 60  # characters of a title in a picker


@dataclass(frozen=True)
class Side:
    """One of the two museums, with its Explanation and its rank among the results."""

    museum: Museum
    explanation: Explanation
    ranked_match: RankedMatch | None

    def room(self, index: int) -> Room:
        """Return a room of the collection."""
        return self.museum.rooms[index]


class Pair(NamedTuple):
    """A RoomContribution of each museum (None: it has no counterpart), and first minus second."""

    first: RoomContribution | None
    second: RoomContribution | None
    difference: float


def open_side(explorer: Explorer, address: Address, museum: str) -> Side:
    """Return a museum as one side. Raises HicalmError for an unknown one and as ``find``."""
    return Side(
        explorer.collection.museum(museum),
        explorer.explain(address, museum),
        explorer.ranked_match(address, museum),
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


def comparison_page(explorer: Explorer, address: Address) -> Page:
    """Return the page of the open museum beside the one of ``against``.

    Raises HicalmError for the same or an unknown museum and for what cannot be searched by.
    """
    if address.museum == address.against:
        raise HicalmError(text.AGAINST_ITSELF)
    first = open_side(explorer, address, address.museum)
    second = open_side(explorer, address, address.against)
    html = views.render(
        "compare.html",
        address=address,
        query=clean_query(address.query),
        verdict=verdict(first, second),
        sides=[
            (first, address.open(first.museum.id), _picker(explorer, address, first)),
            (second, address.open(second.museum.id), _picker(explorer, address, second)),
        ],
        fields=_hidden_fields(address),
        swapped=address.compare(address.against, address.museum),
        **_bars(explorer, address, first, second),
    )
    title = f"{first.museum.title} / {second.museum.title} · {text.APP_NAME}"
    return views.answer("compare", title, html)


def _bars(explorer: Explorer, address: Address, first: Side, second: Side) -> dict[str, object]:
    """Return the rows of the page, each with a bar on either side; all bars share one axis."""
    one, other = first.explanation, second.explanation
    pairs = pair_rooms(one, other, explorer.align_rooms(first.museum.id, second.museum.id))
    rows = [{name: value} for e in (one, other) for name, value in e.levels.items()]
    rows += [room.levels for e in (one, other) for room in e.rooms]
    axis = Axis.over(*(([row], 0.0) for row in rows))
    level_rows = [
        (name, difference, *(_part_bar(axis, e, name) for e in (one, other)))
        for name, difference in level_differences(one, other).items()
    ]
    room_rows = [
        (
            pair,
            _room_side(address, first, pair.first, axis),
            _room_side(address, second, pair.second, axis),
        )
        for pair in pairs
    ]
    return {
        "levels": level_rows,
        "pairs": [row for row in room_rows if None not in row[0]],
        "unpaired": [row for row in room_rows if None in row[0]],
        "zero": axis.position(0.0),
        "difference": one.score - other.score,
        "baselines": bool(one.baseline or other.baseline),
    }


def _part_bar(axis: Axis, found: Explanation, name: str) -> Bar:
    return axis.stack([{name: found.levels.get(name, 0.0)}])[0]


def _room_side(
    address: Address, side: Side, room: RoomContribution | None, axis: Axis
) -> dict[str, object] | None:
    """Return a room with its bar and the view of it that carried the most."""
    if room is None:
        return None
    view = max(room.views, key=lambda one: one.contribution)
    return {
        "museum": side.museum.id,
        "index": room.index,
        "name": side.room(room.index).name,
        "bar": axis.stack([room.levels])[0],
        "view": view.index,
        "address": address.open(side.museum.id, room.index, view.index),
    }


def _picker(explorer: Explorer, address: Address, side: Side) -> list[tuple[str, str, bool]]:
    """Return what can be chosen instead of a museum: the results, and the museum itself."""
    found = explorer.find(address).matches
    names = {match.museum_id: f"{rank}. {match.title}" for rank, match in enumerate(found, start=1)}
    own = side.museum.id
    if own not in names:
        rank = f"{side.ranked_match.rank}. " if side.ranked_match else ""
        names[own] = rank + side.museum.title
    return [(museum, _shortened(name), museum == own) for museum, name in names.items()]


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _hidden_fields(address: Address) -> list[tuple[str, str]]:
    return parse_qsl(format_address(replace(address.results(), browse=False)).lstrip("?"))


def _of(room: RoomContribution | None) -> float:
    return room.contribution if room else 0.0
