"""The examples of the first page do what their labels say: the first museum truly answers each."""

import json

import pytest

from demo import text
from hicalm.reading.plan_reading import read_plan
from hicalm.world.expressions import And, Count, Expression, Not, Phrase, Rooms, Then
from hicalm.world.predicates import Predicate
from hicalm.world.relevance import expression_gains
from tests.demo.conftest import CHECKPOINT, WORLD

ANSWERS = 0.5  # the gain from which a museum answers


def shows(**values: object) -> Phrase:
    return Phrase(Predicate(**values))


# By label, what a museum has to show.
MEANT: dict[str, tuple[Expression, ...]] = {
    "A subject": (shows(subject="sailing ships"),),
    "A style and a palette": (shows(style="cubist", palette="warm sunset"),),
    "The look of a room": (shows(lighting="dim", wall_color="red", floor="marble"),),
    "Rooms in order": (Then((shows(subject="portrait"), shows(subject="seascape"))),),
    "Rooms of their own": (
        And((shows(subject="still life with fruit"), shows(subject="bird")), "different"),
    ),
    "Counting rooms": (And((Count(2, shows(subject="seascape")), Rooms(max=6)), "any"),),
    "Not in that style": (
        And((shows(subject="seascape"), Not(shows(style="pop art"), "painting")), "same"),
    ),
    "Not in the museum": (Not(shows(subject="horse"), "museum"),),
}
OPERATORS = {
    "Rooms in order": "then",
    "Rooms of their own": "and",
    "Counting rooms": "and",
    "Not in that style": "and",
    "Not in the museum": "not",
}


def test_every_example_is_read_as_its_label_says():
    assert [example.strength for example in text.EXAMPLES] == list(MEANT)
    for example in text.EXAMPLES:
        assert read_plan(example.query).op == OPERATORS.get(example.strength, "phrase")


@pytest.fixture(scope="module")
def world():
    from hicalm.search.searcher import Searcher

    lines = (WORLD / "specifications.jsonl").read_text("utf-8").splitlines()
    museums = {museum["id"]: museum for museum in map(json.loads, lines)}
    return Searcher.open(WORLD, CHECKPOINT), museums


@pytest.mark.slow
@pytest.mark.skipif(not WORLD.exists(), reason="the built-in world is not here")
@pytest.mark.parametrize("example", text.EXAMPLES, ids=[one.strength for one in text.EXAMPLES])
def test_the_first_museum_truly_answers(world, example: text.Example):
    searcher, museums = world
    result = searcher.search(example.query, top=3)
    first = museums[result.matches[0].museum_id]
    gains = [float(expression_gains(part, [first])[0]) for part in MEANT[example.strength]]
    assert min(gains) >= ANSWERS, (result.matches[0].title, gains)
    if example.strength != "A long description":
        assert result.found and result.fit is not None and result.fit >= ANSWERS
