"""Ranks of the right museum for every text: as computed, as a file, and as shipped."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import load_collection
from hicalm.errors import HicalmError
from hicalm.evaluation.comparison import rank_descriptions
from hicalm.evaluation.judging import retrieval_metrics
from hicalm.evaluation.rank_file import DescriptionRanks, description_text
from hicalm.levels import FULL, LENGTHS
from hicalm.metrics import median_rank, recall_at
from hicalm.models.checkpoints import content_hash, save_model
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.query_text import split_rooms
from hicalm.retrieval.queries import description_queries
from hicalm.search.method_ranker import RankingMethods
from tests.hicalm.collections import FakeEncoder, encoded_world, random_model

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "checkpoints" / "ranks.json"
LARGEST = 600_000  # bytes


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A world, its ranks, the scores that they come from, and the checkpoint's folder."""
    folder = tmp_path_factory.mktemp("models") / "hicalm"
    world, model = encoded_world(), random_model()
    save_model(model, folder)
    rankers = RankingMethods(world, model, LevelWeights(), folder)
    scores = {
        method: {
            length: rankers.scores(method, batch)
            for length, batch in description_queries(world).items()
        }
        for method in rankers.names
    }
    return world, rank_descriptions(world, folder, scores), scores, folder


def test_ranks_and_metrics_agree(made) -> None:
    world, ranks, scores, _ = made
    for method, by_length in scores.items():
        for length, batch in description_queries(world).items():
            figures = retrieval_metrics(by_length[length], batch.target)
            own = np.array(ranks.ranks[method][length])
            assert recall_at(own, 1) == figures["R@1"]
            assert median_rank(own) == figures["median_rank"]


def test_origins_name_the_text_of_every_query(made) -> None:
    world, ranks, *_ = made
    queries, encoder = description_queries(world), FakeEncoder()
    sentence = ranks.origins["sentence"]
    for index in range(0, len(sentence["museum"]), 7):
        museum = world.museums[sentence["museum"][index]]
        text = description_text(museum, sentence["room"][index], sentence["sentence"][index])
        expected = encoder.encode_texts([text])[0].astype(np.float16)
        np.testing.assert_array_equal(queries["sentence"].sentences[index], expected)
    room = ranks.origins["room"]
    last = world.museums[room["museum"][-1]]
    assert description_text(last, room["room"][-1]) == " ".join(last.rooms[-1].paragraph)
    assert description_text(last).startswith(" ".join(last.introduction))


def test_the_first_museum_is_that_of_the_highest_score(made) -> None:
    _, ranks, scores, _ = made
    assert ranks.first["sentence"] == scores["hicalm"]["sentence"].argmax(axis=1).tolist()


def test_the_search_box_reads_descriptions_as_the_evaluation_does() -> None:
    # Otherwise a text that is opened from the figures would have another rank in the app.
    for museum in load_collection(ROOT / "assets" / "world").museums:
        assert len(split_rooms(description_text(museum))) == len(museum.rooms)
        for number, room in enumerate(museum.rooms):
            assert split_rooms(description_text(museum, number)) == (room.paragraph,)


def test_a_file_comes_back_and_leaves_nothing_else(made, tmp_path) -> None:
    _, ranks, *_ = made
    ranks.save(tmp_path / "ranks.json")
    again = DescriptionRanks.load(tmp_path / "ranks.json")
    assert replace(again, museums=tuple(again.museums)) == ranks
    assert [path.name for path in tmp_path.iterdir()] == ["ranks.json"]


def test_other_museums_and_other_weights_are_refused(made, tmp_path) -> None:
    world, ranks, _, folder = made
    ranks.save(tmp_path / "ranks.json")
    loaded = DescriptionRanks.load(tmp_path / "ranks.json")
    loaded.check(world, content_hash(folder))
    with pytest.raises(HicalmError, match=r"5 museums.*python -m hicalm evaluate"):
        loaded.check(world.select(range(5)), content_hash(folder))
    LevelWeights((1, 0, 0), (1, 0, 0), (1, 0, 0)).save(folder)  # ranks depend on them
    with pytest.raises(HicalmError, match="another model"):
        loaded.check(world, content_hash(folder))
    with pytest.raises(HicalmError, match=r"model\.safetensors is missing"):
        content_hash(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"ranks": 3}'])
def test_a_file_that_holds_something_else_gets_one_sentence(tmp_path, content) -> None:
    path = tmp_path / "ranks.json"
    with pytest.raises(HicalmError, match="not there yet"):
        DescriptionRanks.load(path)
    path.write_text(content)
    with pytest.raises(HicalmError, match="does not hold ranks"):
        DescriptionRanks.load(path)


def test_lists_of_different_lengths_are_refused(made, tmp_path) -> None:
    _, ranks, *_ = made
    path = tmp_path / "ranks.json"
    replace(ranks, first=ranks.first | {"room": ranks.first["room"][1:]}).save(path)
    with pytest.raises(HicalmError, match="does not hold ranks"):
        DescriptionRanks.load(path)


def test_the_shipped_ranks_fit_the_shipped_museums_and_metrics() -> None:
    assert SHIPPED.stat().st_size < LARGEST
    ranks = DescriptionRanks.load(SHIPPED)
    ranks.check(load_collection(ROOT / "assets" / "world"), content_hash(SHIPPED.parent / "hicalm"))
    figures = json.loads((SHIPPED.parent / "figures.json").read_text(encoding="utf-8"))
    measured_on_texts = {name: own for name, own in figures["methods"].items() if FULL in own}
    assert set(ranks.ranks) == set(measured_on_texts)
    for method, measured in measured_on_texts.items():
        for length in LENGTHS:
            own = np.array(ranks.ranks[method][length])
            assert len(own) == figures["queries"][length]
            assert recall_at(own, 1) == pytest.approx(measured[length]["R@1"], abs=1e-12)
            assert median_rank(own) == measured[length]["median_rank"]
