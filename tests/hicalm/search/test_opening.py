"""Published features are searched without their encoder, by the best of several runs."""

import json
from pathlib import Path

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.retrieval.queries import description_queries
from hicalm.retrieval.scorers import ModelScorer
from hicalm.search.searcher import Searcher
from hicalm.training.seed_runs import best_run
from tests.hicalm.commands import run
from tests.hicalm.importers.published_museums import published_museums, published_run


@pytest.fixture(scope="module")
def museums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published_museums(tmp_path_factory.mktemp("published"), 6)


@pytest.fixture(scope="module")
def searcher(museums: Path) -> Searcher:
    return Searcher.open(museums, published_run(museums))


def test_the_run_that_was_best_by_validation_is_opened(searcher: Searcher, museums: Path) -> None:
    assert searcher.checkpoint.name == "seed-1"
    assert "may be those of MobileCLIP-S1" in searcher.words_note
    assert best_run(searcher.checkpoint) == searcher.checkpoint  # a single run is its own best
    (museums.parent / "run" / "seed-2" / "metrics.json").write_text("[]")
    assert best_run(museums.parent / "run").name == "seed-1"


def test_a_stored_text_ranks_as_its_features_do(searcher: Searcher) -> None:
    collection = searcher.collection
    queries = description_queries(collection, ["room"])["room"]
    scores = ModelScorer(searcher.model, collection).scores(queries, searcher.weights)
    result = searcher.search(f"{collection.museums[2].title}, room 2")
    row = int(collection.room_counts[:2].sum()) + 1
    order = [collection.museums[n].id for n in np.argsort(-scores[row], kind="stable")]
    assert [match.museum_id for match in result.matches] == order
    assert [match.score for match in result.matches] == pytest.approx(-np.sort(-scores[row]))
    assert result.plan is None and result.fit is None and len(result.paragraphs[0]) == 2


def test_a_stored_texts_explanation_adds_up(searcher: Searcher) -> None:
    query = searcher.read(searcher.collection.museums[2].title)
    match = searcher.rank(query).matches[0]
    explanation = searcher.explain(query, match.museum_id)
    assert explanation.score == pytest.approx(match.score, abs=1e-5)
    assert len(explanation.query_parts) == 6  # the sentences of three rooms
    parts = sum(part.contribution for part in explanation.query_parts)
    assert parts == pytest.approx(explanation.score, abs=1e-4)
    assert searcher.ranking(query, "clip-mean").museum_ids


def test_pictures_and_other_words_are_refused(searcher: Searcher) -> None:
    with pytest.raises(HicalmError, match="Words and pictures cannot be read here"):
        searcher.read_picture(np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(
        HicalmError, match=r"in its own words\. These have most of the words: 'A Rem"
    ):
        searcher.read("rembrandt")


def test_the_command_line_says_the_same(museums: Path, monkeypatch, capsys) -> None:
    asked = ("--collection", museums, "--checkpoint", museums.parent / "run")
    assert run(monkeypatch, "search", "rembrandt", *asked) == 2
    assert "Search by a text of the collection" in capsys.readouterr().err
    assert run(monkeypatch, "search", "A Rembrandt's work0", "--json", *asked) == 0
    assert len(json.loads(capsys.readouterr().out)["results"]) == 5
    assert run(monkeypatch, "explain", "Museum2-3", "Museum0-1.unity", *asked) == 0
    assert run(monkeypatch, "search", "horses", *asked, "--encoder", "MobileCLIP-B") == 2
    assert "may be those of MobileCLIP-B, whose weights" in capsys.readouterr().err
