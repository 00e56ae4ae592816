"""A query's words with tags, and the plan that the tags tell.

Each word has a *piece*: outside of everything, the begin or the inside of a phrase, or a number and
what it counts. The words of a phrase also have a *role* (wanted, or not of a painting, a room, the
museum) and a *link* to the phrase before (anywhere, same room, other room, a later or an earlier
one). `plan_tagger` reads the tags, `plan_of` makes the plan of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hicalm.errors import HicalmError
from hicalm.reading.plan_phrases import ROOM_LOOKS, ROOM_WORDS, a_room
from hicalm.reading.quantities import number_of
from hicalm.reading.query_plan import And, Count, Not, NotOf, Phrase, Plan, Rooms, Then

# Numbers: of rooms of the phrase after or before the word, or of all rooms of the museum.
NUMBER_PIECES = (
    *("count after", "more after", "count before", "more before"),
    *("most", "fewer", "least", "more", "exactly"),
)
PIECES = ("outside", "begin", "inside", *NUMBER_PIECES)
ROLES = ("wanted", "not painting", "not room", "not museum")
LINKS = ("any", "same", "other", "later", "earlier")

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019](?:s|t|d|m|re|ve|ll)\b)?|\d+|[^\w\s]|_", re.IGNORECASE)
_ROOM = r"(?:rooms?|gallery|galleries|halls?|chambers?|salons?|spaces?)\b"
_NEXT_ROOM = re.compile(rf"[ -]?({_ROOM})", re.IGNORECASE)
_ARTICLES = {"a", "an", "the"}
_NEXT_ONE = re.compile(r"\s+one\b", re.IGNORECASE)
_ROOM_NEAR = re.compile(rf"\b{_ROOM}", re.IGNORECASE)
_SINGULAR = {"galleries": "gallery"}
_SURFACE = re.compile(r"\b(walls?|floors?|flooring|ceilings?|lights?|lighting)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"(?:\s+\w+){0,4}(?=\s*(?:[,.;:!?)]|$))")  # up to the next sign
_EDGES = " \t\n,;:.!?-\u2013\u2014()"
# Looks that are said of surfaces and rooms alike do not name what they are of.
_NAMES_ITSELF = ROOM_WORDS - ROOM_LOOKS


@dataclass(frozen=True)
class TaggedText:
    """A query of N words: ``spans`` are their (start, end) in ``text``; ``roles`` and ``links``
    are of the words of phrases, -1 elsewhere. All are numbers of `PIECES`, `ROLES`, `LINKS`."""

    text: str
    spans: tuple[tuple[int, int], ...]
    pieces: tuple[int, ...]
    roles: tuple[int, ...]
    links: tuple[int, ...]


@dataclass
class _Found:
    """A phrase or a number, and where it stands."""

    start: int
    end: int
    piece: str
    role: str = ""
    link: str = ""
    number: int | None = None


@dataclass
class _Place:
    """What one room (or each of ``count`` rooms) is asked to show."""

    link: str
    start: int
    end: int
    wanted: list[Plan] = field(default_factory=list)
    unwanted: list[Plan] = field(default_factory=list)
    count: int = 1

    def plan(self, text: str) -> Plan:
        """Return the place's plan; its words are those from its first to its last."""
        own = text[self.start : self.end].strip(_EDGES)
        parts = (*self.wanted, *self.unwanted)
        one = parts[0] if len(parts) == 1 else And(parts, "same", text=own)
        return one if self.count == 1 else Count(self.count, one, text=own)


def split_words(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the words and signs of a text stand, as (start, end)."""
    return tuple(match.span() for match in _WORD.finditer(text))


def plan_of(tagged: TaggedText) -> Plan | None:
    """Return the plan that the tags tell; None where they tell none that holds together."""
    found = _found(tagged)
    try:
        return _combined(tagged.text, found)
    except HicalmError:  # limits that no museum meets
        return None


def _found(tagged: TaggedText) -> list[_Found]:
    """Return the phrases and numbers in the order of the text."""
    found: list[_Found] = []
    rows = zip(tagged.spans, tagged.pieces, tagged.roles, tagged.links, strict=True)
    inside = False
    for (start, end), number, role, link in rows:
        piece = PIECES[number]
        if piece == "inside" and inside:
            found[-1].end = end
        elif piece in ("begin", "inside"):
            found.append(_Found(start, end, "phrase", ROLES[role], LINKS[link]))
        elif piece != "outside":
            value = number_of(tagged.text[start:end], tagged.text[:start])
            rooms = _NEXT_ROOM.match(tagged.text, end)
            end = end if rooms is None else rooms.end()
            found.append(_Found(start, end, piece, number=value))
        inside = piece in ("begin", "inside")
    return found


def _combined(text: str, found: Sequence[_Found]) -> Plan | None:
    places: list[_Place] = []
    place_of: dict[int, _Place] = {}
    rest: list[Plan] = []  # what speaks of the museum
    for number, one in enumerate(found):
        if one.piece != "phrase":
            continue
        before = found[number - 1].end if number else 0
        after = found[number + 1].start if number + 1 < len(found) else len(text)
        phrase = Phrase(text=_named(text, one, before, after))
        said = text[before : _end_of_clause(text, one.end, after)].strip(_EDGES)
        if one.role == "not museum":
            rest.append(Not(phrase, "museum", text=said))
            continue
        if not places or _opens_a_place(one, places[-1]):
            places.append(_Place(one.link if places else "any", one.start, one.end))
        place = places[-1]
        if one.role == "wanted":
            place.wanted.append(phrase)
            place_of[number] = place
        else:
            of: NotOf = "painting" if one.role == "not painting" else "room"
            place.unwanted.append(Not(phrase, of, text=said))
        place.end = one.end
    limits = _count(text, found, place_of)
    plans = [_joined(text, block) for block in _blocks(places)] + rest
    if limits is not None:
        plans.append(limits)
    if len(plans) < 2:
        return plans[0] if plans else None
    return And(tuple(plans), "any", text=text.strip(_EDGES))


def _end_of_clause(text: str, end: int, after: int) -> int:
    """Return where the words that only follow a phrase end: "no horses anywhere, ..."."""
    rest = _CLAUSE.match(text, end)
    closes = rest is not None and (rest.end() < after or after == len(text))
    return rest.end() if rest is not None and closes else end


def _opens_a_place(one: _Found, place: _Place) -> bool:
    """Tell whether a phrase speaks of another room than the last place does."""
    if one.link in ("other", "later", "earlier"):
        return True
    # "no benches, but horses": what is not wanted may come first.
    return one.role == "wanted" and one.link == "any" and bool(place.wanted)


def _count(text: str, found: Sequence[_Found], place_of: dict[int, _Place]) -> Rooms | None:
    """Set the numbers of rooms of places, and return the limits of the museum's number of rooms."""
    least: int | None = None
    most: int | None = None
    said = ""
    for number, one in enumerate(found):
        value = one.number
        if value is None:
            continue
        match one.piece:
            case "count after" | "more after" | "count before" | "more before":
                forward = one.piece.endswith("after")
                near = [k for k in place_of if (k > number) == forward] or list(place_of)
                if near:
                    place = place_of[min(near) if forward else max(near)]
                    place.count = max(place.count, value + one.piece.startswith("more"))
                    start = found[number - 1].end if number else 0
                    place.start, place.end = min(place.start, start), max(place.end, one.end)
                continue
            case "most" | "fewer":
                most = value - (one.piece == "fewer")
            case "least" | "more":
                least = value + (one.piece == "more")
            case _:
                least = most = value
        before = found[number - 1].end if number else 0
        after = found[number + 1].start if number + 1 < len(found) else len(text)
        said = f"{said} {text[before:after].strip(_EDGES)}".strip()
    return None if least is None and most is None else Rooms(least, most, text=said)


def _blocks(places: Sequence[_Place]) -> list[list[_Place]]:
    """Group places that are linked: in order, or in rooms of their own."""
    blocks: list[list[_Place]] = []
    for place in places:
        if place.link == "any" or not blocks:
            blocks.append([place])
        else:
            blocks[-1].append(place)
    return blocks


def _joined(text: str, block: list[_Place]) -> Plan:
    plans = [place.plan(text) for place in block]
    said = text[min(place.start for place in block) : max(place.end for place in block)]
    if len(block) == 1:
        return plans[0]
    if all(place.link == "other" for place in block[1:]):
        return And(tuple(plans), "different", text=said)
    steps: list[list[Plan]] = [[plans[0]]]
    at = 0
    for place, plan in zip(block[1:], plans[1:], strict=True):
        if place.link == "later":
            at += 1
            steps.insert(at, [plan])
        elif place.link == "earlier":
            steps.insert(at, [plan])
        else:
            steps[at].append(plan)
    return Then(tuple(_apart(step) for step in steps), text=said)


def _apart(step: list[Plan]) -> Plan:
    if len(step) == 1:
        return step[0]
    return And(tuple(step), "different", text=" ".join(part.text for part in step))


def _named(text: str, one: _Found, before: int, after: int) -> str:
    """Return a phrase with what it is said of: "red" in "not in a red room" is a red room."""
    own = text[one.start : one.end].strip(_EDGES)
    noun = _noun(text, one, own, before, after)
    return a_room(f"{own} {noun}" if noun else own)


def _noun(text: str, one: _Found, own: str, before: int, after: int) -> str:
    """Return the room or the surface that a phrase is said of; empty where it names it itself."""
    words = {word.lower() for word in re.findall(r"\w+", own)}
    looks = words - _ARTICLES
    if words & _NAMES_ITSELF:
        return ""
    room = _NEXT_ROOM.match(text, one.end)
    if room is not None:
        return _SINGULAR.get(room[1].lower(), room[1].removesuffix("s"))
    if one.role != "not room" and not looks <= ROOM_LOOKS:
        return ""
    if looks <= ROOM_LOOKS:
        if _NEXT_ONE.match(text, one.end) and _ROOM_NEAR.search(text[: one.start]):
            return "room"  # "a red room and a blue one"
        if words & _ARTICLES and _ROOM_NEAR.search(text[one.end :]):
            return "room"  # "a red and a blue room"
    near = f"{text[before : one.start]} {text[one.end : after]}"
    surface = _SURFACE.search(near)
    if surface is not None:
        return surface[1]
    is_room = one.role == "not room" and looks & ROOM_LOOKS and _ROOM_NEAR.search(near)
    return "room" if is_room else ""
