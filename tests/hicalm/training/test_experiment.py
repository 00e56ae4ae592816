"""From a collection to training data: the right rows, and clear errors before training begins."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import Features, load_collection, save_collection
from hicalm.errors import HicalmError
from hicalm.models.checkpoints import load_model
from hicalm.retrieval.embed import embed_collection
from hicalm.training.experiment import (
    METHODS,
    PHRASES_PER_ROOM,
    cached_phrases,
    train_on_collection,
)
from hicalm.world.captions import room_query
from hicalm.world.seeds import generator
from tests.hicalm.collections import WORLD_SEED, FakeEncoder, encoded_world


def test_phrases_belong_to_their_rooms_and_are_made_once(tmp_path: Path) -> None:
    world, encoder = encoded_world(test=2), FakeEncoder()
    save_collection(world, tmp_path)
    features, rooms, ids = cached_phrases(world, tmp_path, encoder)
    assert (
        rooms.tolist() == np.repeat(np.arange(world.room_counts.sum()), PHRASES_PER_ROOM).tolist()
    )
    specification = world.specifications[1]
    rng = generator(WORLD_SEED, specification["id"], 0, "phrases")
    expected = encoder.encode_texts([room_query(specification["rooms"][0], rng)])
    first = int(world.room_counts[0]) * PHRASES_PER_ROOM
    np.testing.assert_allclose(features[first], expected[0], atol=1e-2)
    for number in set(ids.tolist()):  # equal ids are equal texts
        assert len(np.unique(features[ids == number], axis=0)) == 1
    encoder.texts_encoded = 0
    again = cached_phrases(world, tmp_path, encoder)
    assert encoder.texts_encoded == 0
    np.testing.assert_array_equal(again[0], features)


@pytest.mark.parametrize(
    ("method", "features", "reason"),
    [
        ("perceiver", True, "Unknown model 'perceiver': choose one of hicalm, hierartex, flat"),
        ("hicalm", False, "has no view features"),
        ("hicalm", True, "has no art features.*--no-art"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    method: str, features: bool, reason: str, tmp_path: Path
) -> None:
    world = encoded_world(train=2, validation=1, test=0)
    if not features:
        world = replace(world, features=Features({}, {}))
    save_collection(world, tmp_path)
    with pytest.raises(HicalmError, match=reason):
        train_on_collection(tmp_path, tmp_path / "run", method, "published", {}, {}, True)


@pytest.fixture(scope="module")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    save_collection(encoded_world(train=4, validation=2, test=2), folder)
    return folder


@pytest.mark.parametrize("method", METHODS)
def test_every_method_trains_and_embeds(method: str, small_world: Path, tmp_path: Path) -> None:
    metrics = train_on_collection(
        small_world, tmp_path, method, "published", {"epochs": 1, "batch_size": 2}, {}, False
    )
    assert np.isfinite(metrics["history"][0]["loss"]["total"])
    vectors = embed_collection(load_model(tmp_path), load_collection(small_world), 3)
    assert len(vectors["text_museum"]) == len(vectors["view_museum"]) == 8
    assert all(np.isfinite(values).all() for values in vectors.values())


@pytest.mark.parametrize(("text", "vision"), [("flat", "rnn"), ("monornn", "flat"), ("avg", "rnn")])
def test_encoders_can_be_mixed(text: str, vision: str, small_world: Path, tmp_path: Path) -> None:
    changes = {"epochs": 1, "batch_size": 2, "room_weight": 0.0}
    encoders = {"text": text, "vision": vision}
    train_on_collection(small_world, tmp_path, "hicalm", "published", changes, encoders, False)
    config = load_model(tmp_path).config
    assert (config.text, config.vision, config.dropout) == (text, vision, 0.0)


@pytest.mark.parametrize("side", ["text", "vision"])
def test_a_side_without_rooms_is_trained_by_the_museum_alone(
    side: str, small_world: Path, tmp_path: Path
) -> None:
    changes, encoders = {"epochs": 1, "batch_size": 2}, {side: "flat"}
    metrics = train_on_collection(
        small_world, tmp_path, "hicalm", "published", changes, encoders, False
    )
    assert metrics["config"]["room_weight"] == 0
    for weight, sentence in (("room", "no loss of rooms to weigh"), ("score", "no levels to add")):
        with pytest.raises(HicalmError, match=sentence):
            train_on_collection(
                small_world,
                tmp_path,
                "hicalm",
                "published",
                {f"{weight}_weight": 2.0},
                encoders,
                False,
            )
