"""Which rooms answer the parts of a plan, by hand, in the second of two museums.

Its rooms show this with the probabilities (of any: their roots)

    room    horses       boats        red walls
    0       .81 (.9)     .04 (.2)     1   (1)
    1       0   (0)      .64 (.8)     .25 (.5)
    2       .36 (.6)     .16 (.4)     0   (0)
"""

import numpy as np
import pytest

from hicalm.matching.plan_scorer import AttributeRooms, PlanScorer, QueryPhrases, SimilarRooms
from hicalm.matching.plan_value import MatchPhrase
from hicalm.matching.room_matcher import RoomMatcher
from hicalm.matching.similarity_matcher import Background, SimilarityMatcher
from hicalm.reading.query_plan import And, Count, Description, Not, Phrase, Plan, Rooms, Then
from tests.hicalm.matching.read_rooms import (
    MEANINGS,
    random_networks,
    random_views,
    read,
    read_vectors,
)
from tests.hicalm.matching.shown_rooms import Shown, match_of

# Rooms 0 and 1 are the first museum's, where everything is.
SHOWN = {
    "horse": (1, 1, 0.81, 0, 0.36),
    "boat": (1, 1, 0.04, 0.64, 0.16),
    "red": (1, 1, 1, 0.25, 0),
}
HORSE, BOAT, RED = (Phrase(text=text) for text in SHOWN)
COUNTS = np.array([2, 3])


class ShownRooms:
    """A reader of rooms of which it is known what they show."""

    def __init__(self, shown: Shown) -> None:
        self.shown = shown

    def bind(self, phrases: QueryPhrases) -> MatchPhrase:
        return match_of(self.shown)


def answers(plan: Plan, museum: int = 1) -> list[tuple]:
    scorer = PlanScorer(ShownRooms(SHOWN), COUNTS)
    rooms = scorer.over(QueryPhrases(None, {}, {}))
    found = scorer.answers(rooms, plan, museum)
    return [(one.part.text, one.rooms, pytest.approx(one.probability)) for one in found]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (HORSE, [("horse", (0,), 0.9)]),
        (BOAT, [("boat", (1,), 0.8)]),
        # In this order, and not where each is best.
        (Then((HORSE, BOAT)), [("horse", (0,), 0.9), ("boat", (1,), 0.8)]),
        (Then((BOAT, HORSE)), [("boat", (1,), 0.8), ("horse", (2,), 0.6)]),
        (Then((HORSE, BOAT, HORSE)), [("horse", (0, 2), 0.6), ("boat", (1,), 0.8)]),
        (Then((HORSE, RED)), [("horse", (0,), 0.9), ("red", (1,), 0.5)]),
        # In different rooms: the red room is not the one of the horses.
        (And((HORSE, RED), "different"), [("horse", (2,), 0.6), ("red", (0,), 1)]),
        (Count(2, HORSE), [("horse", (0, 2), 0.6)]),
        (Count(3, BOAT), [("boat", (0, 1, 2), 0.2)]),
        # Somewhere: each by itself.
        (And((HORSE, RED), "any"), [("horse", (0,), 0.9), ("red", (0,), 1)]),
        # One room, as a whole: any horses, .9, and a painting without boats, .96.
        (
            And((HORSE, Not(BOAT, "painting")), "same", text="no boats"),
            [("no boats", (0,), 0.9 * 0.96)],
        ),
        (Not(HORSE, "room", text="none"), [("none", (1,), 1)]),
        # Not in the museum: the room that comes nearest.
        (Not(BOAT, "museum", text="no boats"), [("no boats", (1,), 0.096)]),
        (Not(HORSE, "museum", text="no horses"), [("no horses", (0,), 0.04)]),
        (Not(Count(2, HORSE), "museum", text="few"), [("few", (), 0.7084)]),
        # Limits, and parts of an *and*.
        (
            And((BOAT, Rooms(3, 3, text="three"), Rooms(4, text="more")), "any"),
            [("boat", (1,), 0.8), ("three", (), 1), ("more", (), 0)],
        ),
        (
            Description((("horse",), ("boat", "red"))),
            [("horse", (0,), 0.9), ("boat", (1,), 0.8), ("red", (0,), 1)],
        ),
        # Fewer rooms than things: each thing once, by its best room.
        (Count(4, HORSE), [("horse", (0,), 0.9)]),
        (
            Then((HORSE, BOAT, HORSE, RED)),
            [("horse", (0,), 0.9), ("boat", (1,), 0.8), ("red", (0,), 1)],
        ),
    ],
)
def test_answers_name_the_right_rooms(plan: Plan, expected: list[tuple]) -> None:
    assert answers(plan) == expected


def test_rooms_are_numbered_in_their_own_museum() -> None:
    expected = [("horse", (0,), 1), ("boat", (1,), 1)]
    assert answers(Then((HORSE, BOAT)), museum=0) == expected
    assert answers(Not(BOAT, "museum", text="none"), museum=0) == [("none", (0,), 0)]


def test_values_of_all_museums() -> None:
    rooms = PlanScorer(ShownRooms(SHOWN), COUNTS).over(QueryPhrases(None, {}, {}))
    assert rooms.value(Then((BOAT, HORSE))) == pytest.approx([1, 0.2304])
    assert rooms.value(Rooms(3)).tolist() == [0, 1]


def test_attributes_are_matched_by_their_meanings() -> None:
    matcher = RoomMatcher.of(random_networks(), random_views(0, 9), np.array([2, 4, 3]))
    match = AttributeRooms(matcher).bind(read())
    found = match(Phrase(text="c"), [Phrase(text="a"), Phrase(text="d")])
    expected = matcher.match(MEANINGS["c"], [MEANINGS["a"], MEANINGS["d"]])
    assert np.array_equal(found.share, expected.share)
    assert np.array_equal(found.presence, expected.presence)
    assert not np.array_equal(found.share, match(Phrase(text="c"), []).share)


def test_other_encoders_are_matched_by_their_vectors() -> None:
    rooms = read_vectors().vectors["a"][None] * [[1], [-1], [0.5]]
    matcher = SimilarityMatcher(Background(np.zeros(3), np.ones(3), 0.0, 0.5), rooms)
    phrases = read_vectors()
    match = SimilarRooms(matcher).bind(phrases)
    found = match(Phrase(text="a"), [Phrase(text="b")])
    expected = matcher.match(phrases.vectors["a"], [phrases.vectors["b"]])
    assert np.array_equal(found.share, expected.share)
    assert match(Phrase(text="a"), []).share.argmax() == 0
