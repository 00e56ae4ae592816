"""A query's plan as chips to change: each change is the address of the same search, said anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from demo import text
from demo.address import Address
from demo.verdict import KNOWN_FROM
from hicalm.errors import HicalmError
from hicalm.reading.plan_changes import (
    Path,
    is_switchable,
    part_at,
    switched,
    with_count,
    with_order,
    with_together,
    without_part,
)
from hicalm.reading.plan_text import plan_text
from hicalm.reading.plan_wordings import limit_text, number_word
from hicalm.reading.query_plan import And, Count, Not, Phrase, Plan, Rooms, Then


class Change(NamedTuple):
    """What can be changed: its name, what it does in words, and where that is searched."""

    name: str
    words: str
    address: Address


@dataclass(frozen=True)
class Asked:
    """A part of a plan on screen.

    ``kind`` is phrase, not, count, then, same, different or any; ``label`` says how its parts
    belong together. ``known`` is False for a phrase that the encoder does not know.
    """

    kind: str
    text: str
    label: str = ""
    parts: tuple["Asked", ...] = ()
    changes: tuple[Change, ...] = ()
    known: bool = True

    def change(self, name: str) -> Change | None:
        """Return the change of this name, None where it cannot be made."""
        return next((one for one in self.changes if one.name == name), None)


class Limit(NamedTuple):
    """A limit of rooms, and the search without it (None: nothing is left)."""

    text: str
    address: Address | None


def asked(plan: Plan | None, address: Address, known: Mapping[str, float]) -> Asked | None:
    """Return a plan as chips; None for one phrase, a description or a picture.

    ``known`` (0..1) says by phrase how surely the encoder knows it; limits of rooms are filters,
    and no chips.
    """
    if plan is None or plan.is_plain or isinstance(plan, Rooms):
        return None
    return _Chips(plan, address, known).of(plan, ())


def limits(plan: Plan | None, address: Address) -> list[Limit]:
    """Return the limits of rooms that the query itself sets."""
    numbered = enumerate(plan.children) if isinstance(plan, And) and plan.rooms == "any" else ()
    found: list[tuple[Path, Plan | None]] = [((), plan), *(((n,), part) for n, part in numbered)]
    return [
        Limit(limit_text(part), _said(address, partial(_without, plan, path)))
        for path, part in found
        if isinstance(part, Rooms)
    ]


def _without(plan: Plan | None, path: Path) -> Plan | None:
    return None if plan is None else without_part(plan, path)


@dataclass(frozen=True)
class _Chips:
    """Makes the chips of one plan."""

    plan: Plan
    address: Address
    known: Mapping[str, float]

    def of(self, part: Plan, path: Path) -> Asked:
        """Return a part as chips, with all below it."""
        inner = tuple(
            self.of(child, (*path, number))
            for number, child in enumerate(part.children)
            if not isinstance(child, Rooms)
        )
        if isinstance(part, Not):
            label = text.NOT_IN[part.of]
            shown = part.part.text or plan_text(part.part)
            return Asked("not", shown, label, (), self._changes(part, path), self._knows(part.part))
        if isinstance(part, Count):
            label = text.ROOMS_OF.format(number=number_word(part.at_least))
            return Asked("count", part.text, label, inner, self._changes(part, path))
        if isinstance(part, Then | And):
            kind = "then" if isinstance(part, Then) else part.rooms
            label = text.BELONGS.get(kind, "")
            return Asked(kind, part.text, label, inner, self._changes(part, path))
        return Asked("phrase", part.text, "", (), self._changes(part, path), self._knows(part))

    def _knows(self, part: Plan) -> bool:
        return not isinstance(part, Phrase) or self.known.get(part.text, 1.0) >= KNOWN_FROM

    def _changes(self, part: Plan, path: Path) -> tuple[Change, ...]:
        """Return what can be changed of a part, as far as the changed plan can be said."""
        plan = self.plan
        above = part_at(plan, path[:-1]) if path else None
        makers: dict[str, Callable[[], Plan | None]] = {}
        if isinstance(above, Count | Not):
            return ()  # it is the part above that is taken away or switched
        if isinstance(part, Phrase | Not | Count):
            makers["remove"] = lambda: without_part(plan, path)
        if is_switchable(part):
            makers["wanted" if isinstance(part, Not) else "not"] = lambda: switched(plan, path)
        if isinstance(part, Count):
            number = part.at_least
            makers["fewer"] = lambda: with_count(plan, path, number - 1)
            makers["more"] = lambda: with_count(plan, path, number + 1)
        if isinstance(part, Then):
            makers["any order"] = lambda: with_order(plan, path, ordered=False)
        if isinstance(part, And) and part.rooms == "different":
            makers["in order"] = lambda: with_order(plan, path, ordered=True)
            makers["same room"] = lambda: with_together(plan, path, together=True)
        if isinstance(part, And) and part.rooms == "same" and not _leaves_out(part):
            makers["different rooms"] = lambda: with_together(plan, path, together=False)
        name = part.part.text if isinstance(part, Not | Count) else part.text
        found = ((one, _said(self.address, make)) for one, make in makers.items())
        return tuple(
            Change(one, text.CHANGES[one].format(text=name), address)
            for one, address in found
            if address is not None
        )


def _leaves_out(part: And) -> bool:
    return any(isinstance(one, Not) for one in part.parts)


def _said(address: Address, make: Callable[[], Plan | None]) -> Address | None:
    """Return the search for a changed plan; None for one that makes no sense or cannot be said."""
    try:
        plan = make()
    except HicalmError:
        return None
    query = plan_text(plan) if plan is not None else ""
    return replace(address.results(), query=query) if query else None
