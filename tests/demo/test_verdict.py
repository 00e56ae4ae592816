"""Verdicts by hand: bounds, headlines, what a card says is answered, and its pictures."""

from dataclasses import replace

import pytest

from demo import text
from demo.verdict import (
    LITTLE,
    PARTLY,
    PARTLY_FROM,
    STRONG,
    STRONGLY,
    answers,
    covers,
    lines,
    match_word,
    percent,
    room_list,
    verdict,
)
from hicalm.reading.plan_reading import read_plan
from hicalm.retrieval.results import MuseumMatch, PartAnswer, RoomMatch, SearchResult

ROOMS = tuple(RoomMatch(index, 0.1, 0, (0.1, 0.2)) for index in range(4))
MATCH = MuseumMatch("museum-1", "House", 0.5, {"room": 0.5}, ROOMS, 2, 1, fit=0.8)
QUERY = "portraits, then a garden, no horses anywhere"


def answer(words: str, op: str, rooms: tuple[int, ...], probability: float) -> PartAnswer:
    views = tuple(3 for _ in rooms)
    return PartAnswer(words, op, rooms, probability, probability >= 0.5, views)


ANSWERS = (
    answer("portraits", "phrase", (2, 0), 0.9),
    answer("a garden", "phrase", (3,), 0.2),
    answer("no horses anywhere", "not", (1,), 0.3),
)


def result(match: MuseumMatch, query: str = QUERY, found: bool = True) -> SearchResult:
    return SearchResult(query, (), (match,), 0.1, plan=read_plan(query), found=found)


@pytest.mark.parametrize(
    ("fit", "word"),
    [
        (None, ""),
        (0.0, LITTLE),
        (0.149, LITTLE),
        (0.15, PARTLY),
        (0.599, PARTLY),
        (0.6, STRONGLY),
        (1.0, STRONGLY),
    ],
)
def test_a_fit_becomes_a_word(fit, word):
    assert (PARTLY_FROM, STRONG) == (0.15, 0.6)
    assert match_word(fit) == word


def test_the_verdict_is_that_of_the_best_museum():
    strong = verdict(result(MATCH), {})
    assert strong is not None and strong.headline == "Strong match"
    assert "80\N{NO-BREAK SPACE}%" in strong.details and "House" in strong.details
    partly = verdict(result(replace(MATCH, fit=0.4)), {})
    assert partly is not None and partly.how == PARTLY
    assert verdict(result(replace(MATCH, fit=None)), {}) is None
    assert verdict(replace(result(MATCH), found=None), {}) is None


@pytest.mark.parametrize(
    ("fit", "how"), [(0.0, PARTLY), (0.149, PARTLY), (0.599, PARTLY), (0.6, STRONGLY)]
)
def test_what_is_found_is_at_least_partly_what_was_asked(fit, how):
    match = replace(MATCH, fit=fit)
    found = verdict(result(match), {})
    assert found is not None and (found.how, found.headline) == (how, text.VERDICTS[how])
    missed = verdict(result(match, found=False), {})
    assert missed is not None and missed.how == LITTLE


def test_nothing_shows_it_unless_something_does_a_little():
    def headline(match: MuseumMatch, known: float = 1.0, query: str = QUERY) -> str:
        found = verdict(result(match, query, found=False), {"portraits": known})
        assert found is not None and found.how == LITTLE
        return found.headline

    low = replace(MATCH, fit=0.01)
    assert headline(low) == text.VERDICTS[LITTLE]
    assert headline(replace(low, answers=ANSWERS)) == text.NOT_ALL_OF_THIS
    assert headline(replace(low, answers=ANSWERS[:1])) == text.AMONG_OTHERS
    assert headline(replace(low, answers=ANSWERS[:1]), known=0.1) == text.VERDICTS[LITTLE]
    one = replace(low, answers=ANSWERS[1:2])
    assert headline(one, query="a garden") == text.VERDICTS[LITTLE]


def test_a_card_says_what_is_answered_and_what_is_not():
    found = lines(replace(MATCH, answers=ANSWERS), read_plan(QUERY))
    assert [(line.answered, line.text) for line in found] == [
        (True, "portraits: rooms 1 and 3"),
        (False, "no room shows: a garden"),
        (False, "not wanted, but perhaps in room 2: horses"),
    ]
    absent = replace(ANSWERS[2], probability=0.9, answered=True)
    few = answer("birds", "phrase", (0, 1), 0.1)
    kept = answer("at most six rooms", "rooms", (), 1.0)
    found = lines(replace(MATCH, answers=(absent, few, kept)), read_plan(QUERY))
    assert [line.text for line in found] == ["nowhere: horses", "fewer than two rooms show: birds"]
    assert lines(MATCH, read_plan("horses")) == [] == lines(MATCH, None)
    whole = answers(replace(MATCH, answers=ANSWERS), read_plan(QUERY))
    assert whole is not None and whole.how == STRONGLY and len(whole.lines) == 3


def test_of_a_description_only_what_is_missing():
    plan = read_plan("There are horses. There are boats. There are birds.")
    parts = tuple(answer(f"There are {n}.", "phrase", (0,), 0.1 * n) for n in range(10))
    found = lines(replace(MATCH, answers=parts), plan)
    assert len(found) == 3 and not any(line.answered for line in found)


def test_a_card_shows_a_picture_of_each_room_that_was_asked_for():
    plan = read_plan(QUERY)
    portraits = [(2, 3, "portraits"), (0, 3, "portraits")]
    assert covers(replace(MATCH, answers=ANSWERS), plan) == portraits
    assert covers(replace(MATCH, answers=ANSWERS[1:]), plan) == [(2, 1, "")]
    assert covers(MATCH, read_plan("horses")) == [(2, 1, "horses")]
    assert covers(MATCH, None) == [(2, 1, "")]
    many = tuple(answer(f"thing {room}", "phrase", (room,), 0.9) for room in range(4))
    assert len(covers(replace(MATCH, answers=many), plan)) == 3


def test_probabilities_and_rooms_in_words():
    assert percent(0.001) == "less than 1\N{NO-BREAK SPACE}%"
    assert percent(0.999) == "more than 99\N{NO-BREAK SPACE}%"
    assert percent(0.345) == "34\N{NO-BREAK SPACE}%"
    assert room_list(()) == "" and room_list((4,)) == "room 5"
    assert room_list((4, 0, 2)) == "rooms 1, 3 and 5"


def test_a_picture_that_is_not_known_has_a_verdict_and_another_has_none():
    unknown = SearchResult("", (), (replace(MATCH, fit=None),), 0.1, found=False)
    said = verdict(unknown, {})
    assert said is not None and (said.how, said.headline) == (LITTLE, text.PICTURE_UNKNOWN)
    assert verdict(replace(unknown, found=None), {}) is None
