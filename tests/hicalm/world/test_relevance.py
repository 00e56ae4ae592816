"""Relevance by ground truth: exact gains of a hand-made museum, and bad query files."""

import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hicalm.errors import HicalmError
from hicalm.world import vocabulary
from hicalm.world.expressions import Count, Phrase
from hicalm.world.relevance import LabelledQuery, Predicate, gains, load_queries, museum_gain
from tests.hicalm.world.small_museums import museums, painting, room

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


def test_museum_has_the_gain_of_its_best_room() -> None:
    one_horse = room([painting("horse", "cubist", "greens")])
    assert museum_gain(Predicate(subject="horse"), {"rooms": [HORSES, one_horse, EMPTY]}) == 1.0
    assert museum_gain(Predicate(subject="bird"), {"rooms": [HORSES, one_horse, EMPTY]}) == 0.25
    assert museum_gain(Predicate(subject="horse"), {"rooms": []}) == 0.0


def test_gains_are_one_float_a_museum() -> None:
    museums = [{"rooms": [HORSES]}, {"rooms": [EMPTY]}]
    result = gains(Predicate(palette="greens"), museums)
    assert result.dtype == np.float64
    assert result.tolist() == [0.75, 0.0]
    assert gains(Predicate(palette="greens"), []).shape == (0,)


predicates = st.builds(
    Predicate,
    subject=st.sampled_from([*vocabulary.SUBJECTS[:3], None]),
    style=st.sampled_from(vocabulary.STYLES[:3]),
    wall_color=st.sampled_from(["red", None]),
)


@given(predicates, st.lists(museums, max_size=6), st.randoms(use_true_random=False))
def test_permuting_museums_permutes_gains(
    predicate: Predicate, pool: list[dict], shuffler: random.Random
) -> None:
    order = list(range(len(pool)))
    shuffler.shuffle(order)
    expected = gains(predicate, pool)[order] if order else np.zeros(0)
    assert np.array_equal(gains(predicate, [pool[i] for i in order]), expected)


@given(predicates, museums)
def test_asking_for_more_never_gains(predicate: Predicate, museum: dict) -> None:
    looser = Predicate(style=predicate.style)
    assert 0 <= museum_gain(predicate, museum) <= museum_gain(looser, museum) <= 1


def write(path, *lines: object) -> str:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    return str(path)


def test_load_queries_keeps_the_order_and_picks_the_half(tmp_path) -> None:
    path = write(
        tmp_path / "queries.jsonl",
        {"query": "ponies", "split": "test", "painting": {"subject": "horse"}},
        "",
        {"query": "a red room", "split": "validation", "room": {"wall_color": "red"}},
        {"query": "owls", "split": "test", "painting": {"subject": "bird"}},
    )
    assert [query.text for query in load_queries(path)] == ["ponies", "a red room", "owls"]
    assert [query.text for query in load_queries(path, "test")] == ["ponies", "owls"]
    assert load_queries(path, "validation")[0].predicate == Predicate(wall_color="red")


def test_load_queries_reads_structured_lines_beside_plain_ones(tmp_path) -> None:
    horses = {"op": "phrase", "text": "ponies", "painting": {"subject": "horse"}}
    line = {"query": "two rooms of ponies", "split": "test", "kind": "several rooms"}
    path = write(
        tmp_path / "queries.jsonl",
        {"query": "ponies", "split": "test", "painting": {"subject": "horse"}},
        line | {"expression": {"op": "count", "at_least": 2, "part": horses}},
    )
    plain, structured = load_queries(path)
    phrase = Phrase(Predicate(subject="horse"), text="ponies")
    assert (plain.kind, plain.expression) == ("plain", phrase)
    assert (structured.kind, structured.expression) == ("several rooms", Count(2, phrase))
    assert plain.predicate == phrase.predicate
    with pytest.raises(HicalmError, match="'two rooms of ponies' asks for more than what one room"):
        _ = structured.predicate


def test_a_structured_query_that_is_a_phrase_has_a_predicate() -> None:
    query = LabelledQuery("pnoies", "test", Phrase(Predicate(subject="horse")), "typing errors")
    assert query.predicate == Predicate(subject="horse")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: the line is not readable JSON"),
        ("[1]", r"line 2: Expected the line to be an object, got \[1\]"),
        ({"split": "test"}, "line 2: 'query' has to be a text, not None"),
        ({"query": " ", "split": "test"}, "line 2: 'query' has to be a text"),
        ({"query": "x"}, "line 2: Unknown split None; choose from validation, test"),
        ({"query": "x", "split": "test"}, "line 2: The predicate asks for nothing"),
        ({"query": "x", "split": "test", "kind": 1}, "line 2: Unknown key 'kind'"),
        (
            {"query": "x", "split": "test", "painting": {}, "expression": {}},
            "line 2: Unknown key 'painting' in the line; choose from query, split, kind, expr",
        ),
        ({"query": "x", "split": "test", "expression": {}}, "line 2: 'kind' has to be a text"),
        (
            {"query": "x", "split": "test", "kind": "y", "expression": {"op": "or"}},
            "line 2: Unknown op 'or'; choose from phrase, and, then, not, count, rooms",
        ),
        (
            '{"expression": ' + '{"op": "not", "part": ' * 10_000 + "1" + "}" * 10_001,
            "line 2: the line is not readable JSON: depth limit",
        ),
    ],
)
def test_bad_query_lines_are_named(tmp_path, line: object, message: str) -> None:
    good = {"query": "ponies", "split": "test", "painting": {"subject": "horse"}}
    path = write(tmp_path / "queries.jsonl", good, line)
    with pytest.raises(HicalmError, match=message):
        load_queries(path)


def test_missing_file_and_unknown_half(tmp_path) -> None:
    with pytest.raises(HicalmError, match="cannot be read"):
        load_queries(tmp_path / "none.jsonl")
    with pytest.raises(HicalmError, match="Unknown split 'train'"):
        load_queries(tmp_path / "none.jsonl", "train")
