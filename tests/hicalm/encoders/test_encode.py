"""Encoding a collection: every view and sentence in its own row, with the encoder's fingerprint."""

from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import Collection, Fingerprint, load_collection, save_collection
from hicalm.encoders import encode as module
from hicalm.encoders.encode import encode_collection, encode_sentences, encode_views
from tests.hicalm.collections import DIM, FakeEncoder
from tests.hicalm.collections import pictured as write_pictured


class FakeExpert:
    """An art expert that tells the height of a picture."""

    name = "art expert"

    hash, dim = "a27", 1

    def encode_images(self, images: np.ndarray) -> np.ndarray:
        return np.full((len(images), 1), len(images[0]), np.float32)


@pytest.fixture
def pictured(tmp_path: Path) -> Collection:
    """A ragged collection whose view v (over all museums) is a picture with red 10 v."""
    return load_collection(write_pictured(tmp_path, red=10))


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_views_are_encoded_in_order_whatever_the_batch(
    pictured: Collection, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IMAGES_AT_ONCE", batch)
    arrays = encode_views(pictured, FakeEncoder(), None)
    assert list(arrays) == ["view"]
    assert arrays["view"].dtype == np.float16
    np.testing.assert_allclose(arrays["view"][:, 0] * 25.5, np.arange(11), atol=0.02)


def test_objects_are_features_of_views_of_their_own(pictured: Collection, tmp_path: Path) -> None:
    encoded = encode_collection(pictured, FakeEncoder(), None, object_expert=FakeExpert())
    assert set(encoded.features.fingerprints) == {"view", "sentence", "object"}
    save_collection(encoded, tmp_path / "with")
    found = load_collection(tmp_path / "with")
    assert found.features.rows("object").shape == (11, 1)
    assert found.features.rows("object").dtype == np.float16
    assert len(found.select([1]).features.rows("object")) == sum(
        room.views for room in found.museums[1].rooms
    )


def test_equal_sentences_are_encoded_once_and_kept_in_order() -> None:
    encoder = FakeEncoder()
    features = encode_sentences(["boats", "birds", "boats"], encoder)
    assert encoder.texts_encoded == 2
    np.testing.assert_array_equal(features[0], features[2])
    expected = encoder.encode_texts(["boats", "birds"]).astype(np.float16)
    np.testing.assert_array_equal(features[:2], expected)
    assert encode_sentences([], encoder).shape == (0, DIM)


def test_an_encoded_collection_says_who_encoded_it(pictured: Collection, tmp_path: Path) -> None:
    encoded = encode_collection(pictured, FakeEncoder(), FakeExpert())
    fingerprint = Fingerprint("fake", "f00d", DIM)
    art = Fingerprint("art expert", "a27", 1)
    assert encoded.features.fingerprints == {
        "view": fingerprint,
        "sentence": fingerprint,
        "art": art,
    }
    assert encoded.museums == pictured.museums
    assert encoded.features.arrays["sentence"].shape == (13, DIM)
    save_collection(encoded, tmp_path / "with")
    save_collection(encode_collection(pictured, FakeEncoder(), None), tmp_path / "with")
    assert set(load_collection(tmp_path / "with").features.arrays) == {"view", "sentence"}
