"""Queries of every length, from descriptions and from texts."""

import numpy as np
import pytest

from hicalm.retrieval import queries as queries_module
from hicalm.retrieval.queries import description_queries, text_queries
from hicalm.world.relevance import LabelledQuery, Predicate
from tests.hicalm.collections import (
    FakeEncoder,
    ragged_collection,
)

LABELLED = [
    LabelledQuery("a room of horses", "validation", Predicate(subject="horse")),
    LabelledQuery("a red room, then a blue room", "validation", Predicate(wall_color="red")),
]


def test_queries_of_three_lengths_hold_the_right_sentences() -> None:
    queries = description_queries(ragged_collection())
    full, room, sentence = (queries[name] for name in ("full", "room", "sentence"))
    assert full.sentences[:, 0].tolist() == list(range(13))
    assert full.is_introduction.tolist() == [True, False, False, True, False, True] + [False] * 3
    assert full.target.tolist() == [0, 1, 2]
    assert full.sizes == [(2, 3), (1, 1), (3, 6)]  # introductions are not counted
    assert room.sentence_counts.tolist() == [1, 2, 1, 1, 2, 3]
    assert room.sentences[:, 0].tolist() == [1, 2, 3, 5, 7, 8, 9, 10, 11, 12]
    assert room.target.tolist() == [0, 0, 1, 2, 2, 2]
    assert sentence.target.tolist() == [0, 0, 0, 1, 2, 2, 2, 2, 2, 2]
    assert sentence.sizes == [(1, 1)] * 10


def test_many_sentences_are_drawn_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_module, "MAX_SENTENCES", 4)
    first, again = (description_queries(ragged_collection())["sentence"] for _ in range(2))
    assert len(first.target) == 4
    numbers = first.sentences[:, 0].tolist()
    assert numbers == sorted(set(numbers)) == again.sentences[:, 0].tolist()


def test_paraphrases_are_split_as_in_the_app() -> None:
    encoder = FakeEncoder()
    queries = text_queries([query.text for query in LABELLED], encoder)
    assert queries.sizes == [(1, 1), (2, 2)]
    expected = encoder.encode_texts(["a room of horses", "a red room", "a blue room"])
    np.testing.assert_array_equal(queries.sentences, expected)
    assert queries.target is None
