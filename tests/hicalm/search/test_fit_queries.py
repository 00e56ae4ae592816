"""Queries that fits are judged by: files of absent ones, and how museums answer both kinds."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.search.fit_queries import judged_answers, load_absent
from hicalm.search.plan_ranking import knowledge
from hicalm.search.searcher import Searcher
from hicalm.world.expressions import Phrase
from hicalm.world.predicates import Predicate
from hicalm.world.relevance import LabelledQuery, expression_gains
from tests.hicalm.anchored import MENTIONED, NOT_MENTIONED, anchored_searcher, anchored_world
from tests.hicalm.anchored import save_anchored as save

LINES = [
    {"query": "dinosaurs", "split": "validation", "kind": "subject"},
    {"query": "a swimming pool", "split": "test", "kind": "room"},
    {"query": "Ein Dinosaurier für Müller", "split": "validation", "kind": "subject"},
]


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n")
    return path


def test_queries_of_a_split_are_read_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "absent.jsonl", *LINES)
    assert load_absent(path, "validation") == ["dinosaurs", "Ein Dinosaurier für Müller"]
    assert load_absent(path, "test") == ["a swimming pool"]
    with pytest.raises(HicalmError, match=r"has no queries of the split 'train'\."):
        load_absent(path, "train")


@pytest.mark.parametrize(
    "content",
    [
        b"no json",
        b"{}",
        b'{"query": "dinosaurs"}',
        b"[]",
        b"7",
        b"\xff\xfe",
        b"[" * 100_000,
        None,
    ],
)
def test_a_file_that_holds_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "absent.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HicalmError, match=r"The absent queries in '.*' cannot be read: ") as caught:
        load_absent(path, "validation")
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return anchored_searcher(
        anchored_world(split="validation"), save(tmp_path_factory.mktemp("checkpoints"))
    )


def test_both_kinds_of_queries_are_judged(searcher: Searcher) -> None:
    expression = Phrase(Predicate(subject="horse"))
    labelled = [LabelledQuery("a room of horses", "validation", expression)]
    present, absent = judged_answers(searcher, labelled, ["dinosaurs"])
    museums = list(searcher.collection.specifications)
    assert present.gains == pytest.approx(expression_gains(expression, museums))
    assert absent.gains.tolist() == [0] * len(museums) and absent.is_absent
    for answer, text in ((present, "a room of horses"), (absent, "dinosaurs")):
        query = searcher.read(text)
        assert np.array_equal(answer.values, searcher.plan_values(query))
        assert answer.best_presence == searcher.best_presence(query)
        assert answer.known == knowledge(query)
    assert present.known == pytest.approx(MENTIONED)
    assert absent.known == pytest.approx(NOT_MENTIONED)


def test_test_museums_are_never_judged(searcher: Searcher) -> None:
    other = searcher.over(anchored_world(museums=2))
    with pytest.raises(HicalmError, match="on validation museums, never on the test split"):
        judged_answers(other, [], ["dinosaurs"])


def test_without_ground_truth_nothing_is_judged(searcher: Searcher) -> None:
    other = searcher.over(
        replace(searcher.collection, pictures={"source": "none"}, specifications=())
    )
    with pytest.raises(HicalmError, match="has no ground truth to judge by"):
        judged_answers(other, [], ["dinosaurs"])
