"""The tree of a plan: what a node may hold, its scope, its leaves, its JSON."""

import pytest

from hicalm.errors import HicalmError
from hicalm.reading.query_plan import (
    DEEPEST,
    MOST_PHRASES,
    And,
    Count,
    Description,
    Not,
    Phrase,
    Plan,
    Rooms,
    Scope,
    Then,
    check_plan,
    phrases,
    walk,
)

HORSES, BOATS, RED = Phrase(text="horses"), Phrase(text="boats"), Phrase(text="a red room")


def test_json_has_the_whole_tree():
    plan = And(
        (Count(2, HORSES, text="two rooms of horses"), Not(BOATS, "museum")), "any", text="q"
    )
    assert plan.to_json() == {
        "op": "and",
        "text": "q",
        "rooms": "any",
        "parts": [
            {
                "op": "count",
                "text": "two rooms of horses",
                "at_least": 2,
                "part": {"op": "phrase", "text": "horses"},
            },
            {"op": "not", "text": "", "of": "museum", "part": {"op": "phrase", "text": "boats"}},
        ],
    }
    assert Rooms(None, 5).to_json() == {"op": "rooms", "text": "", "min": None, "max": 5}
    description = Description((("A room.", "It is red."),), text="A room. It is red.")
    assert description.to_json()["paragraphs"] == [["A room.", "It is red."]]


@pytest.mark.parametrize(
    ("plan", "scope", "places"),
    [
        (HORSES, Scope.ROOM, 1),
        (And((HORSES, Not(RED, "room")), "same"), Scope.ROOM, 1),
        (And((HORSES, BOATS), "different"), Scope.SEVERAL_ROOMS, 2),
        (And((HORSES, Rooms(1, 2)), "any"), Scope.MUSEUM, 2),
        (Then((HORSES, And((BOATS, RED), "different"))), Scope.SEVERAL_ROOMS, 3),
        (Count(2, HORSES), Scope.SEVERAL_ROOMS, 1),
        (Not(BOATS, "painting"), Scope.ROOM, 1),
        (Not(Then((HORSES, BOATS)), "museum"), Scope.MUSEUM, 1),
        (Rooms(3, None), Scope.MUSEUM, 1),
        (Description(()), Scope.MUSEUM, 1),
    ],
)
def test_scopes(plan: Plan, scope: Scope, places: int):
    assert (plan.scope, plan.places) == (scope, places)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Count(0, HORSES), "whole number from 1"),
        (lambda: Count(True, HORSES), "whole number from 1"),
        (lambda: Count(2, Then((HORSES, BOATS))), "speak of one room, which 'then'"),
        (lambda: And((HORSES,), "same"), "at least two parts"),
        (lambda: And((HORSES, Count(2, BOATS)), "same"), "speak of one room, which 'count'"),
        (lambda: Then((HORSES, Rooms(1, 2))), "speak of rooms, which 'rooms'"),
        (lambda: Not(Not(HORSES, "museum"), "museum"), "speak of rooms, which 'not'"),
        (lambda: Rooms(), "limits nothing"),
        (lambda: Rooms(3, 2), "above its 'max'"),
    ],
)
def test_what_means_nothing_is_refused(make, message):
    with pytest.raises(HicalmError, match=message):
        make()


def test_leaves_come_in_the_order_of_the_query():
    plan = Then((And((HORSES, Not(RED, "room")), "same"), BOATS))
    assert [phrase.text for phrase in phrases(plan)] == ["horses", "a red room", "boats"]
    assert [node.op for node in walk(plan)] == ["then", "and", "phrase", "not", "phrase", "phrase"]


def test_limits():
    deep: Plan = HORSES
    for _ in range(DEEPEST):
        deep = Not(deep, "room")
    with pytest.raises(HicalmError, match="nested 21 deep"):
        check_plan(deep)
    with pytest.raises(HicalmError, match="25 phrases"):
        check_plan(And((HORSES,) * (MOST_PHRASES + 1), "same"))
    with pytest.raises(HicalmError, match="9 things"):
        check_plan(Then((HORSES,) * 9))
    assert check_plan(Then((HORSES,) * 8)).places == 8


def test_plain():
    assert HORSES.is_plain and Description(()).is_plain
    assert not Count(2, HORSES).is_plain and not Rooms(1, 2).is_plain
