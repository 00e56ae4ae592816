"""From a collection to training data: the right rows, and clear errors before training begins."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import Features, save_collection
from hicalm.errors import HicalmError
from hicalm.experiment import PHRASES_PER_ROOM, cached_phrases, train_on_collection, training_data
from hicalm.world.captions import room_query
from hicalm.world.seeds import generator
from tests.hicalm.collections import WORLD_SEED, FakeEncoder, encoded_world, ragged_collection


def test_paragraphs_know_their_rooms() -> None:
    data = training_data(ragged_collection(), False, None)
    assert data.paragraph_room.tolist() == [-1, 0, 1, -1, 2, -1, 3, 4, 5]
    assert data.view_counts.tolist() == [2, 1, 3, 1, 2, 2]
    assert data.sentences[:, 0].tolist() == list(range(13))


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
        train_on_collection(tmp_path, tmp_path / "run", method, "published", {}, 0.0, True)
