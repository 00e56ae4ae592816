"""What a query says about the rooms of a museum: a tree of six operators.

==========  =====================================================================================
`Phrase`    what one room shows: a `Predicate`
`And`       parts in the ``same`` room, in ``different`` rooms, or in ``any`` (rooms play no part)
`Then`      parts in rooms in that order, not necessarily next to each other
`Not`       of a ``painting``, of a ``room``, or of the whole ``museum``
`Count`     at least so many rooms of a part
`Rooms`     the limits of the museum's number of rooms
==========  =====================================================================================

A part speaks of one room (a phrase, *and* in the same room, *not* of a painting or of a room), of
several rooms (a count, *then*, *and* in different rooms), or of the whole museum (the rest). What
speaks of more than a node can take as its part is refused: two rooms of "a museum without horses"
mean nothing. `hicalm.world.relevance` says what every node is worth.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hicalm.errors import HicalmError
from hicalm.world.predicates import Predicate, check_keys, check_value
from hicalm.world.scopes import Scope, check_limits, check_number, check_part, check_parts

DEEPEST = 20  # nodes from the root to a leaf
MOST_PLACES = 12  # different things that may be asked for in rooms of their own
AND_ROOMS = ("same", "different", "any")
NOT_OF = ("painting", "room", "museum")
OPERATORS = ("phrase", "and", "then", "not", "count", "rooms")


@dataclass(frozen=True)
class Expression(ABC):
    """A node of the tree; only its subclasses are made."""

    op: ClassVar[str]
    text: str = field(default="", kw_only=True)  # the words it came from

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Expression":
        """Read a node ``{"op": ..., "text": ..., ...}`` and all below it.

        Raises:
            HicalmError: an unknown operator or key, a value of the wrong type, a part that the
                node cannot take, or a tree of more than DEEPEST levels.
        """
        return _read(value, 1)

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads; ``text`` is left out where there is none."""
        text = {"text": self.text} if self.text else {}
        return {"op": self.op, **text, **self._fields()}

    @property
    def scope(self) -> Scope:
        """What the node speaks of."""
        return self._scope()

    @property
    def places(self) -> int:
        """How many different things are asked for in rooms of their own; a count is one."""
        return self._places()

    @abstractmethod
    def _scope(self) -> Scope: ...

    def _places(self) -> int:
        return 1

    @abstractmethod
    def _fields(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Phrase(Expression):
    """What one room shows."""

    op = "phrase"
    predicate: Predicate

    def _scope(self) -> Scope:
        return Scope.ROOM

    def _fields(self) -> dict[str, Any]:
        return self.predicate.to_json()


@dataclass(frozen=True)
class And(Expression):
    """All parts hold: in the same room, each in a room of its own, or somewhere in the museum."""

    op = "and"
    parts: tuple[Expression, ...]
    rooms: str  # "same", "different" or "any"

    def __post_init__(self) -> None:
        check_value("rooms", self.rooms, AND_ROOMS)
        _check_parts(f"'and' ({self.rooms})", self.parts, self.scope)

    def _scope(self) -> Scope:
        return Scope(AND_ROOMS.index(self.rooms) + 1)

    def _places(self) -> int:
        return 1 if self.rooms == "same" else sum(part.places for part in self.parts)

    def _fields(self) -> dict[str, Any]:
        return {"parts": [part.to_json() for part in self.parts], "rooms": self.rooms}


@dataclass(frozen=True)
class Then(Expression):
    """The parts hold in rooms of this order."""

    op = "then"
    parts: tuple[Expression, ...]

    def __post_init__(self) -> None:
        _check_parts("'then'", self.parts, self.scope)

    def _scope(self) -> Scope:
        return Scope.SEVERAL_ROOMS

    def _places(self) -> int:
        return sum(part.places for part in self.parts)

    def _fields(self) -> dict[str, Any]:
        return {"parts": [part.to_json() for part in self.parts]}


@dataclass(frozen=True)
class Not(Expression):
    """No such painting counts, no such room counts, or the museum has no such thing anywhere."""

    op = "not"
    part: Expression
    of: str  # "painting", "room" or "museum"

    def __post_init__(self) -> None:
        check_value("of", self.of, NOT_OF)
        _check_part(f"'not' of a {self.of}", self.part, self.scope)

    def _scope(self) -> Scope:
        return Scope.MUSEUM if self.of == "museum" else Scope.ROOM

    def _fields(self) -> dict[str, Any]:
        return {"part": self.part.to_json(), "of": self.of}


@dataclass(frozen=True)
class Count(Expression):
    """At least so many rooms of the part."""

    op = "count"
    at_least: int
    part: Expression

    def __post_init__(self) -> None:
        check_number("at_least", self.at_least)
        _check_part("'count'", self.part, Scope.ROOM)

    def _scope(self) -> Scope:
        return Scope.SEVERAL_ROOMS

    def _fields(self) -> dict[str, Any]:
        return {"at_least": self.at_least, "part": self.part.to_json()}


@dataclass(frozen=True)
class Rooms(Expression):
    """The museum has at least ``min`` and at most ``max`` rooms; None leaves an end open."""

    op = "rooms"
    min: int | None = None
    max: int | None = None

    def __post_init__(self) -> None:
        check_limits(self.min, self.max)

    def _scope(self) -> Scope:
        return Scope.MUSEUM

    def _fields(self) -> dict[str, Any]:
        return {"min": self.min, "max": self.max}


def _read(value: Any, depth: int) -> Expression:
    if depth > DEEPEST:
        raise HicalmError(f"The expression is nested more than {DEEPEST} deep.")
    if not isinstance(value, Mapping):
        raise HicalmError(f"Expected an expression to be an object, got {value!r}.")
    op, text = value.get("op"), value.get("text", "")
    check_value("op", op, OPERATORS)
    if not isinstance(text, str):
        raise HicalmError(f"'text' has to be a text, not {text!r}.")

    def only(*keys: str) -> None:
        check_keys(f"'{op}'", value, ("op", "text", *keys))

    def get(key: str) -> Any:  # a missing value is refused like a null
        return value.get(key)

    def part() -> Expression:
        return _read(get("part"), depth + 1)

    def parts() -> tuple[Expression, ...]:
        listed = get("parts")
        if not isinstance(listed, list | tuple):
            raise HicalmError(f"'parts' has to be a list, not {listed!r}.")
        return tuple(_read(one, depth + 1) for one in listed)

    match op:
        case "phrase":
            only("painting", "room")
            meaning = {key: value[key] for key in ("painting", "room") if key in value}
            return Phrase(Predicate.from_json(meaning), text=text)
        case "and":
            only("parts", "rooms")
            return And(parts(), get("rooms"), text=text)
        case "then":
            only("parts")
            return Then(parts(), text=text)
        case "not":
            only("part", "of")
            return Not(part(), get("of"), text=text)
        case "count":
            only("at_least", "part")
            return Count(get("at_least"), part(), text=text)
        case _:
            only("min", "max")
            return Rooms(get("min"), get("max"), text=text)


def _check_expressions(name: str, parts: Sequence[object]) -> None:
    for part in parts:
        if not isinstance(part, Expression):
            raise HicalmError(f"A part of {name} has to be an expression, not {part!r}.")


def _check_part(name: str, part: Expression, widest: Scope) -> None:
    _check_expressions(name, (part,))
    check_part(name, part, widest)


def _check_parts(name: str, parts: Sequence[Expression], widest: Scope) -> None:
    _check_expressions(name, parts)
    check_parts(name, parts, widest)
    places = sum(part.places for part in parts)
    if widest == Scope.SEVERAL_ROOMS and places > MOST_PLACES:
        raise HicalmError(f"{name} asks for {places} things; at most {MOST_PLACES} can be placed.")
