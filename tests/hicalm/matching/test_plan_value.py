"""The value of plans in three rooms, by hand.

The rooms show this with the probabilities (of any: their roots)

    room    horses       boats        red walls
    0       .81 (.9)     .04 (.2)     1   (1)
    1       0   (0)      .64 (.8)     .25 (.5)
    2       .36 (.6)     .16 (.4)     0   (0)
"""

import time

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.matching.plan_value import (
    PlanRooms,
    best_rooms,
    room_values,
    things_asked,
)
from hicalm.reading.query_plan import (
    MOST_PLACES,
    MOST_SETS,
    And,
    Count,
    Description,
    Not,
    Phrase,
    Plan,
    Rooms,
    Then,
    check_plan,
    placement_sets,
)
from hicalm.world.placement import best_placement, placement_steps
from tests.hicalm.matching.shown_rooms import match_of, museums_of

SHOWN = {"horse": (0.81, 0, 0.36), "boat": (0.04, 0.64, 0.16), "red": (1, 0.25, 0)}
HORSE, BOAT, RED = (Phrase(text=text) for text in SHOWN)


def no(part: Plan, of: str) -> Not:
    return Not(part, of)


def same(*parts: Plan) -> And:
    return And(parts, "same")


def different(*parts: Plan) -> And:
    return And(parts, "different")


def anywhere(*parts: Plan) -> And:
    return And(parts, "any")


def then(*parts: Plan) -> Then:
    return Then(parts)


def value(plan: Plan, shown: dict = SHOWN, rooms: int = 3) -> float:
    return float(museums_of(shown, [rooms]).value(plan)[0])


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (HORSE, 0.81),
        (BOAT, 0.64),
        # In the same room.
        (same(HORSE, BOAT), 0.0576),  # room 2: .36 * .16
        (same(HORSE, RED), 0.81),
        (same(HORSE, same(BOAT, RED)), 0.0324),  # room 0: .81 * .04
        # Not of a painting: taken out of the paintings of each phrase.
        (same(HORSE, no(RED, "painting")), 0.36),
        (same(BOAT, no(HORSE, "painting")), 0.64),
        (same(HORSE, no(HORSE, "painting"), no(BOAT, "painting")), 0.193536),  # .36 * .64 * .84
        (same(HORSE, RED, no(BOAT, "painting")), 0.746496),  # .81 * .96 * .96
        (same(same(HORSE, RED), no(BOAT, "painting")), 0.746496),
        (same(HORSE, no(same(HORSE, RED), "painting")), 0.36),
        (same(no(HORSE, "painting"), no(BOAT, "painting")), 0.5376),  # room 2: .64 * .84
        (no(BOAT, "painting"), 0.96),
        (no(no(BOAT, "painting"), "painting"), 0.64),
        # Not of a room.
        (no(BOAT, "room"), 0.8),
        (no(no(BOAT, "room"), "room"), 0.8),  # any boat: room 1
        (same(HORSE, no(BOAT, "room")), 0.648),  # .81 * .8
        (same(BOAT, no(same(HORSE, RED), "room")), 0.64),
        # Not in the museum.
        (no(HORSE, "museum"), 0.04),  # .1 * 1 * .4
        (no(BOAT, "museum"), 0.096),  # .8 * .2 * .6
        (no(same(HORSE, BOAT), "museum"), 0.6232),  # .82 * 1 * .76
        (no(no(BOAT, "room"), "museum"), 0.064),  # boats in every room: .2 * .8 * .4
        (no(no(BOAT, "painting"), "museum"), 0.004096),  # nothing but boats
        (no(Count(2, HORSE), "museum"), 0.7084),
        (no(then(HORSE, BOAT), "museum"), 0.4816),
        # So many rooms.
        (Count(1, HORSE), 0.81),
        (Count(2, HORSE), 0.2916),  # .81 * .36
        (Count(2, BOAT), 0.1024),
        (Count(3, BOAT), 0.004096),
        (Count(4, BOAT), 0.0),
        (Count(500, BOAT), 0.0),
        (Count(2, no(BOAT, "room")), 0.48),  # .8 * .6
        # In this order.
        (then(HORSE, BOAT), 0.5184),  # rooms 0 and 1
        (then(BOAT, HORSE), 0.2304),  # rooms 1 and 2
        (then(HORSE, RED), 0.2025),
        (then(RED, HORSE), 0.36),
        (then(HORSE, BOAT, HORSE), 0.186624),
        (then(BOAT, HORSE, BOAT), 0.0),
        (then(HORSE, Count(2, BOAT)), 0.082944),  # .81 * .64 * .16
        (then(Count(2, BOAT), HORSE), 0.009216),  # .04 * .64 * .36
        (then(RED, different(HORSE, BOAT)), 0.2304),
        (then(different(HORSE, BOAT), RED), 0.0),
        (then(then(RED, BOAT), HORSE), 0.2304),
        # In different rooms.
        (different(HORSE, RED), 0.36),  # horses in room 2, for room 0 is the red one
        (different(HORSE, HORSE), 0.2916),
        (different(HORSE, BOAT, RED), 0.2304),
        (different(then(BOAT, HORSE), RED), 0.2304),
        (different(Count(2, HORSE), BOAT), 0.186624),
        (different(same(HORSE, RED), HORSE), 0.2916),
        # Somewhere, and the number of rooms.
        (anywhere(HORSE, RED), 0.81),
        (anywhere(HORSE, HORSE), 0.6561),
        (anywhere(HORSE, no(BOAT, "museum")), 0.07776),
        (anywhere(Count(2, HORSE), then(HORSE, BOAT)), 0.15116544),
        (anywhere(HORSE, Rooms(3, 3)), 0.81),
        (anywhere(HORSE, Rooms(4)), 0.0),
        (Rooms(3), 1.0),
        (Rooms(max=3), 1.0),
        (Rooms(max=2), 0.0),
        # Of the first paragraph room 0 shows most, (.81 + .04) / 2.
        (Description((("horse", "boat"), ("red",))), 0.7125),
    ],
)
def test_three_rooms_by_hand(plan: Plan, expected: float) -> None:
    assert value(plan) == pytest.approx(expected, abs=1e-12)


def test_museums_of_different_sizes_side_by_side() -> None:
    shown = {"horse": (0.81, 0, 0.36, 0.25, 0.5, 0.4), "boat": (0.04, 0.64, 0.16, 1, 0.5, 0.3)}
    museums = museums_of(shown, [3, 1, 0, 2])
    # What a museum does not have is neither taken from its neighbour nor a room without horses.
    assert museums.value(HORSE) == pytest.approx([0.81, 0.25, 0, 0.5])
    assert museums.value(then(HORSE, BOAT)) == pytest.approx([0.5184, 0, 0, 0.15])
    assert museums.value(Count(2, BOAT)) == pytest.approx([0.1024, 0, 0, 0.15])
    assert museums.value(no(BOAT, "room")) == pytest.approx([0.8, 0, 0, 1 - 0.3**0.5])
    assert museums.value(no(HORSE, "museum"))[:3] == pytest.approx([0.04, 0.5, 1])
    assert museums.value(Rooms(1, 2)).tolist() == [0, 1, 0, 1]
    assert museums.value(HORSE).dtype == np.float64


def test_a_museum_of_one_room() -> None:
    shown = {"horse": (0.81,), "boat": (0.25,)}
    assert value(different(HORSE, BOAT), shown, 1) == value(then(HORSE, BOAT), shown, 1) == 0
    assert value(Count(2, HORSE), shown, 1) == 0
    assert value(same(HORSE, BOAT), shown, 1) == pytest.approx(0.2025)


def test_rooms_that_are_not_there_lack_nothing() -> None:
    there, counts = np.array([True, False, True]), np.array([3])
    rooms = PlanRooms(match_of(SHOWN, there), counts, there, counts)
    assert rooms.value(BOAT)[0] == pytest.approx(0.16)
    assert rooms.value(no(HORSE, "room"))[0] == pytest.approx(0.4)  # room 1 would be 1
    assert rooms.value(no(HORSE, "painting"))[0] == pytest.approx(0.64)
    assert rooms.value(no(BOAT, "museum"))[0] == pytest.approx(0.48)
    # The limits are those of the museum, whichever of its rooms are looked at.
    assert rooms.value(Rooms(3, 3)).tolist() == [1]


def test_which_rooms_are_the_best() -> None:
    shares = np.array([[0.81, 0.04], [0, 0.64], [0.36, 0.16]])
    assert best_rooms(shares, [0, 0]) == [0, 1]
    assert best_rooms(shares, [0b10, 0]) == [2, 1]  # the second thing comes first
    assert best_rooms(shares[:1], [0, 0]) is None
    assert best_rooms(np.zeros((2, 2)), [0b10, 0]) == [1, 0]  # worth nothing, but in order


def test_things_of_a_count_come_in_a_row() -> None:
    assert things_asked(Count(3, HORSE), 9) == [(HORSE, 0), (HORSE, 1), (HORSE, 3)]
    assert len(things_asked(Count(500, HORSE), 4)) == 4
    asked = things_asked(then(different(HORSE, BOAT), RED), 9)
    assert asked == [(HORSE, 0), (BOAT, 0), (RED, 3)]


@pytest.mark.slow
def test_hostile_plans_take_no_time() -> None:
    shown = {"horse": np.full(60, 0.5).tolist()}
    museums = museums_of(shown, [12, 48])
    deep: Plan = HORSE
    for _ in range(19):
        deep = no(deep, "painting")
    started = time.process_time()
    assert museums.value(check_plan(deep)) == pytest.approx([0.5, 0.5])
    apart = check_plan(different(*(HORSE,) * MOST_PLACES))
    shown = {"horse": np.full(12, 0.5).tolist()}
    assert museums_of(shown, [12]).value(apart) == pytest.approx([0.5**MOST_PLACES])
    assert museums.value(check_plan(Count(500, HORSE))).tolist() == [0, 0]
    assert time.process_time() - started < 10


def test_counts_in_different_rooms_are_no_more_work_than_single_rooms() -> None:
    def counts(number: int) -> Plan:
        return different(*(Count(2, Phrase(text=str(n))) for n in range(number)))

    largest = check_plan(counts(6))
    before = [earlier for _, earlier in things_asked(largest, 31)]
    assert placement_sets(largest) == 3**6 <= MOST_SETS
    assert len(placement_steps(before)) <= len(placement_steps([0] * 10))  # 2^10 sets
    for number in (7, 8):
        with pytest.raises(HicalmError, match=f"goes through {3**number:,} sets"):
            check_plan(counts(number))


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (same(no(RED, "room"), no(BOAT, "painting")), 0.84),  # room 2: 1 * .84
        # Room 2: 1 * .64 * .84.
        (
            same(same(no(RED, "painting"), no(HORSE, "painting")), no(BOAT, "painting")),
            0.5376,
        ),
    ],
)
def test_not_a_painting_counts_where_no_phrase_can_lose_paintings(
    plan: Plan, expected: float
) -> None:
    assert value(plan) == pytest.approx(expected)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_description_without_sentences_is_worth_nothing() -> None:
    assert value(Description(())) == 0  # read_plan("") is one


def test_best_placement_of_nothing() -> None:
    assert best_placement(np.zeros((0, 3, 2)), [0, 0], np.multiply).shape == (0,)
    assert best_placement(np.ones((2, 1, 2)), [0, 0], np.multiply).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (HORSE, [0.81, 0, 0.36]),
        (same(HORSE, RED), [0.81, 0, 0]),
        (same(BOAT, no(HORSE, "painting")), [0.0076, 0.64, 0.1024]),  # .04 * .19, .16 * .64
        (different(HORSE, BOAT), [0.81, 0.64, 0.36]),  # of each room the better one
        (then(HORSE, BOAT), [0.81, 0.64, 0.36]),
        (Count(2, HORSE), [0.81, 0, 0.36]),
        (anywhere(HORSE, no(BOAT, "museum"), Rooms(max=6)), [0.81, 0, 0.36]),
        (Description((("horse", "red"), ("boat",))), [0.905, 0.64, 0.18]),
    ],
)
def test_what_single_rooms_answer(plan: Plan, expected: list[float]) -> None:
    assert room_values(museums_of(SHOWN, [3]), plan) == pytest.approx(expected)


@pytest.mark.parametrize("plan", [no(HORSE, "museum"), Rooms(max=3), Description(())])
def test_nothing_is_asked_of_a_single_room(plan: Plan) -> None:
    assert room_values(museums_of(SHOWN, [3]), plan) is None
