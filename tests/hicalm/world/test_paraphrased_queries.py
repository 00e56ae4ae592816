"""The paraphrased queries shipped for evaluation: complete, balanced and cleanly written."""

from collections import Counter
from pathlib import Path

import pytest

from hicalm.world import vocabulary
from hicalm.world.relevance import PAINTING_VALUES, ROOM_VALUES, SPLITS, LabelledQuery, load_queries

PATH = Path(__file__).parents[3] / "assets" / "queries" / "paraphrased.jsonl"


@pytest.fixture(scope="module")
def queries() -> list[LabelledQuery]:
    return load_queries(PATH)  # checks every key and value against the vocabulary


def kind(query: LabelledQuery) -> tuple[str, ...]:
    """Return what a query constrains, e.g. ("style", "subject") or ("room", "style")."""
    asked = query.predicate
    room = ["room"] if asked.room or asked.objects else []
    return tuple(sorted([*asked.painting, *room]))


def test_there_are_enough_in_two_equal_halves(queries: list[LabelledQuery]) -> None:
    assert len(queries) >= 120
    sizes = Counter(query.split for query in queries)
    assert set(sizes) == set(SPLITS)
    assert sizes["validation"] == sizes["test"]


def test_texts_are_clean_and_different(queries: list[LabelledQuery]) -> None:
    texts = [query.text for query in queries]
    assert all(text == " ".join(text.split()) for text in texts)
    assert len({text.casefold() for text in texts}) == len(texts)


def test_both_halves_hold_every_kind(queries: list[LabelledQuery]) -> None:
    kinds = {split: Counter(kind(q) for q in queries if q.split == split) for split in SPLITS}
    single = {("subject",), ("style",), ("palette",), ("room",)}
    pairs = {("style", "subject"), ("palette", "subject"), ("palette", "style")}
    triple = {("palette", "style", "subject")}
    for split in SPLITS:
        assert single | pairs | triple <= set(kinds[split])
        assert any("room" in asked and len(asked) > 1 for asked in kinds[split])


@pytest.mark.parametrize("split", SPLITS)
def test_every_value_is_asked_for_in_both_halves(queries, split: str) -> None:
    asked = [query.predicate for query in queries if query.split == split]
    for key, values in (PAINTING_VALUES | ROOM_VALUES).items():
        assert {getattr(predicate, key) for predicate in asked} - {None} == set(values), key
    objects = {value for predicate in asked for value in predicate.objects}
    assert objects == set(vocabulary.OBJECTS)


@pytest.mark.parametrize("split", SPLITS)
def test_every_subject_is_asked_for_at_least_twice(queries, split: str) -> None:
    counts = Counter(query.predicate.subject for query in queries if query.split == split)
    assert all(counts[subject] >= 2 for subject in vocabulary.SUBJECTS)


def test_non_figurative_styles_are_never_paired_with_a_subject(queries) -> None:
    for query in queries:
        if query.predicate.style in vocabulary.NON_FIGURATIVE_STYLES:
            assert query.predicate.subject is None, query.text
