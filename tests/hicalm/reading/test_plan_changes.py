"""Plans with one thing changed, by hand; and that what people ask can be changed and said again."""

import pytest

from hicalm.errors import HicalmError
from hicalm.reading.plan_changes import (
    is_switchable,
    part_at,
    switched,
    with_count,
    with_order,
    with_together,
    without_limits,
    without_part,
)
from hicalm.reading.plan_reading import read_plan
from hicalm.reading.plan_text import plan_text
from hicalm.reading.query_plan import And, Count, Not, Phrase, Plan, Rooms, Then
from tests.hicalm.reading.test_plan_reading import EXAMPLES

A, B, C = (Phrase(text=text) for text in ("horses", "boats", "gardens"))
NOWHERE = Not(C, "museum")


def test_a_part_is_taken_away():
    assert without_part(Then((A, B, C)), (1,)) == Then((A, C))
    assert without_part(Then((A, B)), (0,)) == B
    assert without_part(A, ()) is None
    assert without_part(And((Then((A, B)), NOWHERE), "any"), (0, 1)) == And((A, NOWHERE), "any")
    assert without_part(And((A, Not(B, "painting")), "same"), (0,)) == Not(B, "museum")
    assert without_part(Count(2, A), (0,)) is None


def test_not_is_switched():
    assert switched(A, ()) == Not(A, "museum")
    assert switched(Not(A, "museum"), ()) == A
    assert switched(And((A, B), "same"), (1,)) == And((A, Not(B, "room")), "same")
    assert switched(And((A, Not(B, "room")), "same"), (1,)) == And((A, B), "same")
    assert switched(Then((A, B)), (1,)) == And((A, Not(B, "museum")), "any")
    assert switched(And((A, NOWHERE), "any"), (1,)) == And((A, C), "different")
    both = And((A, Not(B, "museum"), NOWHERE), "any")
    assert switched(both, (1,)) == And((And((A, B), "different"), NOWHERE), "any")
    assert is_switchable(NOWHERE) and not is_switchable(Count(2, A))


def test_counts_go_up_and_down_to_one():
    assert with_count(Count(2, A), (), 3) == Count(3, A)
    assert with_count(Then((Count(2, A), B)), (0,), 1) == Then((A, B))
    assert with_count(A, (), 2) == Count(2, A)
    with pytest.raises(HicalmError, match="one room"):
        with_count(Then((A, B)), (), 2)


def test_order_and_sharing_are_switched():
    apart = And((A, B), "different")
    assert with_order(Then((A, B)), (), False) == apart
    assert with_order(apart, (), True) == Then((A, B))
    assert with_together(apart, (), True) == And((A, B), "same")
    with pytest.raises(HicalmError):
        with_together(And((Count(2, A), B), "different"), (), True)


def test_what_becomes_alike_is_opened():
    inner = And((Then((A, B)), C), "different")
    assert with_order(inner, (), True) == Then((A, B, C))


def test_limits_are_taken_away():
    assert without_limits(And((A, Rooms(max=5)), "any")) == A
    assert without_limits(Rooms(max=5)) is None
    assert without_limits(A) == A


def paths(plan: Plan, at: tuple[int, ...] = ()):
    yield at
    for number, child in enumerate(plan.children):
        yield from paths(child, (*at, number))


@pytest.mark.slow
def test_what_people_ask_can_be_changed_and_said_again():
    """All plans of the examples without any one part; a few have no wording that reads back."""
    said, total = 0, 0
    for query, _ in EXAMPLES[::6]:
        plan = read_plan(query)
        for path in paths(plan):
            left = without_part(plan, path) if path and not isinstance(plan, Count) else None
            if left is not None:
                assert part_at(plan, path) is not plan
                total += 1
                said += bool(plan_text(left))
    assert total > 75 and said >= 0.98 * total
