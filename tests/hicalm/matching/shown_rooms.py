"""Rooms that show phrases with given probabilities, random plans of them, and plain loops.

A room shows any of a phrase with the square root of its share; a phrase without another one loses
the share of the other one.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from hypothesis import strategies as st

from hicalm.matching.plan_value import MatchPhrase, PlanRooms
from hicalm.matching.room_matcher import Match
from hicalm.reading.query_plan import And, Count, Not, Phrase, Plan, Rooms, Scope, Then

Shown = Mapping[str, Sequence[float]]
Room = Mapping[str, float]
WORDS = ("a", "b", "c", "d")


def match_of(shown: Shown, there: np.ndarray | None = None) -> MatchPhrase:
    """Return the match of rooms whose shares of each phrase are given."""

    def match(wanted: Phrase, without: Sequence[Phrase]) -> Match:
        share = np.array(shown[wanted.text], float) * (1 if there is None else there)
        left = np.prod([1 - np.array(shown[other.text], float) for other in without], axis=0)
        return Match(share * left, np.sqrt(share) * left)

    return match


def museums_of(shown: Shown, counts: Sequence[int]) -> PlanRooms:
    """Return museums of so many rooms each, one after the other."""
    sizes = np.array(counts, int)
    return PlanRooms(match_of(shown), sizes, np.ones(sizes.sum(), bool), sizes)


def random_shown(seed: int, rooms: int) -> dict[str, list[float]]:
    """Return random shares of all phrases, some of them exactly 0 or 1."""
    random = np.random.default_rng(seed)
    shares = np.clip(random.random((len(WORDS), rooms)) * 1.4 - 0.2, 0, 1)
    return dict(zip(WORDS, shares.tolist(), strict=True))


def rooms_of(shown: Shown, numbers: Sequence[int]) -> list[Room]:
    return [{word: shown[word][number] for word in shown} for number in numbers]


phrases = st.builds(lambda text: Phrase(text=text), st.sampled_from(WORDS))
unwanted = st.builds(Not, phrases, st.just("painting"))


def _parts(of: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(of, min_size=2, max_size=3).map(tuple)


# An *and* begins with a phrase, which can lose the paintings that are not to be there.
of_one_room = st.recursive(
    phrases,
    lambda parts: st.one_of(
        st.builds(Not, parts, st.sampled_from(["painting", "room"])),
        st.builds(
            lambda first, others: And((first, *others), "same"),
            phrases,
            st.lists(st.one_of(parts, unwanted), min_size=1, max_size=2),
        ),
    ),
    max_leaves=4,
)
of_several_rooms = st.recursive(
    st.one_of(of_one_room, st.builds(Count, st.integers(1, 3), of_one_room)),
    lambda parts: st.one_of(
        st.builds(Then, _parts(parts)),
        st.builds(And, _parts(parts), st.just("different")),
    ),
    max_leaves=3,
)
plans = st.recursive(
    st.one_of(
        of_several_rooms,
        st.builds(Not, of_several_rooms, st.just("museum")),
        st.builds(Rooms, st.integers(1, 3), st.none() | st.integers(3, 5)),
    ),
    lambda parts: st.builds(And, _parts(parts), st.just("any")),
    max_leaves=3,
)


def by_brute_force(plan: Plan, rooms: Sequence[Room]) -> float:
    """Return the value by going through every way to give rooms to what is asked for."""
    if isinstance(plan, Rooms):
        return float((plan.min or 0) <= len(rooms) <= (plan.max or len(rooms)))
    if plan.scope < Scope.MUSEUM:
        return max((value for value, _ in _ways(plan, rooms)), default=0.0)
    if isinstance(plan, And):
        return math.prod(by_brute_force(part, rooms) for part in plan.parts)
    assert isinstance(plan, Not)
    if plan.part.scope == Scope.ROOM:
        return math.prod(1 - _presence(plan.part, room) for room in rooms)
    return 1 - by_brute_force(plan.part, rooms)


def _ways(plan: Plan, rooms: Sequence[Room]) -> Iterator[tuple[float, frozenset[int]]]:
    """Yield the probability and the rooms of every way to answer a plan."""
    if plan.scope == Scope.ROOM:
        for number, room in enumerate(rooms):
            yield _share(plan, room, ()), frozenset([number])
        return
    parts = (plan.part,) * plan.at_least if isinstance(plan, Count) else plan.children
    for choice in itertools.product(*(list(_ways(part, rooms)) for part in parts)):
        taken = [used for _, used in choice]
        apart = sum(map(len, taken)) == len(frozenset().union(*taken))
        ordered = all(max(a) < min(b) for a, b in itertools.pairwise(taken))
        if apart and (ordered or not isinstance(plan, Then)):
            yield math.prod(value for value, _ in choice), frozenset().union(*taken)


def _share(plan: Plan, room: Room, without: tuple[str, ...]) -> float:
    if isinstance(plan, Phrase):
        return room[plan.text] * math.prod(1 - room[other] for other in without)
    if isinstance(plan, Not):
        part = plan.part
        return 1 - (_share(part, room, ()) if plan.of == "painting" else _presence(part, room))
    negated = [p.part for p in plan.children if isinstance(p, Not) and p.of == "painting"]
    out = tuple(part.text for part in negated if isinstance(part, Phrase))
    others = [p for p in plan.children if not (isinstance(p, Not) and p.of == "painting")]
    value = math.prod(_share(part, room, (*without, *out)) for part in others)
    return value * math.prod(
        1 - _share(part, room, ()) for part in negated if not isinstance(part, Phrase)
    )


def _presence(plan: Plan, room: Room) -> float:
    if isinstance(plan, Phrase):
        return math.sqrt(room[plan.text])
    if isinstance(plan, Not):
        return _share(plan, room, ())
    return math.prod(_presence(part, room) for part in plan.children)
