"""The hierarchy without training: centred by hand, searched, explained, and refused."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.data.batches import TextBatch, ViewBatch
from hicalm.data.collection import Collection, Features, Fingerprint, Museum, Room
from hicalm.data.home import ZERO_SHOT, is_zero_shot
from hicalm.errors import HicalmError
from hicalm.models import zero_shot
from hicalm.models.checkpoints import content_hash, open_model
from hicalm.models.zero_shot import PRIOR_VIEWS, ZeroShot, own_texts

PRINT = Fingerprint("any", "0", 4)


def make_collection(sentences: list[str], views: np.ndarray, texts: np.ndarray) -> Collection:
    """One museum a view, each with a sentence of introduction and one of its room."""
    rooms = [(Room("R", (sentence,), 1),) for sentence in sentences[1::2]]
    museums = tuple(
        Museum(f"m{n}", f"M{n}", "test", (sentences[2 * n],), rooms[n]) for n in range(len(views))
    )
    features = Features(
        {"view": views, "sentence": texts}, dict.fromkeys(("view", "sentence"), PRINT)
    )
    return Collection("some", "", museums, {"source": "none"}, features)


@pytest.fixture
def collection(monkeypatch: pytest.MonkeyPatch) -> Collection:
    monkeypatch.setattr(zero_shot, "TEXTS", 2)
    random = np.random.default_rng(0)
    views, texts = (random.standard_normal((n, 4)).astype(np.float32) for n in (3, 6))
    names = ["A museum called M.", "one", "two", "A room called R.", "three", "one"]
    return make_collection(names, views, texts)


def test_both_sides_are_centred_by_the_collection(collection: Collection) -> None:
    model = ZeroShot.of(collection)
    views = collection.features.get("view")
    unit = views / np.linalg.norm(views, axis=1, keepdims=True)
    mean = unit.sum(axis=0) / (3 + PRIOR_VIEWS)
    counts = torch.tensor([2, 1]), torch.tensor([2])
    found = model.encode_vision(
        ViewBatch(views=torch.as_tensor(views), view_counts=counts[0], room_counts=counts[1])
    )
    np.testing.assert_allclose(found.view, unit - mean, atol=1e-6)
    rooms = np.stack([(unit[:2] - mean).mean(axis=0), unit[2] - mean])
    np.testing.assert_allclose(found.room, rooms, atol=1e-6)
    np.testing.assert_allclose(found.museum[0], rooms.mean(axis=0), atol=1e-6)

    texts = collection.features.get("sentence")
    read = texts / np.linalg.norm(texts, axis=1, keepdims=True)
    kept = [1, 2, 4, 5]  # names alone say nothing
    np.testing.assert_allclose(own_texts(collection), read[kept], atol=1e-6)
    centred = read - read[kept].mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    batch = TextBatch(
        sentences=torch.as_tensor(texts[:3]),
        sentence_counts=torch.tensor([2, 1]),
        paragraph_counts=torch.tensor([2]),
        is_introduction=torch.tensor([True, False]),
    )
    said = model.encode_text(batch)
    np.testing.assert_allclose(said.room[0], centred[2], atol=1e-6)
    np.testing.assert_allclose(said.museum[0], centred[:3].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(model.level_texts, centred[kept], atol=1e-6)


def test_a_collection_without_texts_is_centred_by_background_sentences(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Reader:
        def encode_queries(self, texts: list[str]) -> torch.Tensor:
            self.texts, self.features = (
                texts,
                np.eye(4, dtype=np.float32)[np.arange(len(texts)) % 4],
            )
            return self

    monkeypatch.setattr(zero_shot, "TEXTS", 160)
    reader = Reader()
    model = ZeroShot.of(collection, reader)
    assert 100 < len(reader.texts) <= 160 and len(model.level_texts) == len(reader.texts)


def test_it_is_a_checkpoint_by_its_name(
    collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    zero_shot_path = Path(ZERO_SHOT)
    model = open_model(zero_shot_path, collection)
    assert model.config.encoder == PRINT.label and model.config.has_levels
    assert content_hash(zero_shot_path) == zero_shot.VERSION
    (tmp_path / ZERO_SHOT).mkdir()
    assert not is_zero_shot(zero_shot_path)  # a folder of that name is a checkpoint of its own


def test_texts_and_views_of_different_widths_are_refused(collection: Collection) -> None:
    collection.features.arrays["view"] = np.ones((3, 5), np.float32)
    with pytest.raises(HicalmError, match="in no common space"):
        ZeroShot.of(collection)
