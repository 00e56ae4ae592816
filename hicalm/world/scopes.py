"""What the nodes of a tree about rooms speak of, and which parts and numbers they can take.

Two trees have the same scopes: what the built-in world truly shows (``world.expressions``) and what
a query asks for (``reading.query_plan``).
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import ClassVar, Protocol

from hicalm.errors import HicalmError


class Scope(IntEnum):
    """What a node speaks of."""

    ROOM = 1
    SEVERAL_ROOMS = 2
    MUSEUM = 3


class Node(Protocol):
    """A node of either tree."""

    op: ClassVar[str]

    @property
    def scope(self) -> Scope:
        """What the node speaks of."""


def check_number(name: str, value: object) -> None:
    """Raise HicalmError for what is no whole number from 1."""
    # A bool is an int in Python, but none in JSON, and no number of rooms.
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise HicalmError(f"'{name}' has to be a whole number from 1, not {value!r}.")


def check_limits(lowest: int | None, highest: int | None) -> None:
    """Raise HicalmError for limits of a museum's rooms that limit nothing or contradict."""
    for name, limit in (("min", lowest), ("max", highest)):
        if limit is not None:
            check_number(name, limit)
    if lowest is None and highest is None:
        raise HicalmError("'rooms' limits nothing: give it 'min', 'max' or both.")
    if lowest is not None and highest is not None and lowest > highest:
        raise HicalmError(f"'rooms' has the 'min' {lowest} above its 'max' {highest}.")


def check_part(name: str, part: Node, widest: Scope) -> None:
    """Raise HicalmError for a part that speaks of more than a node can take."""
    if part.scope > widest:
        what = "one room" if widest == Scope.ROOM else "rooms"
        raise HicalmError(f"A part of {name} has to speak of {what}, which '{part.op}' does not.")


def check_parts(name: str, parts: Sequence[Node], widest: Scope) -> None:
    """Raise HicalmError for fewer than two parts, and for one that speaks of too much."""
    if len(parts) < 2:
        raise HicalmError(f"{name} needs at least two parts, not {len(parts)}.")
    for part in parts:
        check_part(name, part, widest)
