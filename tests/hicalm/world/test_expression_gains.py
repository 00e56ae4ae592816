"""Gains of expressions: three rooms that can be judged by hand, laws, and brute force.

The rooms have these shares:

    room        horse   bird   cubist   watercolour   walls   objects
    STABLE      3/4     1/4    3/4      1/4           red     bench
    AVIARY      0       1      1/2      1/2           blue    none
    MEADOW      1/2     1/4    0        1             red     plant
"""

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hicalm.world.expressions import And, Count, Expression, Not, Phrase, Rooms, Scope, Then
from hicalm.world.relevance import Predicate, expression_gains, gains
from hicalm.world.shares import room_share
from tests.hicalm.world.random_expressions import (
    expressions,
    of_one_room,
    of_several_rooms,
    phrases,
)
from tests.hicalm.world.small_museums import museums, painting, room, rooms

STABLE = room(
    [
        painting("horse", "cubist"),
        painting("horse", "cubist"),
        painting("horse", "watercolour"),
        painting("bird", "cubist"),
    ],
    objects=("bench",),
)
AVIARY = room([painting("bird", "cubist"), painting("bird", "watercolour")], wall_color="blue")
MEADOW = room(
    [
        painting("horse", "watercolour"),
        painting("horse", "watercolour"),
        painting("bird", "watercolour"),
        painting("desert", "watercolour"),
    ],
    objects=("plant",),
)
MUSEUM = {"rooms": [STABLE, AVIARY, MEADOW]}

HORSE, BIRD, DESERT, FOREST = (
    Phrase(Predicate(subject=subject)) for subject in ("horse", "bird", "desert", "forest")
)
CUBIST, WATERCOLOUR = (Phrase(Predicate(style=style)) for style in ("cubist", "watercolour"))
RED, BLUE = (Phrase(Predicate(wall_color=colour)) for colour in ("red", "blue"))
BENCH, PLANT = (Phrase(Predicate(objects=(thing,))) for thing in ("bench", "plant"))


def no(part: Expression, of: str) -> Not:
    return Not(part, of)


def same(*parts: Expression) -> And:
    return And(parts, "same")


def different(*parts: Expression) -> And:
    return And(parts, "different")


def anywhere(*parts: Expression) -> And:
    return And(parts, "any")


def then(*parts: Expression) -> Then:
    return Then(parts)


def gain(expression: Expression, museum: dict = MUSEUM) -> float:
    return float(expression_gains(expression, [museum])[0])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (HORSE, 0.75),
        # Not of a painting.
        (same(HORSE, no(CUBIST, "painting")), 0.5),  # MEADOW; STABLE has one of four
        (same(HORSE, no(WATERCOLOUR, "painting")), 0.5),  # STABLE: two of four
        (same(BIRD, no(CUBIST, "painting")), 0.5),  # AVIARY: one of two
        (same(BIRD, no(CUBIST, "painting"), no(WATERCOLOUR, "painting")), 0.0),
        (same(RED, no(HORSE, "painting")), 0.5),  # a red room, half of MEADOW is no horses
        (same(HORSE, no(RED, "painting")), 0.0),  # both rooms with horses are red
        (no(BIRD, "painting"), 0.75),
        # Not of a room.
        (same(HORSE, no(BENCH, "room")), 0.5),  # MEADOW
        (same(HORSE, no(RED, "room")), 0.0),
        (same(BIRD, no(HORSE, "room")), 1.0),  # AVIARY
        (same(BIRD, no(CUBIST, "room")), 0.25),  # MEADOW alone has nothing cubist
        (no(RED, "room"), 1.0),
        # Not in the museum.
        (no(FOREST, "museum"), 1.0),
        (no(DESERT, "museum"), 0.0),
        (anywhere(HORSE, no(FOREST, "museum")), 0.75),
        (anywhere(HORSE, no(DESERT, "museum")), 0.0),
        (no(Count(3, HORSE), "museum"), 1.0),
        (no(Rooms(3, 3), "museum"), 0.0),
        # So many rooms.
        (Count(1, HORSE), 0.75),
        (Count(2, HORSE), 0.5),
        (Count(3, HORSE), 0.0),
        (Count(3, BIRD), 0.25),
        (Count(4, BIRD), 0.0),
        (Count(2, RED), 1.0),
        (Count(10**12, RED), 0.0),
        (Count(2, same(HORSE, no(CUBIST, "painting"))), 0.25),
        # In this order.
        (then(HORSE, BIRD), 0.75),
        (then(BIRD, HORSE), 0.5),
        (then(BIRD, BIRD), 0.25),
        (then(HORSE, BIRD, WATERCOLOUR), 0.75),
        (then(WATERCOLOUR, BIRD, HORSE), 0.25),
        (then(BIRD, HORSE, HORSE), 0.0),
        (then(BLUE, BENCH), 0.0),
        (then(BENCH, BLUE), 1.0),
        (then(Count(2, BIRD), HORSE), 0.25),
        (then(HORSE, Count(2, BIRD)), 0.25),
        (then(HORSE, then(BIRD, PLANT)), 0.75),
        (then(different(RED, BLUE), HORSE), 0.5),
        # In different rooms.
        (different(HORSE, BIRD), 0.75),
        (different(HORSE, CUBIST), 0.5),  # horses in MEADOW and cubists in STABLE, or in AVIARY
        (different(HORSE, HORSE, BIRD), 0.5),
        (different(BENCH, HORSE), 0.5),
        (different(BENCH, CUBIST, WATERCOLOUR), 0.5),
        (different(then(BIRD, HORSE), CUBIST), 0.5),  # AVIARY, MEADOW and STABLE
        (different(Count(2, RED), BIRD), 1.0),
        # In the same room.
        (same(HORSE, CUBIST), 0.75),
        (same(BIRD, WATERCOLOUR), 0.5),
        (same(HORSE, BENCH), 0.75),
        (same(HORSE, PLANT), 0.5),
        (same(HORSE, BLUE), 0.0),
        (same(same(HORSE, no(CUBIST, "painting")), CUBIST), 0.25),  # STABLE; the not is of horses
        # Limits of the number of rooms, and parts in whatever rooms.
        (Rooms(min=3), 1.0),
        (Rooms(min=4), 0.0),
        (Rooms(max=3), 1.0),
        (Rooms(max=2), 0.0),
        (Rooms(2, 4), 1.0),
        (anywhere(HORSE, Rooms(max=5)), 0.75),
        (anywhere(HORSE, Rooms(min=5)), 0.0),
        (anywhere(HORSE, CUBIST), 0.75),  # both in STABLE
    ],
)
def test_three_rooms_by_hand(expression: Expression, expected: float) -> None:
    assert gain(expression) == expected


def test_two_museums_of_other_lengths() -> None:
    one_room = {"rooms": [AVIARY]}
    result = expression_gains(then(HORSE, BIRD), [MUSEUM, one_room])
    assert result.dtype == np.float64
    assert result.tolist() == [0.75, 0.0]
    assert expression_gains(then(HORSE, BIRD), []).shape == (0,)
    assert expression_gains(anywhere(HORSE, Rooms(1)), []).shape == (0,)


def test_order_reversed_is_another_answer() -> None:
    backwards = {"rooms": MUSEUM["rooms"][::-1]}
    assert gain(then(HORSE, BIRD)) == gain(then(BIRD, HORSE), backwards) == 0.75
    assert gain(then(BIRD, HORSE)) == gain(then(HORSE, BIRD), backwards) == 0.5


def test_a_museum_with_one_room() -> None:
    museum = {"rooms": [STABLE]}
    assert gain(different(HORSE, BIRD), museum) == 0.0
    assert gain(then(HORSE, BIRD), museum) == 0.0
    assert gain(Count(2, HORSE), museum) == 0.0
    assert gain(Count(1, HORSE), museum) == gain(HORSE, museum) == 0.75
    assert gain(same(HORSE, BENCH), museum) == 0.75
    assert gain(anywhere(HORSE, Rooms(1, 1), no(DESERT, "museum")), museum) == 0.75


def test_a_museum_without_rooms_or_paintings() -> None:
    nothing, bare = {"rooms": []}, {"rooms": [room([])]}
    for museum in (nothing, bare):
        assert gain(HORSE, museum) == gain(no(HORSE, "painting"), museum) == 0.0
        assert gain(Count(1, HORSE), museum) == 0.0
        assert gain(no(HORSE, "museum"), museum) == 1.0
    assert gain(no(HORSE, "room"), nothing) == 0.0  # there is no room that could be without
    assert gain(no(HORSE, "room"), bare) == 1.0
    assert gain(same(RED, no(HORSE, "painting")), bare) == 0.0  # paintings are counted, none is


subjects = st.sampled_from(["seascape", "mountains", "city skyline"])
styles = st.sampled_from(["impressionist", "pointillist"])


@given(rooms, subjects, styles)
def test_de_morgan_for_paintings(one: dict, subject: str, style: str) -> None:
    a, b = Phrase(Predicate(subject=subject)), Phrase(Predicate(style=style))
    both = Phrase(Predicate(subject=subject, style=style))
    share = [room_share(part, one) for part in (a, b, both)]
    not_a, not_b = no(a, "painting"), no(b, "painting")
    if one["paintings"]:
        # Neither of them is: not (a or b).
        neither = 1 - (share[0] + share[1] - share[2])
        assert room_share(same(not_a, not_b), one) == pytest.approx(neither)
        # Not both of them are: not a or not b.
        assert room_share(no(same(a, b), "painting"), one) == pytest.approx(1 - share[2])


@given(museums, expressions, expressions)
def test_de_morgan_for_museums(museum: dict, a: Expression, b: Expression) -> None:
    either = max(gain(no(a, "museum"), museum), gain(no(b, "museum"), museum))
    assert gain(no(anywhere(a, b), "museum"), museum) == either


@given(museums, expressions)
def test_not_not_of_museums_says_whether_there_is_any(museum: dict, part: Expression) -> None:
    once = no(part, "museum")
    twice = no(once, "museum")
    assert gain(twice, museum) == float(gain(part, museum) > 0)
    assert gain(no(twice, "museum"), museum) == gain(once, museum)


@given(rooms, subjects)
def test_not_not_of_paintings_is_nothing(one: dict, subject: str) -> None:
    part = Phrase(Predicate(subject=subject))
    twice = no(no(part, "painting"), "painting")
    assert room_share(twice, one) == room_share(part, one)


@given(museums, of_one_room, st.integers(1, 8))
def test_counting_falls_and_never_exceeds_the_rooms(
    museum: dict, part: Expression, count: int
) -> None:
    found = gain(Count(count, part), museum)
    assert found >= gain(Count(count + 1, part), museum)
    shares = sorted((room_share(part, one) for one in museum["rooms"]), reverse=True)
    assert found == (shares[count - 1] if count <= len(shares) else 0.0)


@given(museums, of_one_room, of_one_room)
def test_from_strict_to_loose(museum: dict, a: Expression, b: Expression) -> None:
    order, apart, loose = (gain(node(a, b), museum) for node in (then, different, anywhere))
    assert order <= apart <= loose
    assert max(order, gain(then(b, a), museum)) == apart  # one of them has to come first
    assert gain(same(a, b), museum) <= loose


@given(museums, phrases)
def test_a_phrase_has_the_gain_of_its_predicate(museum: dict, phrase: Phrase) -> None:
    assert gain(phrase, museum) == gains(phrase.predicate, [museum])[0]


@given(museums, expressions)
def test_as_by_brute_force(museum: dict, expression: Expression) -> None:
    assert gain(expression, museum) == by_brute_force(expression, museum["rooms"])


@given(museums, of_several_rooms)
def test_several_rooms_as_by_brute_force(museum: dict, expression: Expression) -> None:
    assert gain(expression, museum) == by_brute_force(expression, museum["rooms"])


def by_brute_force(expression: Expression, rooms: list[dict]) -> float:
    """Return the gain by going through every way to give rooms to what is asked for."""
    if isinstance(expression, Rooms):
        return float((expression.min or 0) <= len(rooms) <= (expression.max or len(rooms)))
    if expression.scope < Scope.MUSEUM:
        return max((value for value, _ in ways(expression, rooms)), default=0.0)
    if isinstance(expression, Not):
        return float(not by_brute_force(expression.part, rooms))
    return min(by_brute_force(part, rooms) for part in expression.parts)


def ways(expression: Expression, rooms: list[dict]) -> Iterator[tuple[float, frozenset[int]]]:
    """Yield the smallest share and the rooms of every way to answer an expression."""
    if isinstance(expression, Then | Count) or (
        isinstance(expression, And) and expression.rooms == "different"
    ):
        parts = getattr(expression, "parts", None) or (expression.part,) * expression.at_least
        for choice in itertools.product(*(list(ways(part, rooms)) for part in parts)):
            taken = [used for _, used in choice]
            apart = sum(map(len, taken)) == len(frozenset().union(*taken))
            ordered = all(max(a) < min(b) for a, b in itertools.pairwise(taken))
            if apart and (ordered or not isinstance(expression, Then)):
                yield min(value for value, _ in choice), frozenset().union(*taken)
        return
    for number, one in enumerate(rooms):
        everything = frozenset(range(len(one["paintings"])))
        yield share_of(expression, one, everything), frozenset([number])


def share_of(expression: Expression, one: dict, counted: frozenset[int]) -> float:
    """Return the share of a room by sets of the numbers of paintings, of which ``counted`` do."""
    everything = frozenset(range(len(one["paintings"])))

    def part_of_all(numbers: frozenset[int]) -> float:
        return len(numbers) / len(everything) if everything else 0.0

    if isinstance(expression, Phrase):
        if not expression.predicate.painting and counted == everything:
            return float(room_fits(expression.predicate, one))
        return part_of_all(counted & satisfying(expression, one))
    if isinstance(expression, Not):
        if expression.of == "painting":
            return part_of_all(counted - satisfying(expression.part, one))
        return float(share_of(expression.part, one, everything) == 0)
    unwanted = [part for part in expression.parts if getattr(part, "of", None) == "painting"]
    others = [part for part in expression.parts if part not in unwanted]
    left = counted.difference(*(satisfying(part.part, one) for part in unwanted))
    values = [share_of(part, one, left) for part in others]
    return min([*values, part_of_all(left)] if unwanted or counted != everything else values)


def satisfying(expression: Expression, one: dict) -> frozenset[int]:
    """Return the numbers of the paintings that are, with their room, as asked for."""
    everything = frozenset(range(len(one["paintings"])))
    if isinstance(expression, Phrase):
        asked = expression.predicate.painting.items()
        fits = room_fits(expression.predicate, one)
        return frozenset(
            number
            for number, hung in enumerate(one["paintings"])
            if fits and all(hung[key] == value for key, value in asked)
        )
    if isinstance(expression, Not):
        if expression.of == "painting":
            return everything - satisfying(expression.part, one)
        return everything if share_of(expression.part, one, everything) == 0 else frozenset()
    return frozenset.intersection(*(satisfying(part, one) for part in expression.parts))


def room_fits(predicate: Predicate, one: Mapping) -> bool:
    return all(one[key] == value for key, value in predicate.room.items())
