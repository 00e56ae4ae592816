"""HOSA on a collection: what it learns from."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import Collection, Features, save_collection
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.hosa.hosa_checkpoints import load_hosa
from hicalm.hosa.hosa_config import Experiment, TrainingConfig
from hicalm.hosa.model import HosaConfig
from hicalm.hosa.room_pairs import RoomPairs, train_on_collection
from tests.hicalm.collections import DIM, FakeEncoder, encoded_world, ragged_collection


def test_a_room_has_its_views_and_texts_about_it() -> None:
    world = encoded_world()
    pairs = RoomPairs(world, FakeEncoder(), per_room=2)
    rooms = [room for museum in world.museums for room in museum.rooms]
    assert pairs.images == len(rooms)
    # two sentences of the paragraph, and two queries of the ground truth
    assert np.bincount(pairs.image_of).tolist() == [4] * len(rooms)
    regions, counts = pairs.regions(np.array([3, 1]))
    assert counts.tolist() == [rooms[3].views, rooms[1].views]
    own = np.asarray(world.features.rows("view"), np.float32)
    first = sum(room.views for room in rooms[:3])
    np.testing.assert_array_equal(regions[0, : counts[0]], own[first : first + rooms[3].views])
    words, lengths = pairs.words(np.array([0, 5]))
    assert words.shape == (2, lengths.max(), DIM) and (lengths > 0).all()


def test_without_ground_truth_the_sentences_are_all() -> None:
    collection = ragged_collection()
    pairs = RoomPairs(collection, FakeEncoder(), per_room=2)
    sentences = [len(room.paragraph) for museum in collection.museums for room in museum.rooms]
    assert np.bincount(pairs.image_of).tolist() == [min(2, count) for count in sentences]


def _with_paragraphs(paragraphs: dict[tuple[int, int], tuple[str, ...]]) -> Collection:
    """Return the ragged collection with other paragraphs of some rooms."""
    whole = ragged_collection()
    museums = []
    for place, museum in enumerate(whole.museums):
        rooms = (
            replace(room, paragraph=paragraphs.get((place, number), room.paragraph))
            for number, room in enumerate(museum.rooms)
        )
        museums.append(replace(museum, rooms=tuple(rooms)))
    views = {"view": whole.features.arrays["view"]}
    features = Features(views, {"view": whole.features.fingerprints["view"]})
    return replace(whole, museums=tuple(museums), features=features)


def test_rooms_without_texts_are_left_out() -> None:
    pairs = RoomPairs(_with_paragraphs({(0, 1): (), (2, 0): ("...",)}), FakeEncoder())
    assert pairs.images == 4 and pairs.image_of.tolist() == [0, 1, 2, 3]
    assert pairs.rooms.tolist() == [0, 2, 4, 5]
    regions, counts = pairs.regions(np.array([1, 3]))
    assert counts.tolist() == [3, 2]
    # views are 10 v + d: those of the only room of museum 1, and the last room's
    assert regions[0, :, 0].tolist() == [30, 40, 50]
    assert regions[1, :2, 0].tolist() == [90, 100]


def test_a_collection_without_texts_is_one_sentence() -> None:
    whole = ragged_collection()
    places = {
        (m, r): () for m, museum in enumerate(whole.museums) for r in range(len(museum.rooms))
    }
    with pytest.raises(HicalmError, match="No room of 'Ragged' has a text"):
        RoomPairs(_with_paragraphs(places), FakeEncoder())


def test_equal_seeds_draw_equal_texts() -> None:
    one, same, other = (RoomPairs(encoded_world(), FakeEncoder(), seed=s) for s in (1, 1, 2))
    texts = np.arange(len(one.image_of))
    np.testing.assert_array_equal(one.words(texts)[1], same.words(texts)[1])
    assert one.words(texts)[1].tolist() != other.words(texts)[1].tolist()


def test_features_of_another_encoder_are_refused() -> None:
    with pytest.raises(HicalmError, match="were not encoded with another"):
        RoomPairs(encoded_world(), FakeEncoder("another"))


def test_training_on_a_collection_names_its_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Encoder, "load", lambda name="fake": FakeEncoder(name))
    world = encoded_world()
    splits = ["train"] * (len(world.museums) - 2) + ["validation"] * 2
    museums = tuple(
        replace(museum, split=split) for museum, split in zip(world.museums, splits, strict=True)
    )
    save_collection(replace(world, museums=museums), tmp_path / "world")
    own = HosaConfig(DIM, DIM, DIM, tube=2, gru=False)
    experiment = Experiment(model=own, training=TrainingConfig(epochs=1, batch_size=4))
    metrics = train_on_collection(experiment, tmp_path / "world", tmp_path / "run", progress=False)
    assert math.isfinite(metrics["best"]["loss"]["total"])
    assert load_hosa(tmp_path / "run").config.encoder == "fake f00d"
    wrong = replace(experiment, model=replace(own, word_dim=DIM + 2))
    with pytest.raises(HicalmError, match=f"features of width {DIM}"):
        train_on_collection(wrong, tmp_path / "world", tmp_path / "other", progress=False)
    assert not (tmp_path / "other").exists()
