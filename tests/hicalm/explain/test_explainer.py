"""Explanations from end to end, on invented museums and on every museum of the built-in world."""

import gc
import json
import weakref
from pathlib import Path

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.explain.explainer import MAX_SENTENCES
from hicalm.explain.explanation import Explanation
from hicalm.levels import LEVELS, PLAN, WORDS
from hicalm.models.checkpoints import load_model
from hicalm.models.score_weights import LevelWeights
from hicalm.search.searcher import Searcher
from tests.hicalm.collections import FakeEncoder, encoded_world, random_model
from tests.hicalm.stages import save_stages

ROOT = Path(__file__).parents[3]
WORLD, CHECKPOINT = ROOT / "assets" / "world", ROOT / "checkpoints" / "hicalm"
QUERIES = ("cubist boats", "a first room with boats, then a room of birds", "Boats. Birds. Trees.")
CLOSE = 1e-4  # of a score; the largest error of additivity that is allowed


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return Searcher(encoded_world(), random_model(), FakeEncoder(), None, LevelWeights())


def assert_adds_up(explanation: Explanation, score: float) -> None:
    difference = explanation.score - explanation.baseline
    assert explanation.score == pytest.approx(score, abs=CLOSE)
    assert sum(explanation.levels.values()) == pytest.approx(explanation.score, abs=CLOSE)
    assert sum(r.contribution for r in explanation.rooms) == pytest.approx(difference, abs=CLOSE)
    parts = sum(part.contribution for part in explanation.query_parts)
    assert parts == pytest.approx(difference, abs=CLOSE)
    for level, value in explanation.levels.items():
        rooms = sum(room.levels[level] for room in explanation.rooms)
        assert rooms == pytest.approx(value, abs=CLOSE)
    for room in explanation.rooms:
        assert sum(room.levels.values()) == pytest.approx(room.contribution, abs=CLOSE)
        views = sum(view.contribution for view in room.views)
        assert views == pytest.approx(room.contribution, abs=CLOSE)


@pytest.mark.parametrize("text", QUERIES)
def test_everything_adds_up_to_the_score_of_the_search(searcher, text):
    query = searcher.read(text)
    for match in searcher.rank(query).matches:
        explanation = searcher.explain(query, match.museum_id)
        assert_adds_up(explanation, match.score)
        assert explanation.levels == pytest.approx(match.levels, abs=CLOSE)
        found = [room.similarity for room in match.rooms]
        assert [room.similarity for room in explanation.rooms] == pytest.approx(found, abs=1e-5)
        assert {len(room.similarities) for room in explanation.rooms} == {len(query.paragraphs)}
        for room, other in zip(explanation.rooms, match.rooms, strict=True):
            similarities = [view.similarity for view in room.views]
            assert similarities == pytest.approx(list(other.views), abs=1e-5)


@pytest.fixture(scope="module")
def reranking(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    checkpoint = save_stages(tmp_path_factory.mktemp("checkpoints"), weight=3.0)
    return Searcher(
        encoded_world(), load_model(checkpoint), FakeEncoder(), None, LevelWeights(), checkpoint
    )


@pytest.mark.parametrize("text", [*QUERIES, "Boats run. ((( Birds fly over the sea. ***"])
def test_the_words_add_up_with_the_levels(reranking, monkeypatch, text):
    monkeypatch.setattr("hicalm.search.pipeline.MAX_RERANKED", 4)
    query = reranking.read(text)
    matches = reranking.rank(query).matches
    assert sum(WORDS in match.levels for match in matches) == 4
    for match in matches:
        explanation = reranking.explain(query, match.museum_id)
        assert_adds_up(explanation, match.score)
        assert explanation.levels == pytest.approx(match.levels, abs=CLOSE)
        everything = np.ones((1, sum(len(room.views) for room in explanation.rooms)), bool)
        value = reranking.game(query, match.museum_id).values(everything)
        assert value == pytest.approx([match.score], abs=CLOSE)
        plain = reranking.explain(query, match.museum_id, words=False)
        assert list(plain.levels) == [*LEVELS, PLAN][: 3 + bool(query.plan_weight)]
        asked = reranking.explain(query, match.museum_id, words=True)
        assert_adds_up(asked, asked.score)
        assert asked.levels[WORDS] > 0


def test_a_picture_is_explained_too(searcher):
    query = searcher.read_picture(np.full((12, 16, 3), (200, 40, 90), np.uint8))
    match = searcher.rank(query).matches[0]
    explanation = searcher.explain(query, match.museum_id)
    assert_adds_up(explanation, match.score)
    assert [part.text for part in explanation.query_parts] == ["the picture"]
    assert explanation.levels["museum"] == 0


def test_the_best_views_come_first(searcher):
    explanation = searcher.explain(searcher.read("boats"), searcher.collection.museums[0].id)
    every = [view.contribution for room in explanation.rooms for view in room.views]
    best = [view.contribution for _, view in explanation.best_views(4)]
    assert best == sorted(every, reverse=True)[:4]


def test_the_json_form_is_exact(searcher):
    museum = searcher.collection.museums[1]
    explanation = searcher.explain(searcher.read("boats"), museum.id)
    answer = json.loads(json.dumps(explanation.to_json()))
    assert {"score", "baseline", "levels", "rooms", "query_parts"} < set(answer)
    assert answer["baseline"] == 0
    assert [room["index"] for room in answer["rooms"]] == list(range(len(museum.rooms)))
    room = answer["rooms"][2]
    assert {"index", "contribution", "similarity", "views"} < set(room)
    assert {"index", "contribution", "similarity"} < set(room["views"][5])
    assert room["views"][5]["contribution"] == explanation.rooms[2].views[5].contribution
    assert answer["query_parts"][0]["text"] == "boats"


def test_an_unknown_museum_is_refused(searcher):
    with pytest.raises(HicalmError, match="no museum 'nowhere'"):
        searcher.explain(searcher.read("boats"), "nowhere")


@pytest.mark.slow
@pytest.mark.skipif(not (WORLD / "features").exists(), reason="the built-in world is not there")
def test_everything_adds_up_on_museums_of_all_ranks():
    searcher = Searcher.open(WORLD, CHECKPOINT)
    phrase = searcher.read("cubist paintings in warm sunset colours")
    rooms = searcher.read("a first room with portraits, then a dim room of abstract paintings")
    for match in searcher.rank(phrase, len(searcher.collection.museums)).matches[::18]:
        assert_adds_up(searcher.explain(phrase, match.museum_id), match.score)
    for match in searcher.rank(rooms, 500).matches[::75]:
        assert_adds_up(searcher.explain(rooms, match.museum_id), match.score)


def test_nothing_is_kept_of_a_query_that_is_gone(searcher):
    query = searcher.read("boats and birds")
    gone = weakref.ref(query)
    searcher.explain(query, searcher.collection.museums[0].id)
    del query
    gc.collect()
    assert gone() is None


def test_a_query_of_too_many_sentences_is_refused_before_it_takes_minutes(searcher):
    query = searcher.read("Boats. " * (MAX_SENTENCES + 1))
    with pytest.raises(HicalmError, match=f"{MAX_SENTENCES + 1:,} sentences.*Shorten it"):
        searcher.explain(query, searcher.collection.museums[0].id)
