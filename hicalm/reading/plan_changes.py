"""A plan with one thing changed: a part taken away, *not* or an order switched, a count set.

A part is named by its path, the numbers of the children from the root to it. What is changed is put
in order again: an *and* of one part is that part, and one of its own kind inside it is opened.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hicalm.errors import HicalmError
from hicalm.reading.query_plan import (
    And,
    AndRooms,
    Count,
    Not,
    Phrase,
    Plan,
    Rooms,
    Scope,
    Then,
)

Path = tuple[int, ...]
Change = Callable[[Plan], Plan | None]


def part_at(plan: Plan, path: Path) -> Plan:
    """Return the part at a path. Raises IndexError where there is none."""
    for number in path:
        plan = plan.children[number]
    return plan


def without_part(plan: Plan, path: Path) -> Plan | None:
    """Return the plan without a part; None where nothing is left.

    Paintings that are not wanted, with nothing left beside them, are wanted nowhere.
    """
    left = _changed(plan, path, lambda _: None)
    if isinstance(left, Not) and left.of == "painting":
        return Not(left.part, "museum")
    return left


def with_count(plan: Plan, path: Path, at_least: int) -> Plan | None:
    """Return the plan with so many rooms of a part, which may be a count already; 1 asks for it
    once. Raises HicalmError for a part that cannot be counted."""

    def count(part: Plan) -> Plan:
        counted = part.part if isinstance(part, Count) else part
        return counted if at_least == 1 else Count(at_least, counted)

    return _changed(plan, path, count)


def with_order(plan: Plan, path: Path, ordered: bool) -> Plan | None:
    """Return the plan with the parts of a part in order, or in rooms of their own in any order."""

    def order(part: Plan) -> Plan:
        return Then(part.children) if ordered else And(part.children, "different")

    return _changed(plan, path, order)


def with_together(plan: Plan, path: Path, together: bool) -> Plan | None:
    """Return the plan with the parts of an *and* in the same room, or in rooms of their own.

    Raises HicalmError for parts that cannot share a room.
    """
    rooms: AndRooms = "same" if together else "different"
    return _changed(plan, path, lambda part: And(part.children, rooms))


def switched(plan: Plan, path: Path) -> Plan | None:
    """Return the plan that does not want what it wanted, or the other way round.

    What shares a room with other things is not to be in that room; all else nowhere in the museum.
    """
    part = part_at(plan, path)
    above = part_at(plan, path[:-1]) if path else None
    if isinstance(part, Not) and (part.of != "museum" or not path):
        return _changed(plan, path, lambda one: one.children[0])
    if isinstance(part, Not):
        return _joined(without_part(plan, path), part.part, "different")
    if isinstance(above, And) and above.rooms == "same":
        return _changed(plan, path, lambda one: Not(one, "room"))
    return _joined(without_part(plan, path), Not(part, "museum"), "any")


def _joined(rest: Plan | None, part: Plan, rooms: str) -> Plan:
    """Return what is left and a further part; limits and what is nowhere stay beside them."""
    if rest is None:
        return part
    tops = rest.parts if isinstance(rest, And) and rest.rooms == "any" else (rest,)
    aside = [one for one in tops if one.scope == Scope.MUSEUM]
    asked = [one for one in tops if one not in aside]
    if rooms == "different":
        asked = [_tidied(And((*asked, part), "different"))] if asked else [part]
    else:
        aside.append(part)
    return _of_parts([*asked, *aside], lambda parts: And(parts, "any"))


def _changed(plan: Plan, path: Path, change: Change) -> Plan | None:
    """Return the plan with the part at a path changed; None where nothing is left.

    The words that the parts above came from are dropped: they would say what was before.
    """
    if not path:
        made = change(plan)
        return None if made is None else _tidied(made)
    number, *further = path
    child = _changed(plan.children[number], tuple(further), change)
    if isinstance(plan, Not | Count):
        return None if child is None else replace(plan, part=child, text="")
    children = list(plan.children)
    children[number : number + 1] = [] if child is None else [child]
    if not children:
        return None
    if isinstance(plan, Then):
        return _of_parts(children, Then)
    if isinstance(plan, And):
        rooms = plan.rooms
        return _of_parts(children, lambda parts: And(parts, rooms))
    raise HicalmError(f"'{plan.op}' has no parts that could be changed.")


def _of_parts(parts: Sequence[Plan], make: Callable[[tuple[Plan, ...]], Plan]) -> Plan:
    return parts[0] if len(parts) == 1 else _tidied(make(tuple(parts)))


def _tidied(plan: Plan) -> Plan:
    """Open what is of the same kind inside, and take what speaks of the museum out of *any*."""
    if not isinstance(plan, And | Then):
        return plan
    parts: list[Plan] = []
    for part in plan.parts:
        alike = isinstance(part, Then) if isinstance(plan, Then) else _alike(part, plan)
        parts.extend(part.children if alike else (part,))
    return replace(plan, parts=tuple(parts), text="")


def _alike(part: Plan, plan: And) -> bool:
    return isinstance(part, And) and part.rooms == plan.rooms


def is_switchable(plan: Plan) -> bool:
    """Tell whether a part can be wanted or not: a phrase, or a phrase that is not wanted."""
    return isinstance(plan.part if isinstance(plan, Not) else plan, Phrase)


def without_limits(plan: Plan) -> Plan | None:
    """Return the plan without limits of the museum's number of rooms; None if it has only them."""
    if isinstance(plan, Rooms):
        return None
    if not (isinstance(plan, And) and plan.rooms == "any"):
        return plan
    kept = [part for part in plan.parts if not isinstance(part, Rooms)]
    return _of_parts(kept, lambda parts: And(parts, "any")) if kept else None
