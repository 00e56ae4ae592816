"""Rankings by every method: their names, their agreement with the search, and models beside it."""

import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.models.checkpoints import save_model
from hicalm.models.score_weights import LevelWeights
from hicalm.retrieval.methods import describe
from hicalm.search import method_ranker as module
from hicalm.search.searcher import Searcher
from tests.hicalm.collections import FakeEncoder, encoded_world, random_model

ENCODER = "fake f00d"
TEXT = "a room of horses, then a room of seascapes"
ALONE = ("default", "hicalm", "hicalm-museum", "clip-mean")


@pytest.fixture(scope="module")
def world() -> Collection:
    return encoded_world()


def open_searcher(world: Collection, folder=None) -> Searcher:
    model = random_model(encoder=ENCODER)
    return Searcher(world, model, FakeEncoder(), None, LevelWeights(), folder)


@pytest.fixture
def folder(tmp_path):
    """A checkpoint with folders beside it, of which two hold models that can be compared."""
    for name, changes in {
        "hicalm": {},
        "flat": {"kind": "flat"},
        "mine": {"hidden": 8},
        "foreign": {"encoder": "other cafe"},
    }.items():
        save_model(random_model(**{"encoder": ENCODER} | changes), tmp_path / name)
    (tmp_path / "half").mkdir()  # a run that has written no weights yet
    (tmp_path / "half" / "config.json").write_text(json.dumps({"encoder": ENCODER}))
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "config.json").write_text("[1")
    for name, config in (
        ("deep", "[" * 200_000),
        ("kinds", '{"encoder": "fake f00d", "kind": []}'),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(config)
        (tmp_path / name / "model.safetensors").write_bytes(b"damaged")
    return tmp_path / "hicalm"


def test_the_first_method_ranks_as_the_search(world) -> None:
    searcher = open_searcher(world)
    assert searcher.methods == ALONE
    ranking = searcher.ranking(searcher.read(TEXT), "default")
    found = searcher.search(TEXT, top=len(world.museums)).matches
    assert ranking.museum_ids == tuple(match.museum_id for match in found)
    np.testing.assert_allclose(ranking.scores, [match.score for match in found], atol=1e-6)


def test_the_museum_vector_alone_is_the_similarity_of_museums(world) -> None:
    searcher = open_searcher(world)
    query = searcher.read(TEXT)
    ranking = searcher.ranking(query, "hicalm-museum")
    expected = searcher.similarities(query, "museum")
    np.testing.assert_allclose(ranking.scores, np.sort(expected)[::-1], atol=1e-6)


def test_models_beside_the_checkpoint_are_methods_if_they_read_its_encoder(world, folder) -> None:
    searcher = open_searcher(world, folder)
    assert searcher.methods == (*ALONE[:-1], "flat", "clip-mean", "mine")
    query = searcher.read(TEXT)
    orders = {name: searcher.ranking(query, name) for name in searcher.methods}
    ids = {museum.id for museum in world.museums}
    assert all(set(ranking.museum_ids) == ids for ranking in orders.values())
    assert len({ranking.scores.tobytes() for ranking in orders.values()}) == len(orders)
    assert all(describe(name) for name in orders)


def test_a_model_is_loaded_once_and_when_it_is_asked_for(world, folder, monkeypatch) -> None:
    loaded = []
    monkeypatch.setattr(module, "load_model", lambda path: loaded.append(path) or random_model())
    searcher = open_searcher(world, folder)
    query = searcher.read(TEXT)
    assert loaded == []
    threads = [threading.Thread(target=searcher.ranking, args=(query, "flat")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loaded == [folder.parent / "flat"]


def test_a_picture_and_an_unknown_method_get_one_sentence(world) -> None:
    searcher = open_searcher(world)
    museum = world.museums[0]
    with pytest.raises(HicalmError, match="compared on words"):
        searcher.ranking(searcher.read_view(museum.id, 0, 0), "hicalm")
    with pytest.raises(
        HicalmError, match="Choose one of default, hicalm, hicalm-museum, clip-mean"
    ):
        searcher.ranking(searcher.read(TEXT), "none")


def test_a_model_of_another_encoder_is_refused(world) -> None:
    fingerprints = {"view": replace(world.features.fingerprints["view"], hash="beef")}
    other = replace(world, features=replace(world.features, fingerprints=fingerprints))
    with pytest.raises(HicalmError, match="features of the encoder"):
        module.RankingMethods(other, random_model(encoder=ENCODER), LevelWeights())
