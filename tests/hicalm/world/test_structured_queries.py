"""The structured queries shipped for evaluation: many kinds, varied words, answers in the world."""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from hicalm.world.expressions import Expression, Phrase
from hicalm.world.generate import WORLD_SEED, WORLD_SIZES
from hicalm.world.relevance import (
    PAINTING_VALUES,
    SPLITS,
    LabelledQuery,
    expression_gains,
    load_queries,
)
from hicalm.world.specification import make_museum

ASSETS = Path(__file__).parents[3] / "assets"
TYPING_ERRORS = "typing errors"


@pytest.fixture(scope="module")
def queries() -> list[LabelledQuery]:
    return load_queries(ASSETS / "queries" / "structured.jsonl")


@pytest.fixture(scope="module")
def museums() -> dict[str, list[dict]]:
    """The shipped museums of the test, and those of the validation, which are made in seconds."""
    lines = (ASSETS / "world" / "specifications.jsonl").read_text(encoding="utf-8").splitlines()
    first = WORLD_SIZES["train"] + 1
    numbers = range(first, first + WORLD_SIZES["validation"])
    return {
        "validation": [make_museum(WORLD_SEED, number, "validation") for number in numbers],
        "test": [json.loads(line) for line in lines],
    }


def phrases(expression: Expression) -> list[Phrase]:
    if isinstance(expression, Phrase):
        return [expression]
    parts = getattr(expression, "parts", None) or [getattr(expression, "part", None)]
    return [phrase for part in parts if part is not None for phrase in phrases(part)]


def pattern(query: LabelledQuery) -> str:
    """Return the words of a query around its phrases, without punctuation."""
    text = query.text
    for phrase in sorted(phrases(query.expression), key=lambda phrase: -len(phrase.text)):
        text = text.replace(phrase.text, "_", 1)
    return re.sub(r"\W+", " ", text.casefold()).strip()


def test_both_halves_have_enough_of_every_kind(queries: list[LabelledQuery]) -> None:
    kinds = {split: Counter(q.kind for q in queries if q.split == split) for split in SPLITS}
    assert set(kinds["validation"]) == set(kinds["test"])
    for split in SPLITS:
        assert kinds[split].total() >= 160
        assert len(kinds[split]) >= 8
        assert min(kinds[split].values()) >= 12


def test_texts_are_clean_and_different(queries: list[LabelledQuery]) -> None:
    texts = [query.text for query in queries]
    texts += [query.text for query in load_queries(ASSETS / "queries" / "paraphrased.jsonl")]
    assert all(text == " ".join(text.split()) for text in texts)
    assert len({text.casefold() for text in texts}) == len(texts)


def test_phrases_are_words_of_their_query(queries: list[LabelledQuery]) -> None:
    for query in queries:
        for phrase in phrases(query.expression):
            assert phrase.text and phrase.text in query.text, query.text


def test_no_pattern_of_words_is_worn_out_or_in_both_halves(queries: list[LabelledQuery]) -> None:
    structured = [query for query in queries if query.kind != TYPING_ERRORS]
    patterns = {
        split: Counter(pattern(q) for q in structured if q.split == split) for split in SPLITS
    }
    for split in SPLITS:
        assert max(patterns[split].values()) <= 3
    assert not set(patterns["validation"]) & set(patterns["test"])


def test_typing_errors_are_those_of_plain_queries(queries: list[LabelledQuery]) -> None:
    for query in queries:
        assert isinstance(query.expression, Phrase) == (query.kind == TYPING_ERRORS), query.text


@pytest.mark.parametrize("split", SPLITS)
def test_every_subject_and_style_is_asked_for(queries: list[LabelledQuery], split: str) -> None:
    asked = [p.predicate for q in queries if q.split == split for p in phrases(q.expression)]
    for key, values in PAINTING_VALUES.items():
        if key != "palette":
            assert {getattr(predicate, key) for predicate in asked} - {None} == set(values)


@pytest.mark.slow
@pytest.mark.parametrize("split", SPLITS)
def test_every_query_has_an_answer_that_is_rare_enough(
    queries: list[LabelledQuery], museums: dict[str, list[dict]], split: str
) -> None:
    for query in [one for one in queries if one.split == split][::3]:
        found = expression_gains(query.expression, museums[split])
        best = found.max()
        assert best >= 0.5, query.text
        assert np.mean(found == best) <= 0.5, query.text
