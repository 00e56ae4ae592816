"""What a plan is worth in every museum: probabilities over rooms, exact in order and number.

A room shows a phrase with the probability p(room, phrase) that ``room_matcher`` gives (its expected
share), and rooms are taken to be independent. What speaks of one room has a probability in each:

    p(A and B, same room)  = p(A) p(B)
    p(not a painting A)    = 1 - p(A); inside an *and* it is taken out of each phrase's paintings
    p(not a room A)        = 1 - q(A)          q: the probability that the room shows any of it

and in a museum it is worth its best room, max over rooms of p. What speaks of several rooms is
worth its best placement: all that is asked for (n rooms of A are n things) in different rooms, in
the order asked for, with the largest product of probabilities,

    value = max over placements of  product over things s of  p(room of s, s),

found exactly by the dynamic programme over the rooms of ``world.placement``.
What speaks of the museum:

    value(not in the museum A) = product over rooms of (1 - q(room, A))     one room
                                 1 - value(A)                                several rooms
    value(A and B, anywhere)   = value(A) value(B)
    value(rooms)               = 1 within the limits, else 0

A description is worth the mean over its paragraphs of the room that shows most of their sentences.
Sizes: B museums, R rooms of the largest, S things asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from hicalm.matching.room_matcher import Match
from hicalm.reading.query_plan import (
    And,
    Count,
    Description,
    Not,
    Phrase,
    Plan,
    Rooms,
    Scope,
    Then,
)
from hicalm.world.placement import best_placement, placement_steps

MatchPhrase = Callable[[Phrase, Sequence[Phrase]], Match]


@dataclass(frozen=True)
class PlanRooms:
    """The rooms of museums as a plan sees them.

    ``match`` gives the rooms of all museums, one after the other, their match with a phrase without
    some others; ``room_counts`` int (B,) says whose they are, ``there`` bool (ΣR,) which count;
    ``sizes`` int (B,) are the museums' numbers of rooms for limits. What was worked out for a part
    is kept.
    """

    match: MatchPhrase
    room_counts: np.ndarray
    there: np.ndarray
    sizes: np.ndarray
    _values: dict[Plan, np.ndarray] = field(default_factory=dict)
    _shares: dict[tuple[Plan, tuple[Phrase, ...]], np.ndarray] = field(default_factory=dict)
    _presences: dict[Plan, np.ndarray] = field(default_factory=dict)

    def value(self, plan: Plan) -> np.ndarray:
        """Return the value of a plan in every museum, float64 (B,), in 0..1."""
        if plan not in self._values:
            self._values[plan] = self._value(plan)
        return self._values[plan]

    def _value(self, plan: Plan) -> np.ndarray:
        if isinstance(plan, Rooms):
            lowest, highest = plan.min or 0, plan.max or np.inf
            return ((self.sizes >= lowest) & (self.sizes <= highest)).astype(np.float64)
        if isinstance(plan, Description):
            return self._described(plan)
        if isinstance(plan, Not) and plan.of == "museum":
            return self._absence(plan.part)
        if isinstance(plan, And) and plan.rooms == "any":
            return np.prod([self.value(part) for part in plan.parts], axis=0)
        if plan.scope == Scope.ROOM:
            return self.padded(self.share(plan)).max(axis=1, initial=0.0)
        return self._placed(plan)

    def share(self, plan: Plan, without: tuple[Phrase, ...] = ()) -> np.ndarray:
        """Return p of every room (ΣR,) for what speaks of one room."""
        key = (plan, without)
        if key not in self._shares:
            self._shares[key] = self._share(plan, without)
        return self._shares[key]

    def _share(self, plan: Plan, without: tuple[Phrase, ...]) -> np.ndarray:
        if isinstance(plan, Phrase):
            return self.match(plan, without).share.astype(np.float64)
        if isinstance(plan, Not):
            probability = (
                self.share(plan.part) if plan.of == "painting" else self.presence(plan.part)
            )
            return (1 - probability) * self.there
        parts = plan.parts if isinstance(plan, And) else ()
        unwanted = [p.part for p in parts if isinstance(p, Not) and p.of == "painting"]
        phrases = tuple(part for part in unwanted if isinstance(part, Phrase))
        wanted = [p for p in parts if not (isinstance(p, Not) and p.of == "painting")]
        shares = [self.share(part, (*without, *phrases)) for part in wanted]
        # Where no phrase is left to lose paintings, and for what is no phrase, by itself.
        counted = any(isinstance(node, Phrase) for part in wanted for node in _wanted(part))
        alone = [part for part in unwanted if not counted or not isinstance(part, Phrase)]
        shares += [(1 - self.share(part)) * self.there for part in alone]
        return np.prod(shares, axis=0)

    def padded(self, rooms: np.ndarray) -> np.ndarray:
        """Return values of rooms (ΣR,) as a table (B, R) with 0 behind a museum's last room."""
        table = np.zeros((len(self.room_counts), int(self.room_counts.max(initial=0))))
        table[np.arange(table.shape[1]) < self.room_counts[:, None]] = rooms
        return table

    def presence(self, plan: Plan) -> np.ndarray:
        """Return q of every room (ΣR,): the probability that it shows any of what is asked."""
        if plan not in self._presences:
            self._presences[plan] = self._presence(plan)
        return self._presences[plan]

    def _presence(self, plan: Plan) -> np.ndarray:
        if isinstance(plan, Phrase):
            return self.match(plan, ()).presence.astype(np.float64)
        if isinstance(plan, Not):
            return self.share(plan)
        return np.prod([self.presence(part) for part in plan.children], axis=0)

    def paragraph_shares(self, plan: Description) -> list[np.ndarray]:
        """Return for each paragraph the mean of p over its sentences in every room (ΣR,)."""
        return [
            np.mean([self.share(Phrase(text=sentence)) for sentence in paragraph], axis=0)
            for paragraph in plan.paragraphs
        ]

    def _described(self, plan: Description) -> np.ndarray:
        """Return the mean over paragraphs of the room that shows most of their sentences."""
        if not plan.paragraphs:
            return np.zeros(len(self.room_counts))
        rooms = self.paragraph_shares(plan)
        return np.mean([self.padded(one).max(axis=1, initial=0.0) for one in rooms], axis=0)

    def _absence(self, plan: Plan) -> np.ndarray:
        if plan.scope == Scope.ROOM:
            return (1 - self.padded(self.presence(plan))).prod(axis=1)
        return 1 - self.value(plan)

    def _placed(self, plan: Plan) -> np.ndarray:
        longest = int(self.room_counts.max(initial=0))
        things = things_asked(plan, longest + 1)
        if len(things) > longest:
            return np.zeros(len(self.room_counts))
        tables = {thing: self.padded(self.share(thing)) for thing, _ in things}
        shares = np.stack([tables[thing] for thing, _ in things], axis=2)
        return best_placement(shares, [before for _, before in things], np.multiply)


def _wanted(plan: Plan) -> Iterator[Plan]:
    """Yield the nodes of a part that speaks of one room, without what it does not want."""
    yield plan
    if isinstance(plan, And):
        for part in plan.parts:
            yield from _wanted(part)


def room_values(rooms: PlanRooms, plan: Plan) -> np.ndarray | None:
    """Return how well each room answers what a plan asks of a single room, float64 (ΣR,), in 0..1.

    Of what is asked of several rooms, that which the room answers best; None where nothing is asked
    of a room (limits alone, or what is not to be in the museum).
    """
    if isinstance(plan, Description):
        asked = rooms.paragraph_shares(plan)
    elif isinstance(plan, And) and plan.rooms == "any":
        found = [room_values(rooms, part) for part in plan.parts]
        asked = [one for one in found if one is not None]
    elif isinstance(plan, Rooms) or (isinstance(plan, Not) and plan.of == "museum"):
        asked = []
    else:
        asked = [rooms.share(thing) for thing in {thing for thing, _ in things_asked(plan, 1)}]
    return np.maximum.reduce(asked) if asked else None


def things_asked(plan: Plan, most: int) -> list[tuple[Plan, int]]:
    """Return what a plan asks for in rooms of their own, each with a bit mask of what comes before.

    A count of n is n times its part, in a row: its rooms are alike, so no placement is lost. It
    asks at most ``most`` times, one more than there are rooms: more cannot be had either.
    """
    things: list[tuple[Plan, int]] = []
    _ask(plan, 0, things, most)
    return things


def _ask(plan: Plan, earlier: int, things: list[tuple[Plan, int]], most: int) -> int:
    mask = 0
    if isinstance(plan, Count):
        for _ in range(min(plan.at_least, most)):
            mask |= _ask(plan.part, earlier | mask, things, most)
    elif isinstance(plan, Then):
        for part in plan.parts:
            mask |= _ask(part, earlier | mask, things, most)
    elif isinstance(plan, And) and plan.rooms == "different":
        for part in plan.parts:
            mask |= _ask(part, earlier, things, most)
    else:
        mask = 1 << len(things)
        things.append((plan, earlier))
    return mask


def best_rooms(shares: np.ndarray, before: Sequence[int]) -> list[int] | None:
    """Return the room of each thing (S) in the best placement in one museum of shares (R, S).

    None where there are fewer rooms than things, or no placement keeps to the order.
    """
    rooms, things = shares.shape
    steps = placement_steps(before)
    value: dict[int, float] = {0: 1.0}
    chosen: dict[int, tuple[int, ...]] = {0: ()}  # (thing, room) pairs, flat, by set
    for room in range(rooms):
        for placed, after, thing in steps:
            reached = value.get(placed, -1.0) * float(shares[room, thing])
            if placed in value and reached > value.get(after, -1.0):
                value[after], chosen[after] = reached, (*chosen[placed], thing, room)
    everything = (1 << things) - 1
    if everything not in value:
        return None
    pairs = chosen[everything]
    found = dict(zip(pairs[::2], pairs[1::2], strict=True))
    return [found[thing] for thing in range(things)]
