"""The tree of an expression: JSON there and back, and every way in which it can be wrong."""

import pytest
from hypothesis import given

from hicalm.errors import HicalmError
from hicalm.world.expressions import And, Count, Expression, Not, Phrase, Rooms, Scope, Then
from hicalm.world.predicates import Predicate
from tests.hicalm.world.random_expressions import expressions

HORSES = Phrase(Predicate(subject="horse"), text="ponies")
RED = Phrase(Predicate(wall_color="red", objects=("bench",)))
HORSES_JSON = {"op": "phrase", "text": "ponies", "painting": {"subject": "horse"}}
RED_JSON = {"op": "phrase", "room": {"wall_color": "red", "objects": ["bench"]}}
NO_HORSES = Not(HORSES, "museum")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (HORSES, HORSES_JSON),
        (RED, RED_JSON),
        (
            And((HORSES, Not(RED, "room")), "same", text="ponies, but not in red"),
            {
                "op": "and",
                "text": "ponies, but not in red",
                "parts": [HORSES_JSON, {"op": "not", "part": RED_JSON, "of": "room"}],
                "rooms": "same",
            },
        ),
        (Then((HORSES, RED)), {"op": "then", "parts": [HORSES_JSON, RED_JSON]}),
        (Count(2, RED), {"op": "count", "at_least": 2, "part": RED_JSON}),
        (Rooms(max=5), {"op": "rooms", "min": None, "max": 5}),
    ],
)
def test_json_by_hand(expression: Expression, value: dict) -> None:
    assert Expression.from_json(value) == expression
    assert expression.to_json() == value


@given(expressions)
def test_json_there_and_back(expression: Expression) -> None:
    assert Expression.from_json(expression.to_json()) == expression


def test_open_limits_may_be_left_out() -> None:
    assert Expression.from_json({"op": "rooms", "min": 3}) == Rooms(3, None)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], r"Expected an expression to be an object, got \[\]"),
        ({}, "Unknown op None; choose from phrase, and, then, not, count, rooms"),
        ({"op": ["and"]}, r"Unknown op \['and'\]"),
        (HORSES_JSON | {"rooms": "same"}, "Unknown key 'rooms' in 'phrase'; choose from op, text"),
        (HORSES_JSON | {"text": 3}, "'text' has to be a text, not 3"),
        ({"op": "phrase", "painting": {"subject": "cow"}}, "Unknown subject 'cow'"),
        ({"op": "phrase"}, "asks for nothing"),
        ({"op": "then", "parts": HORSES_JSON}, "'parts' has to be a list, not {'op'"),
        ({"op": "then", "parts": [HORSES_JSON]}, "'then' needs at least two parts, not 1"),
        ({"op": "then", "parts": [HORSES_JSON, 7]}, "Expected an expression to be an object"),
        ({"op": "and", "parts": [HORSES_JSON, RED_JSON]}, "Unknown rooms None; choose from same"),
        ({"op": "not", "part": HORSES_JSON, "of": "wall"}, "Unknown of 'wall'; choose from paint"),
        ({"op": "not", "of": "room"}, "Expected an expression to be an object, got None"),
        ({"op": "count", "at_least": 0, "part": RED_JSON}, "'at_least' has to be a whole number"),
        ({"op": "count", "at_least": True, "part": RED_JSON}, "from 1, not True"),
        ({"op": "count", "at_least": 2.0, "part": RED_JSON}, "from 1, not 2.0"),
        ({"op": "count", "part": RED_JSON}, "'at_least' has to be a whole number from 1, not None"),
        ({"op": "rooms"}, "'rooms' limits nothing"),
        ({"op": "rooms", "min": 3, "max": 2}, "the 'min' 3 above its 'max' 2"),
        ({"op": "rooms", "max": "5"}, "'max' has to be a whole number from 1, not '5'"),
    ],
)
def test_bad_json_is_refused_in_one_sentence(value: object, message: str) -> None:
    with pytest.raises(HicalmError, match=message) as caught:
        Expression.from_json(value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Not(NO_HORSES, "room"), "'not' of a room has to speak of one room, which 'not'"),
        (lambda: Not(Count(2, RED), "painting"), "'not' of a painting has to speak of one room"),
        (lambda: Count(2, Then((RED, HORSES))), "'count' has to speak of one room, which 'then'"),
        (lambda: And((HORSES, Count(2, RED)), "same"), r"'and' \(same\) has to speak of one room"),
        (lambda: And((HORSES, Rooms(1)), "different"), "speak of rooms, which 'rooms' does not"),
        (lambda: Then((HORSES, NO_HORSES)), "'then' has to speak of rooms, which 'not' does not"),
        (lambda: Then((HORSES, "birds")), "has to be an expression, not 'birds'"),
        (lambda: Then((HORSES,) * 13), "'then' asks for 13 things; at most 12 can be placed"),
    ],
)
def test_a_node_refuses_what_it_cannot_take(make, message: str) -> None:
    with pytest.raises(HicalmError, match=message):
        make()


def test_scopes() -> None:
    assert And((HORSES, RED), "same").scope == Scope.ROOM
    assert And((HORSES, RED), "different").scope == Scope.SEVERAL_ROOMS
    assert And((HORSES, NO_HORSES), "any").scope == NO_HORSES.scope == Scope.MUSEUM


@pytest.mark.parametrize("depth", [21, 10_000])
def test_deep_trees_are_refused(depth: int) -> None:
    value = HORSES_JSON
    for _ in range(depth - 1):
        value = {"op": "not", "part": value, "of": "room"}
    with pytest.raises(HicalmError, match="nested more than 20 deep"):
        Expression.from_json(value)


def test_twenty_levels_are_read() -> None:
    value = HORSES_JSON
    for _ in range(19):
        value = {"op": "not", "part": value, "of": "room"}
    assert Expression.from_json(value).to_json() == value
