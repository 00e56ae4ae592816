"""The sentence about a museum, by hand: what it shows of a query, and what not."""

from dataclasses import replace

import pytest

from demo.sentence import Sentence, Telling
from demo.verdict import Cover
from hicalm.reading.plan_reading import read_plan
from hicalm.retrieval.results import MuseumMatch, PartAnswer, RoomMatch

ROOMS = tuple(RoomMatch(index, 0.1, index, (0.1,) * 4) for index in range(4))
MATCH = MuseumMatch("museum-1", "House", 0.5, {"room": 0.5}, ROOMS, 2, 1, fit=0.8)
QUERY = "portraits, then a garden, no horses anywhere"


def answer(words: str, op: str, rooms: tuple[int, ...], probability: float) -> PartAnswer:
    return PartAnswer(words, op, rooms, probability, probability >= 0.5, (3,) * len(rooms))


ANSWERS = (
    answer("portraits", "phrase", (2,), 0.9),
    answer("a garden", "phrase", (3,), 0.9),
    answer("no horses anywhere", "not", (1,), 0.9),
)


def sentence(answers: tuple[PartAnswer, ...], query: str = QUERY, **changes) -> Sentence:
    known, presence = changes.pop("known", {}), changes.pop("presence", ())
    match = replace(MATCH, answers=answers, **changes)
    return Telling(match, read_plan(query), known, presence).sentence()


def said(found: Sentence) -> str:
    return "; ".join(one.before + ", ".join(one.words) + one.after for one in found.clauses)


def test_rooms_that_show_all_of_it_and_what_is_not_there():
    found = sentence(ANSWERS)
    assert said(found) == "rooms 3 and 4 show it; no room shows horses, as you asked"
    assert found.views == [Cover(2, 3, "portraits"), Cover(3, 3, "a garden")]


def test_what_nothing_answers_what_is_misplaced_and_what_was_not_wanted():
    garden, horses = (
        answer("a garden", "phrase", (3,), 0.2),
        answer(ANSWERS[2].text, "not", (1,), 0.1),
    )
    answers = (ANSWERS[0], garden, horses)
    absent = sentence(answers, presence=[{"a garden": 0.4}] * 4)
    assert said(absent) == (
        "room 3 shows part of it; nothing here answers a garden; "
        "room 2 may show horses, which you did not want"
    )
    assert absent.views == [Cover(2, 3, "portraits")]
    elsewhere = sentence(answers, presence=[{"a garden": 0.9}] + [{}] * 3)
    assert "not where you asked for it: a garden" in said(elsewhere)


def test_other_rooms_that_show_a_single_phrase_come_after_the_best():
    one = (answer("horses", "phrase", (2,), 0.9),)
    presence = [{"horses": 0.6}, {"horses": 0.1}, {"horses": 0.9}, {"horses": 0.8}]
    found = sentence(one, "horses", presence=presence)
    assert said(found) == "rooms 1, 3 and 4 show it"
    assert [(view.room, view.view) for view in found.views] == [(2, 3), (3, 3), (0, 0)]
    assert {view.phrase for view in found.views} == {"horses"}


def test_a_little_match_claims_no_more_than_other_things():
    one = (answer("horses", "phrase", (2,), 0.9),)
    assert said(sentence(one, "horses", fit=0.1)) == (
        "room 3 shows it, but only among other things"
    )


def test_where_nothing_shows_it_the_nearest_room_is_named():
    one = (answer("horses", "phrase", (0,), 0.1),)
    found = sentence(one, "horses", fit=0.01, presence=[{"horses": 0.1}] * 4)
    assert said(found) == "nothing here answers horses; room 3 comes nearest"
    assert found.views == [Cover(2, 1, "")]
    picture = Telling(replace(MATCH, fit=None), None).sentence()
    assert said(picture) == "room 3 comes nearest" and picture.views == found.views


@pytest.mark.parametrize("probability", [0.1, 0.9])
def test_what_is_not_known_is_said_and_nothing_shown_for_it(probability):
    one = (answer("dinosaurs", "phrase", (0,), probability),)
    found = sentence(one, "dinosaurs", known={"dinosaurs": 0.1})
    assert said(found) == "not known here: dinosaurs" and found.views == []


def test_limits_counts_and_joint_parts_that_do_not_hold():
    few = answer("birds", "phrase", (0, 1), 0.1)
    limit = PartAnswer("at most two rooms", "rooms", (), 0.0, False)
    presence = [{"birds": 0.9}] + [{}] * 3
    found = sentence((few, limit), "two rooms of birds, at most two rooms", presence=presence)
    assert said(found) == (
        "fewer than two rooms show birds; not so: at most two rooms; room 3 comes nearest"
    )
    without = (answer("seascapes without pop art", "and", (2,), 0.1),)
    found = sentence(without, "seascapes without pop art", presence=[{"pop art": 0.9}] * 4)
    assert said(found).startswith("nothing here answers seascapes;")
