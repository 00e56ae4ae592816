"""Laws of the value of plans, and random plans against brute force over all placements."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hicalm.matching.plan_value import PlanRooms, best_rooms
from hicalm.reading.query_plan import And, Count, Not, Phrase, Plan, Scope, Then, walk
from hicalm.world.placement import best_placement
from tests.hicalm.matching.shown_rooms import (
    by_brute_force,
    match_of,
    museums_of,
    of_one_room,
    of_several_rooms,
    phrases,
    plans,
    random_shown,
    rooms_of,
)

seeds = st.integers(0, 9999)
steady = settings(derandomize=True, max_examples=40)


def value(plan: Plan, seed: int, rooms: int) -> float:
    return float(museums_of(random_shown(seed, rooms), [rooms]).value(plan)[0])


@steady
@given(plans, seeds, st.integers(0, 4))
def test_as_by_brute_force(plan: Plan, seed: int, rooms: int) -> None:
    expected = by_brute_force(plan, rooms_of(random_shown(seed, rooms), range(rooms)))
    found = value(plan, seed, rooms)
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0 <= found <= 1


@steady
@given(of_several_rooms, seeds, st.integers(1, 5))
def test_several_rooms_as_by_brute_force(plan: Plan, seed: int, rooms: int) -> None:
    expected = by_brute_force(plan, rooms_of(random_shown(seed, rooms), range(rooms)))
    assert value(plan, seed, rooms) == pytest.approx(expected, abs=1e-12)


@steady
@given(plans, seeds, st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_many_museums_are_worth_what_each_is_alone(plan: Plan, seed: int, counts: list) -> None:
    shown = random_shown(seed, sum(counts))
    together = museums_of(shown, counts).value(plan)
    stops = np.cumsum(counts)
    alone = [
        museums_of({word: shown[word][stop - count : stop] for word in shown}, [count]).value(plan)
        for stop, count in zip(stops, counts, strict=True)
    ]
    assert together.tolist() == pytest.approx(np.concatenate(alone).tolist(), abs=1e-15)
    assert together.shape == (len(counts),)


@steady
@given(plans, seeds, st.lists(st.booleans(), min_size=4, max_size=4))
def test_rooms_that_are_not_there_are_no_rooms(plan: Plan, seed: int, there: list) -> None:
    if any(node.op == "rooms" for node in walk(plan)):
        return  # limits are those of the whole museum
    shown, counts = random_shown(seed, 4), np.array([4])
    found = PlanRooms(match_of(shown, np.array(there)), counts, np.array(there), counts)
    expected = by_brute_force(plan, rooms_of(shown, np.flatnonzero(there)))
    assert found.value(plan)[0] == pytest.approx(expected, abs=1e-12)


@steady
@given(of_one_room, of_one_room, seeds)
def test_de_morgan_for_one_room(a: Plan, b: Plan, seed: int) -> None:
    rooms = museums_of(random_shown(seed, 1), [1])
    q = [float(rooms.presence(part)[0]) for part in (a, b)]
    both = And((a, b), "same")
    assert rooms.value(Not(both, "museum"))[0] == pytest.approx(1 - q[0] * q[1])
    # Neither in the museum is: not in it, and not in it either.
    neither = And((Not(a, "museum"), Not(b, "museum")), "any")
    assert rooms.value(neither)[0] == pytest.approx((1 - q[0]) * (1 - q[1]))
    # Not a room without either is: one of them somewhere in it.
    free = And((Not(a, "room"), Not(b, "room")), "same")
    assert rooms.value(Not(free, "museum"))[0] == pytest.approx(q[0] + q[1] - q[0] * q[1])


@steady
@given(of_several_rooms, seeds, st.integers(0, 4))
def test_a_museum_either_has_it_or_not(plan: Plan, seed: int, rooms: int) -> None:
    if plan.scope == Scope.SEVERAL_ROOMS:
        assert value(Not(plan, "museum"), seed, rooms) == 1 - value(plan, seed, rooms)


@steady
@given(of_one_room, seeds, st.integers(1, 5))
def test_not_not_of_a_museum_is_all_of_its_rooms(part: Plan, seed: int, rooms: int) -> None:
    museum = museums_of(random_shown(seed, rooms), [rooms])
    everywhere = Not(Not(part, "room"), "museum")
    assert museum.value(everywhere)[0] == pytest.approx(museum.presence(part).prod(), abs=1e-12)


@steady
@given(phrases, seeds, st.integers(0, 5))
def test_not_not_of_paintings_is_nothing(part: Phrase, seed: int, rooms: int) -> None:
    twice = Not(Not(part, "painting"), "painting")
    assert value(twice, seed, rooms) == pytest.approx(value(part, seed, rooms))


@steady
@given(of_one_room, seeds, st.integers(0, 5), st.integers(1, 8))
def test_counting_falls_and_never_exceeds_the_rooms(
    part: Plan, seed: int, rooms: int, count: int
) -> None:
    found = value(Count(count, part), seed, rooms)
    assert found >= value(Count(count + 1, part), seed, rooms)
    shares = museums_of(random_shown(seed, rooms), [rooms]).share(part)
    best = np.sort(shares)[::-1][:count].prod() if count <= rooms else 0.0
    assert found == pytest.approx(best, abs=1e-12)


@steady
@given(of_one_room, of_one_room, seeds, st.integers(1, 5))
def test_from_strict_to_loose(a: Plan, b: Plan, seed: int, rooms: int) -> None:
    order, back, apart, loose = (
        value(plan, seed, rooms)
        for plan in (Then((a, b)), Then((b, a)), And((a, b), "different"), And((a, b), "any"))
    )
    assert max(order, back) == pytest.approx(apart)  # one of them has to come first
    assert apart <= loose + 1e-12


@steady
@given(of_one_room, of_one_room, seeds)
def test_order_reversed_is_the_order_of_the_rooms_reversed(a: Plan, b: Plan, seed: int) -> None:
    shown = random_shown(seed, 4)
    backwards = {word: shares[::-1] for word, shares in shown.items()}
    forwards = museums_of(shown, [4]).value(Then((a, b)))
    assert museums_of(backwards, [4]).value(Then((b, a))) == pytest.approx(forwards)


@pytest.mark.parametrize("before", [(0, 0, 0), (0, 1, 3), (6, 0, 2), (0, 0, 3)])
def test_the_best_rooms_are_worth_the_best_placement(before: tuple[int, ...]) -> None:
    shares = np.random.default_rng(sum(before)).random((40, 6, 3))
    expected = best_placement(shares, before, np.multiply)
    for one, best in zip(shares, expected, strict=True):
        rooms = best_rooms(one, before)
        assert rooms is not None and len(set(rooms)) == 3
        assert one[rooms, [0, 1, 2]].prod() == pytest.approx(best)
        for thing, earlier in enumerate(before):
            assert all(rooms[e] < rooms[thing] for e in range(3) if earlier >> e & 1)
