"""Which rooms answer the parts of a plan, by hand, in the second of two museums.

Its rooms show this with the probabilities (of any: their roots)

    room    horses       boats        red walls
    0       .81 (.9)     .04 (.2)     1   (1)
    1       0   (0)      .64 (.8)     .25 (.5)
    2       .36 (.6)     .16 (.4)     0   (0)
"""

import numpy as np
import pytest

from hicalm.matching.plan_scorer import (
    AttributeRooms,
    PartAnswer,
    PlanScorer,
    QueryPhrases,
    SimilarRooms,
)
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
    return [(a.text, a.rooms, pytest.approx(a.probability), a.answered) for a in found]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (HORSE, [("horse", (0,), 0.9, True)]),
        (BOAT, [("boat", (1,), 0.8, True)]),
        # In this order, and not where each is best.
        (Then((HORSE, BOAT)), [("horse", (0,), 0.9, True), ("boat", (1,), 0.8, True)]),
        (Then((BOAT, HORSE)), [("boat", (1,), 0.8, True), ("horse", (2,), 0.6, True)]),
        (Then((HORSE, BOAT, HORSE)), [("horse", (0, 2), 0.6, True), ("boat", (1,), 0.8, True)]),
        (Then((HORSE, RED)), [("horse", (0,), 0.9, True), ("red", (1,), 0.5, True)]),
        # In different rooms: the red room is not the one of the horses.
        (And((HORSE, RED), "different"), [("horse", (2,), 0.6, True), ("red", (0,), 1, True)]),
        (Count(2, HORSE), [("horse", (0, 2), 0.6, True)]),
        (Count(3, BOAT), [("boat", (0, 1, 2), 0.2, False)]),
        # Somewhere: each by itself.
        (And((HORSE, RED), "any"), [("horse", (0,), 0.9, True), ("red", (0,), 1, True)]),
        # One room, as a whole: any horses, .9, and a painting without boats, .96.
        (
            And((HORSE, Not(BOAT, "painting")), "same", text="no boats"),
            [("no boats", (0,), 0.9 * 0.96, True)],
        ),
        (Not(HORSE, "room", text="none"), [("none", (1,), 1, True)]),
        # Not in the museum: the room that comes nearest.
        (Not(BOAT, "museum", text="no boats"), [("no boats", (1,), 0.096, False)]),
        (Not(HORSE, "museum", text="no horses"), [("no horses", (0,), 0.04, False)]),
        (Not(Count(2, HORSE), "museum", text="few"), [("few", (), 0.7084, True)]),
        # Limits, and parts of an *and*.
        (
            And((BOAT, Rooms(3, 3, text="three"), Rooms(4, text="more")), "any"),
            [("boat", (1,), 0.8, True), ("three", (), 1, True), ("more", (), 0, False)],
        ),
        (
            Description((("horse",), ("boat", "red"))),
            [("horse", (0,), 0.9, True), ("boat", (1,), 0.8, True), ("red", (0,), 1, True)],
        ),
        # Fewer rooms than things: each thing once, by its best room.
        (Count(4, HORSE), [("horse", (0,), 0.9, True)]),
        (
            Then((HORSE, BOAT, HORSE, RED)),
            [("horse", (0,), 0.9, True), ("boat", (1,), 0.8, True), ("red", (0,), 1, True)],
        ),
    ],
)
def test_answers_name_the_right_rooms(plan: Plan, expected: list[tuple]) -> None:
    assert answers(plan) == expected


def test_rooms_are_numbered_in_their_own_museum() -> None:
    expected = [("horse", (0,), 1, True), ("boat", (1,), 1, True)]
    assert answers(Then((HORSE, BOAT)), museum=0) == expected
    assert answers(Not(BOAT, "museum", text="none"), museum=0) == [("none", (0,), 0, False)]


def test_answers_in_json() -> None:
    answer = PartAnswer("horses", "phrase", (0, 2), 0.6, True)
    assert answer.to_json() == {
        "text": "horses",
        "op": "phrase",
        "rooms": [0, 2],
        "probability": 0.6,
        "answered": True,
    }


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
    expected = matcher.match(phrases.vectors["a"], {"b": phrases.vectors["b"]})
    assert np.array_equal(found.share, expected.share)
    assert match(Phrase(text="a"), []).share.argmax() == 0
