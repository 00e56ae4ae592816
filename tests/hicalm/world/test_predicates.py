"""Predicates over one room: exact gains of a hand-made room, and bad JSON."""

import pytest

from hicalm.errors import HicalmError
from hicalm.world.predicates import Predicate, room_gain
from tests.hicalm.world.small_museums import painting, room

HORSES = room(
    [
        painting("horse", "cubist", "greens"),
        painting("horse", "watercolour", "greens"),
        painting("bird", "cubist", "greens"),
        painting(None, "op art", "purples"),
    ],
    objects=("bench", "plant"),
)
EMPTY = room([])


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (Predicate(subject="horse"), 0.5),
        (Predicate(style="cubist"), 0.5),
        (Predicate(palette="greens"), 0.75),
        (Predicate(subject="horse", style="cubist"), 0.25),
        (Predicate(style="op art", palette="purples"), 0.25),
        (Predicate(subject="desert"), 0.0),
        (Predicate(wall_color="red"), 1.0),
        (Predicate(wall_color="blue"), 0.0),
        (Predicate(floor="wood", lighting="dim"), 1.0),
        (Predicate(floor="wood", lighting="warm"), 0.0),
        (Predicate(objects=("bench",)), 1.0),
        (Predicate(objects=("plant", "bench")), 1.0),
        (Predicate(objects=("bench", "column")), 0.0),
        (Predicate(subject="horse", wall_color="red"), 0.5),
        (Predicate(subject="horse", wall_color="blue"), 0.0),
        (Predicate(subject="horse", objects=("column",)), 0.0),
    ],
)
def test_room_gain_by_hand(predicate: Predicate, expected: float) -> None:
    assert room_gain(predicate, HORSES) == expected


def test_room_without_paintings_satisfies_only_predicates_over_rooms() -> None:
    assert room_gain(Predicate(subject="horse"), EMPTY) == 0.0
    assert room_gain(Predicate(wall_color="red"), EMPTY) == 1.0


def test_predicate_from_json() -> None:
    value = {"painting": {"subject": "bird"}, "room": {"floor": "wood", "objects": ["bench"]}}
    expected = Predicate(subject="bird", floor="wood", objects=("bench",))
    assert Predicate.from_json(value) == expected
    assert expected.painting == {"subject": "bird"}
    assert expected.room == {"floor": "wood"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "asks for nothing"),
        ({"painting": {}, "room": {"objects": []}}, "asks for nothing"),
        ({"paintings": {}}, r"Unknown key 'paintings' in the predicate; choose from painting"),
        ({"painting": {"title": "x"}}, r"Unknown key 'title' in 'painting'"),
        ({"room": {"wall": "red"}}, r"Unknown key 'wall' in 'room'; choose from wall_color"),
        ({"painting": {"subject": "cow"}}, r"Unknown subject 'cow'; choose from seascape"),
        ({"painting": {"style": ["cubist"]}}, r"Unknown style \['cubist'\]"),
        ({"painting": {"subject": None}}, r"'subject' is null"),
        ({"room": {"objects": ["sofa"]}}, r"Unknown objects 'sofa'"),
        ({"room": {"objects": "bench"}}, r"has to be a list, not 'bench'"),
        ({"room": "red"}, r"Expected 'room' to be an object, got 'red'"),
    ],
)
def test_bad_predicates(value: dict, message: str) -> None:
    with pytest.raises(HicalmError, match=message):
        Predicate.from_json(value)
