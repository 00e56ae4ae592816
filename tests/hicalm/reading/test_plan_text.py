"""Plans in plain English: what is said reads back to the plan, for those of people and for many
that are drawn at random."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hicalm.reading.plan_reading import read_plan
from hicalm.reading.plan_text import plan_text
from hicalm.reading.plan_wordings import limit_text, number_word
from hicalm.reading.query_plan import (
    And,
    Count,
    Description,
    Not,
    Phrase,
    Plan,
    Rooms,
    Then,
    shape,
)
from tests.hicalm.reading.test_plan_reading import EXAMPLES

HORSES, BOATS, BENCH = Phrase(text="horses"), Phrase(text="boats"), Phrase(text="a bench")
CUBIST = Phrase(text="cubist portraits")
SUBJECTS = st.sampled_from(
    ["horses", "boats on the sea", "cubist portraits", "a red room", "gardens", "ink landscapes"]
).map(lambda text: Phrase(text=text))
FITTINGS = st.sampled_from(["a bench", "a carpet", "white walls"]).map(lambda t: Phrase(text=t))


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        (HORSES, "horses"),
        (Then((HORSES, BOATS)), "first horses, then boats"),
        (And((HORSES, BOATS), "same"), "horses and boats in the same room"),
        (And((HORSES, BOATS), "different"), "horses in one room, and boats in another room"),
        (And((HORSES, Not(BENCH, "room")), "same"), "horses without a bench"),
        (Not(HORSES, "museum"), "no horses anywhere in the museum"),
        (Count(2, HORSES), "at least two rooms of horses"),
        (Count(2, Phrase(text="a red room")), "at least two red rooms"),
        (Rooms(max=5), "a museum with at most five rooms"),
        (
            And((HORSES, Not(BOATS, "museum"), Rooms(max=6)), "any"),
            "horses, and no boats anywhere in the museum, at most six rooms in total",
        ),
    ],
)
def test_plans_are_said_in_plain_english(plan: Plan, text: str):
    assert plan_text(plan) == text
    assert shape(read_plan(text)) == shape(plan)


@pytest.mark.parametrize("query", [query for query, _ in EXAMPLES[::4]])
def test_what_people_ask_can_be_said_again(query: str):
    plan = read_plan(query)
    assert shape(read_plan(plan_text(plan))) == shape(plan)


def rooms_of(part: st.SearchStrategy[Plan]) -> st.SearchStrategy[Plan]:
    return st.builds(Count, st.integers(2, 5), part)


ONE_ROOM = SUBJECTS | st.builds(
    lambda shown, fitting: And((shown, Not(fitting, "room")), "same"), SUBJECTS, FITTINGS
)
PLACES = st.lists(ONE_ROOM | rooms_of(SUBJECTS), min_size=2, max_size=3, unique_by=repr).map(tuple)
ASKED = st.one_of(
    ONE_ROOM,
    rooms_of(ONE_ROOM),
    PLACES.map(Then),
    PLACES.map(lambda parts: And(parts, "different")),
)
LIMITS = st.one_of(st.builds(Rooms, max=st.integers(5, 9)), st.builds(Rooms, min=st.integers(5, 9)))
PLANS = ASKED | st.builds(
    lambda asked, absent, limit: And((asked, absent, limit), "any"),
    ASKED,
    SUBJECTS.map(lambda part: Not(part, "museum")),
    LIMITS,
)


@settings(max_examples=150, deadline=None)
@given(PLANS)
def test_drawn_plans_read_back(plan: Plan):
    text = plan_text(plan)
    assert text and shape(read_plan(text)) == shape(plan)


def test_a_description_is_its_own_text():
    assert plan_text(Description((("One.", "Two."), ("Three.",)))) == "One. Two.\n\nThree."


def test_what_no_wording_says_is_empty():
    assert plan_text(Phrase(text="horses, then boats")) == ""


def test_the_order_of_an_and_plays_no_part_but_that_of_then_does():
    assert shape(And((HORSES, BOATS), "same")) == shape(And((BOATS, HORSES), "same"))
    assert shape(Then((HORSES, BOATS))) != shape(Then((BOATS, HORSES)))
    assert shape(HORSES) == shape(Phrase(text="Horses")) != shape(BOATS)


def test_limits_and_numbers_in_words():
    assert limit_text(Rooms(min=2, max=2)) == "exactly two rooms"
    assert limit_text(Rooms(min=5, max=8)) == "between five and eight rooms"
    assert limit_text(Rooms(max=1)) == "at most one room"
    assert number_word(13) == "13"
