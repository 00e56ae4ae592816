"""What a query asks of a museum's rooms: a small tree of operators over phrases.

===============  ================================================================================
`Phrase`         what one room shows, in words for the text encoder
`And`            parts in the ``same`` room, in ``different`` rooms, or in ``any``: somewhere
`Then`           parts in rooms in that order, not necessarily next to each other
`Not`            no such ``painting`` counts, no such ``room`` counts, or none in the ``museum``
`Count`          at least so many rooms of a part
`Rooms`          the limits of the museum's number of rooms
`Description`    a longer text, read as paragraphs of sentences instead
===============  ================================================================================

`hicalm.world.expressions` is the same tree over what the built-in world truly shows. The scopes are
the same: a part of *count*, of *and* in the same room and of *not* of a painting or a room speaks
of one room; *then* and *and* in different rooms take all but what speaks of the museum; *not* of
the museum takes anything about rooms.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any, ClassVar, Literal

from hicalm.errors import HicalmError
from hicalm.world.scopes import Scope, check_limits, check_number, check_part, check_parts

DEEPEST = 20  # nodes from the root to a leaf
MOST_PLACES = 8  # different things that may be asked for in rooms of their own
MOST_SETS = 1024  # sets of things that a placement goes through, room by room
MOST_PHRASES = 24  # every phrase is encoded and compared with every room

AndRooms = Literal["same", "different", "any"]
NotOf = Literal["painting", "room", "museum"]

_AND_SCOPES = {"same": Scope.ROOM, "different": Scope.SEVERAL_ROOMS, "any": Scope.MUSEUM}


@dataclass(frozen=True)
class Plan(ABC):
    """A node of the tree; only its subclasses are made."""

    op: ClassVar[str]
    text: str = field(default="", kw_only=True)  # the words it came from

    def to_json(self) -> dict[str, Any]:
        """Return the tree as objects and lists: ``{"op": ..., "text": ..., ...}``."""
        return {"op": self.op, "text": self.text, **self._fields()}

    @property
    @abstractmethod
    def scope(self) -> Scope:
        """What the node speaks of."""

    @property
    def children(self) -> tuple["Plan", ...]:
        """The nodes right below."""
        return ()

    @property
    def places(self) -> int:
        """How many different things are asked for in rooms of their own; a count is one."""
        return 1

    @property
    def is_plain(self) -> bool:
        """Whether the query is read as without a plan: one phrase, or a description."""
        return False

    @abstractmethod
    def _fields(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Phrase(Plan):
    """What one room shows; ``text`` is what is encoded."""

    op = "phrase"

    @property
    def scope(self) -> Scope:
        """One room."""
        return Scope.ROOM

    @property
    def is_plain(self) -> bool:
        """A phrase alone is a query as ever."""
        return True

    def _fields(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Description(Plan):
    """A longer text: paragraphs of sentences, one a room, as `split_rooms` gives them."""

    op = "description"
    paragraphs: tuple[tuple[str, ...], ...]

    @property
    def scope(self) -> Scope:
        """The museum: a description is part of nothing."""
        return Scope.MUSEUM

    @property
    def is_plain(self) -> bool:
        """A description is read as ever."""
        return True

    def _fields(self) -> dict[str, Any]:
        return {"paragraphs": [list(paragraph) for paragraph in self.paragraphs]}


@dataclass(frozen=True)
class And(Plan):
    """All parts hold: in the same room, each in a room of its own, or somewhere in the museum."""

    op = "and"
    parts: tuple[Plan, ...]
    rooms: AndRooms

    def __post_init__(self) -> None:
        check_parts(f"'and' ({self.rooms})", self.parts, self.scope)

    @property
    def scope(self) -> Scope:
        """One room, several, or the museum, by ``rooms``."""
        return _AND_SCOPES[self.rooms]

    @property
    def children(self) -> tuple[Plan, ...]:
        """The parts."""
        return self.parts

    @property
    def places(self) -> int:
        """Those of all parts; one where they share a room."""
        return 1 if self.rooms == "same" else sum(part.places for part in self.parts)

    def _fields(self) -> dict[str, Any]:
        return {"rooms": self.rooms, "parts": [part.to_json() for part in self.parts]}


@dataclass(frozen=True)
class Then(Plan):
    """The parts hold in rooms of this order."""

    op = "then"
    parts: tuple[Plan, ...]

    def __post_init__(self) -> None:
        check_parts("'then'", self.parts, self.scope)

    @property
    def scope(self) -> Scope:
        """Several rooms."""
        return Scope.SEVERAL_ROOMS

    @property
    def children(self) -> tuple[Plan, ...]:
        """The parts."""
        return self.parts

    @property
    def places(self) -> int:
        """Those of all parts."""
        return sum(part.places for part in self.parts)

    def _fields(self) -> dict[str, Any]:
        return {"parts": [part.to_json() for part in self.parts]}


@dataclass(frozen=True)
class Not(Plan):
    """No such painting counts, no such room counts, or the museum has no such thing anywhere."""

    op = "not"
    part: Plan
    of: NotOf

    def __post_init__(self) -> None:
        widest = Scope.SEVERAL_ROOMS if self.of == "museum" else Scope.ROOM
        check_part(f"'not' of a {self.of}", self.part, widest)

    @property
    def scope(self) -> Scope:
        """One room, or the museum, by ``of``."""
        return Scope.MUSEUM if self.of == "museum" else Scope.ROOM

    @property
    def children(self) -> tuple[Plan, ...]:
        """The part."""
        return (self.part,)

    def _fields(self) -> dict[str, Any]:
        return {"of": self.of, "part": self.part.to_json()}


@dataclass(frozen=True)
class Count(Plan):
    """At least so many rooms of the part."""

    op = "count"
    at_least: int
    part: Plan

    def __post_init__(self) -> None:
        check_number("at_least", self.at_least)
        check_part("'count'", self.part, Scope.ROOM)

    @property
    def scope(self) -> Scope:
        """Several rooms."""
        return Scope.SEVERAL_ROOMS

    @property
    def children(self) -> tuple[Plan, ...]:
        """The part."""
        return (self.part,)

    def _fields(self) -> dict[str, Any]:
        return {"at_least": self.at_least, "part": self.part.to_json()}


@dataclass(frozen=True)
class Rooms(Plan):
    """The museum has at least ``min`` and at most ``max`` rooms; None leaves an end open."""

    op = "rooms"
    min: int | None = None
    max: int | None = None

    def __post_init__(self) -> None:
        check_limits(self.min, self.max)

    @property
    def scope(self) -> Scope:
        """The museum."""
        return Scope.MUSEUM

    def _fields(self) -> dict[str, Any]:
        return {"min": self.min, "max": self.max}


def walk(plan: Plan) -> Iterator[Plan]:
    """Yield the node and all below it, each before its parts, in the order of the query."""
    yield plan
    for child in plan.children:
        yield from walk(child)


def phrases(plan: Plan) -> tuple[Phrase, ...]:
    """Return the leaves that are to be encoded, in the order of the query."""
    return tuple(node for node in walk(plan) if isinstance(node, Phrase))


def asked_phrases(plan: Plan) -> tuple[Phrase, ...]:
    """Return the phrases of a plan that rooms are to show: those under no *not*."""
    if isinstance(plan, Phrase):
        return (plan,)
    if isinstance(plan, Not):
        return ()
    return tuple(phrase for child in plan.children for phrase in asked_phrases(child))


def room_limits(plan: Plan | None) -> tuple[Rooms, ...]:
    """Return the limits of the museum's number of rooms, which are filters."""
    if isinstance(plan, Rooms):
        return (plan,)
    if isinstance(plan, And) and plan.rooms == "any":
        return tuple(limit for part in plan.parts for limit in room_limits(part))
    return ()


def check_plan(plan: Plan) -> Plan:
    """Return the plan.

    Raises HicalmError for one that is too deep, has too many phrases or is too much to place.
    """
    depth = _depth(plan)
    if depth > DEEPEST:
        raise HicalmError(f"The plan is nested {depth} deep; at most {DEEPEST} are searched.")
    count = len(phrases(plan))
    if count > MOST_PHRASES:
        raise HicalmError(f"The plan has {count} phrases; at most {MOST_PHRASES} are searched.")
    if plan.places > MOST_PLACES:
        raise HicalmError(
            f"The plan asks for {plan.places} things in rooms of their own; at most "
            f"{MOST_PLACES} can be placed."
        )
    if placement_sets(plan) > MOST_SETS:
        raise HicalmError(
            f"Placing what the plan asks for goes through {placement_sets(plan):,} sets of rooms; "
            f"at most {MOST_SETS:,} are gone through. Ask for fewer rooms."
        )
    return plan


def placement_sets(plan: Plan) -> int:
    """Return how many sets of things arise when what a plan asks for is placed in rooms.

    Things in a row (*then*, a count) come one after the other; in different rooms they come in any
    order, so their sets multiply.
    """
    if isinstance(plan, Count):
        return plan.at_least + 1
    if isinstance(plan, Then):
        return 1 + sum(placement_sets(part) - 1 for part in plan.parts)
    if isinstance(plan, And) and plan.rooms == "different":
        return prod(placement_sets(part) for part in plan.parts)
    if isinstance(plan, And) and plan.rooms == "any":
        return max(placement_sets(part) for part in plan.parts)
    return placement_sets(plan.part) if isinstance(plan, Not) else 2


def _depth(plan: Plan) -> int:
    return 1 + max((_depth(child) for child in plan.children), default=0)


_ARTICLE = re.compile(r"^(?:an?|the|some)\s+")


def shape(plan: Plan) -> tuple[object, ...]:
    """Return what a plan asks for, whatever its words: the order of an *and* plays no part, nor
    do the case and the article of a phrase."""
    parts = [shape(child) for child in plan.children]
    if isinstance(plan, And):
        return ("and", plan.rooms, tuple(sorted(parts, key=repr)))
    kind: object = None
    if isinstance(plan, Phrase):
        kind = _ARTICLE.sub("", " ".join(plan.text.lower().split()))
    elif isinstance(plan, Not):
        kind = plan.of
    elif isinstance(plan, Count):
        kind = plan.at_least
    elif isinstance(plan, Rooms):
        kind = (plan.min, plan.max)
    return (plan.op, kind, tuple(parts))
