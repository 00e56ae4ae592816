"""Filters and limits of rooms, on museums of 2, 1 and 3 rooms."""

from dataclasses import replace

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.reading.query_plan import And, Not, Phrase, Plan, Rooms, Then
from hicalm.search.museum_filters import NO_SUCH_SIZE, allowed_rows, rows_within_limits
from tests.hicalm.collections import ragged_collection

COLLECTION = ragged_collection()
EVERYONE = np.arange(3)
HORSES = Phrase(text="horses")


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ({}, [0, 1, 2]),
        ({"rooms": None, "theme": []}, [0, 1, 2]),
        ({"rooms": (2, 3)}, [0, 2]),
        ({"rooms": (1, 1)}, [1]),
        ({"theme": ["sea", "land"], "split": ["test"], "rooms": (1, 2)}, [0, 1]),
        ({"theme": "sea"}, [0, 1, 2]),
        ({"split": "test"}, [0, 1, 2]),
    ],
)
def test_museums_that_pass_all_filters(filters: dict, rows: list[int]) -> None:
    assert allowed_rows(COLLECTION, filters).tolist() == rows


@pytest.mark.parametrize(
    "filters",
    [
        {"rooms": (4, 9)},
        {"rooms": (3, 2)},
        {"theme": ["land"]},
        {"theme": "se"},
        {"split": ["train"]},
        {"nothing": ["sea"]},
        {"theme": "sea", "rooms": (9, 9)},
    ],
)
def test_filters_that_leave_nothing_are_refused(filters: dict) -> None:
    with pytest.raises(HicalmError, match=r"^No museum passes all filters\. Remove one of them\.$"):
        allowed_rows(COLLECTION, filters)


def test_an_attribute_may_be_any_json() -> None:
    museums = tuple(
        replace(museum, attributes={"n": number, "list": ["a", "b"]})
        for number, museum in enumerate(COLLECTION.museums)
    )
    collection = replace(COLLECTION, museums=museums)
    assert allowed_rows(collection, {"n": [0, 2]}).tolist() == [0, 2]
    assert allowed_rows(collection, {"list": [["a", "b"]]}).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("plan", "rows"),
    [
        (None, [0, 1, 2]),
        (HORSES, [0, 1, 2]),
        (Rooms(2), [0, 2]),
        (Rooms(None, 2), [0, 1]),
        (Rooms(2, 2), [0]),
        (And((HORSES, Rooms(2)), "any"), [0, 2]),
        (And((And((HORSES, Rooms(2)), "any"), Rooms(None, 2)), "any"), [0]),
        (Then((HORSES, HORSES, HORSES)), [0, 1, 2]),  # asks for three rooms, but limits nothing
        (Not(HORSES, "museum"), [0, 1, 2]),
    ],
)
def test_limits_leave_museums_of_the_right_size(plan: Plan | None, rows: list[int]) -> None:
    left, notes = rows_within_limits(COLLECTION, plan, EVERYONE)
    assert left.tolist() == rows and notes == ()


@pytest.mark.parametrize(
    "plan",
    [Rooms(4), And((Rooms(4), HORSES), "any"), And((Rooms(3), Rooms(None, 2), HORSES), "any")],
)
def test_where_no_museum_is_of_that_size_all_stay_and_a_note_says_so(plan: Plan) -> None:
    left, notes = rows_within_limits(COLLECTION, plan, EVERYONE)
    assert left.tolist() == [0, 1, 2] and notes == (NO_SUCH_SIZE,)


def test_limits_hold_among_those_that_pass_the_filters() -> None:
    assert rows_within_limits(COLLECTION, Rooms(2), np.array([1, 2]))[0].tolist() == [2]
    left, notes = rows_within_limits(COLLECTION, Rooms(3), np.array([1, 0]))
    assert left.tolist() == [1, 0] and notes == (NO_SUCH_SIZE,)
