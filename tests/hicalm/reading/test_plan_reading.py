"""Queries read into plans: many wordings, phrases that stay whole, hostile texts, descriptions."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hicalm.data.collection import load_collection
from hicalm.errors import HicalmError
from hicalm.reading.grammar_reading import read_by_grammar
from hicalm.reading.plan_reading import read_plan, read_query
from hicalm.reading.query_plan import Description, Phrase, Plan, check_plan
from hicalm.reading.query_text import check_query, split_rooms

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
LONGEST_TIME = 0.5  # seconds for the worst text, on a busy machine; most take a few milliseconds


def lines(name: str) -> list[str]:
    text = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in text if line and not line.startswith("#")]


def compact(plan: Plan) -> str:
    """Write a plan as an s-expression: ``(then "horses" (count-2 "boats"))``."""
    value, inner = plan.to_json(), " ".join(compact(child) for child in plan.children)
    match value["op"]:
        case "phrase":
            return json.dumps(plan.text, ensure_ascii=False)
        case "rooms":
            return f"(rooms {value['min']} {value['max']})"
        case "description":
            return "(description)"
        case op:
            kind = value.get("rooms") or value.get("of") or value.get("at_least")
            return f"({op}{f'-{kind}' if kind else ''} {inner})"


@pytest.fixture(scope="module", autouse=True)
def grammar():
    """Build the grammar before a text is timed."""
    read_query("first horses, then boats")


EXAMPLES = [tuple(line.rsplit(" => ", 1)) for line in lines("plan_examples.txt")]


@pytest.mark.parametrize(("query", "expected"), EXAMPLES, ids=[query for query, _ in EXAMPLES])
def test_examples(query: str, expected: str):
    assert compact(read_by_grammar(query).plan) == expected


@pytest.mark.parametrize("query", lines("whole_phrases.txt"))
def test_phrases_stay_whole(query: str):
    assert read_by_grammar(query).plan == Phrase(text=query)


def test_there_are_many_examples():
    assert len(EXAMPLES) == len(dict(EXAMPLES)) >= 350
    assert len(set(lines("whole_phrases.txt"))) >= 100


def test_notes_say_what_is_not_in_the_plan():
    assert read_query("horses in two rooms").notes == ()
    (note,) = read_query("exactly two rooms of horses").notes
    assert note.startswith("“exactly two rooms” was read as at least so many")
    (note,) = read_by_grammar("exactly two rooms of horses").notes
    assert note == "“exactly two rooms of” was read as at least so many."
    (note,) = read_by_grammar("at most two rooms of horses").notes
    assert "only “at least” can be asked of rooms" in note
    (note,) = read_by_grammar("horses, fewer than one rooms in total").notes
    assert "was not read as a limit of rooms" in note
    (note,) = read_by_grammar("no room without a bench").notes
    assert "was not understood" in note


def test_the_text_of_a_node_is_where_it_came_from():
    plan = read_plan("two rooms of boats and no horses anywhere")
    assert plan.text == "two rooms of boats and no horses anywhere"
    assert [child.text for child in plan.children] == [
        "two rooms of boats",
        "and no horses anywhere",
    ]


WORDS = (
    "a an the no not without but and then first after before room rooms two three museum in same "
    "another elsewhere horses boats red , . ; : ( ) > -> at most least five anywhere none them "
    "with of each both one only exactly between from to last"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=25).map(" ".join))
def test_no_order_of_cues_breaks_it(text: str):
    check_plan(read_plan(text))


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str):
    try:
        check_query(text)
    except HicalmError:
        return
    check_plan(read_plan(text))


HOSTILE = {
    "nested": "not " * 4_900,
    "rooms": "a room of horses and " * 500,
    "then": "horses then " * 1_600,
    "one word": "x" * 20_000,
    "one word of the longest request": "x" * 590,
    "words": "horses " * 60,
    "not": "not " * 60,
    "no": "no horses, " * 30,
    "then in a request": "horses then " * 30,
    "rooms in a request": "a room of x and " * 15,
    "two": "two " * 60,
    "two rooms": "two rooms " * 30,
    "museum": "a museum with " * 20,
    "in a": "in a " * 30,
    "and": "and " * 59,
    "but and": "but and " * 29,
    "at least": "at least " * 29,
    "blanks": " " * 10_000 + "horses" + " " * 9_000,
    "commas": "a" + ", " * 290,
    "brackets": "(((((" * 100 + "horses" + ")" * 50,
    "open": "horses (((([[[[",
    "control": "horses\x00\x01\x02 then\u200b \u202eboats\ud7ff",
    "emoji": "🐎" * 100 + " horses",
    "accents": "a" + "\u0301" * 500,
    "scripts": "лошади потом 馬 then 馬",
    "digits": "999999999999999999999 rooms of horses",
    "zero": "at most 0 rooms, horses",
    "markup": "<b>no</b> {{horses}} %s ${x} anywhere",
    "lines": "horses\nthen\nboats",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_read_quickly(text: str):
    start = time.perf_counter()
    plan = read_plan(text)
    assert time.perf_counter() - start < LONGEST_TIME
    check_plan(plan)


def test_a_long_text_is_a_description():
    text = "There are horses. They are not brown. Then they run, without a rider."
    assert read_plan(text) == Description(split_rooms(text), text=text)
    text = "a room of horses, then a room of boats; " * 12
    plan = read_plan(text)
    assert isinstance(plan, Description) and plan.paragraphs == split_rooms(text.strip())


@pytest.mark.slow
def test_descriptions_are_read_as_ever():
    for museum in load_collection(ROOT / "assets" / "world").museums:
        paragraphs = [" ".join(room.paragraph) for room in museum.rooms]
        for text in (*paragraphs, " ".join(paragraphs)):
            plan = read_plan(text)
            assert isinstance(plan, Description) and plan.paragraphs == split_rooms(text)
