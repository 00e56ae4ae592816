import json

import pytest

from hicalm.reading.cue_reading import read_by_cues
from hicalm.reading.plan_reading import NOT_UNDERSTOOD, read_query
from hicalm.reading.query_plan import Phrase, Plan


def compact(plan: Plan) -> str:
    """Write a plan as an s-expression: ``(then "horses" (count-2 "boats"))``."""
    if isinstance(plan, Phrase):
        return json.dumps(plan.text)
    value, inner = plan.to_json(), " ".join(compact(child) for child in plan.children)
    kind = value.get("rooms") or value.get("of") or value.get("at_least")
    return f"({plan.op}{f'-{kind}' if kind else ''} {inner})"


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("horses and apples shown in one and the same hall", '(and-same "horses" "apples")'),
        ("ships sharing a room with birds", '(and-same "ships" "birds")'),
        (
            "could gardens and deserts each get a gallery of their own",
            '(and-different "gardens" "deserts")',
        ),
        ("kick off with ships, subsequently birds", '(then "ships" "birds")'),
        ("boats succeeded by mountains succeeded by apples", '(then "boats" "mountains" "apples")'),
        ("I would love to see birds in three separate galleries", '(count-3 "birds")'),
        ("ships thrice", '(count-3 "ships")'),
        ("seascapes, sans pop art", '(and-same "seascapes" (not-painting "pop art"))'),
        ("boats, yet devoid of horses throughout", '(and-any "boats" (not-museum "horses"))'),
    ],
)
def test_cues_tell_a_plan(text: str, plan: str):
    found = read_by_cues(text)
    assert found is not None and compact(found) == plan


@pytest.mark.parametrize(
    "text",
    [
        "horses",
        "no man's land",
        "a ship not far from the shore",
        "a river leading into the sea",
        "a room with a view",
        "",
        "not",
        "same room",
        "then then then",
        "three rooms",
    ],
)
def test_other_texts_are_left_to_words(text: str):
    assert read_by_cues(text) is None


@pytest.mark.parametrize("count", [9, 26])
def test_cue_words_of_too_many_things_are_read_as_words(count: int) -> None:
    reading = read_query("seascapes" + ", then horses" * (count - 1))
    assert isinstance(reading.plan, Phrase) and reading.notes == (NOT_UNDERSTOOD,)
