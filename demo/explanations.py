"""An Explanation as what the museum's page draws: bars, shares, marked words, sentences."""

from typing import TypedDict

from demo import text
from demo.address import Address
from demo.comparison import Side, level_differences, open_side, pair_rooms
from demo.explorer import Explorer, RankedMatch
from demo.shading import SHADES, Scale, amount
from demo.waterfall import Axis, Bar
from hicalm.explain.explanation import Explanation
from hicalm.levels import parts_of
from hicalm.retrieval.results import MuseumMatch

SHOWN_VIEWS = 3
SHOWN_ROOMS = 2  # pairs of rooms that tell a museum from the one above it
MIN_ADDED = 1e-4  # of what the rooms add; below it a share in percent says nothing


def explain_museum(
    explorer: Explorer, address: Address, ranked_match: RankedMatch
) -> dict[str, object]:
    """Return the values of ``why.html`` for the address's museum.

    Raises HicalmError where it cannot be explained.
    """
    found = explorer.explain(address, address.museum)
    own = Side(explorer.collection.museum(address.museum), found, ranked_match)
    return {
        "found": found,
        "ranked_match": ranked_match,
        "summary": summary(own),
        "views": _best_views(address, own),
        "parts": weighted_parts(found),
        "paragraphs": explorer.find(address).paragraphs,
        "above": _why_not_first(explorer, address, own, ranked_match.above),
        **adding_up(found),
    }


def adding_up(found: Explanation) -> dict[str, object]:
    """Return the bars of an Explanation on one axis: by part from 0, by room from the baseline.

    ``baseline`` and ``whole`` are the bars of the museum with no rooms and of the score; ``zero``
    and ``goal`` the positions of 0 and of the score.
    """
    names = parts_of(found.levels)
    levels = [{name: found.levels[name]} for name in names]
    rooms = [room.levels for room in found.rooms]
    axis = Axis.over((levels, 0.0), (rooms, found.baseline), ([found.levels], 0.0))
    low, high = sorted((axis.position(0.0), axis.position(found.baseline)))
    return {
        "levels": list(zip(names, axis.stack(levels), strict=True)),
        "rooms": axis.stack(rooms, found.baseline),
        "baseline": Bar(found.baseline, low, high, ()),
        "whole": axis.stack([found.levels])[0],
        "zero": axis.position(0.0),
        "goal": axis.position(found.score),
    }


def share(contribution: float, found: Explanation) -> int | None:
    """Return a contribution in percent of what the rooms add to the baseline.

    None where they add nothing, or take away: a percentage would not say how much.
    """
    added = found.score - found.baseline
    return round(100 * contribution / added) if added > MIN_ADDED else None


def summary(own: Side) -> str:
    """Return one sentence: the room and the part of the score that brought the most."""
    found = own.explanation
    room = max(found.rooms, key=lambda one: one.contribution)
    if room.contribution <= 0:
        return text.NO_ROOM_ADDS
    part = max(parts_of(found.levels), key=found.levels.__getitem__)
    percent = share(room.contribution, found)
    sentence = text.SUMMARY if room.contribution <= found.score else text.SUMMARY_OVER
    return sentence.format(
        room=room.index + 1,
        name=own.room(room.index).name,
        part=amount(room.contribution),
        score=amount(found.score),
        percent="" if percent is None else f" ({percent} %)",
        most=text.part_in_words(part),
    )


class WeightedPart(TypedDict):
    """A part of the query with its contribution; ``begins`` marks a new paragraph.

    A part that takes away has no shade and is ``against``.
    """

    text: str
    value: float
    shade: int | None
    against: bool
    begins: bool


def weighted_parts(found: Explanation) -> list[WeightedPart]:
    """Return the query's parts: the strongest has the darkest shade of all but one, which is kept
    for the best matches of rooms and views."""
    largest = max((part.contribution for part in found.query_parts), default=0.0)
    scale, before = Scale(0.0, max(largest, 0.0)), 0
    parts: list[WeightedPart] = []
    for part in found.query_parts:
        against = part.contribution < 0
        parts.append(
            {
                "text": part.text,
                "value": part.contribution,
                "shade": None if against else min(scale.shade(part.contribution), SHADES - 2),
                "against": against,
                "begins": part.paragraph != before,
            }
        )
        before = part.paragraph
    return parts


def _best_views(address: Address, own: Side) -> list[dict[str, object]]:
    """Return the views that carried the most, as far as they carried anything.

    In percent, but where one carried more than there is in all, as others take some of it back.
    """
    pairs = own.explanation.best_views(SHOWN_VIEWS)
    shares = [share(view.contribution, own.explanation) for _, view in pairs]
    in_percent = all(one is not None and one <= 100 for one in shares)
    return [
        {
            "museum": own.museum.id,
            "room": room.index,
            "view": view.index,
            "name": own.room(room.index).name,
            "value": view.contribution,
            "share": share(view.contribution, own.explanation) if in_percent else None,
            "address": address.open(own.museum.id, room.index, view.index),
        }
        for room, view in pairs
        if view.contribution > 0
    ]


def _why_not_first(
    explorer: Explorer, address: Address, own: Side, ahead: MuseumMatch | None
) -> dict[str, object] | None:
    """Return what the museum ranked directly above has more of, None for the first."""
    if ahead is None:
        return None
    above = open_side(explorer, address, ahead.museum_id)
    counterparts = explorer.align_rooms(above.museum.id, own.museum.id)
    pairs = pair_rooms(above.explanation, own.explanation, counterparts)
    better = [(pair, pair.first) for pair in pairs if pair.first and pair.difference > 0]
    better.sort(key=lambda one: -one[0].difference)
    return {
        "side": above,
        "gap": above.explanation.score - own.explanation.score,
        "levels": level_differences(own.explanation, above.explanation),
        "pairs": [
            (pair, above.room(room.index), address.open(above.museum.id, room.index))
            for pair, room in better[:SHOWN_ROOMS]
        ],
        "open": address.open(above.museum.id),
        "compare": address.compare(own.museum.id, above.museum.id),
    }
