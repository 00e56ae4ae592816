"""Words that are seen in their own pictures: by hand, and on planted groups."""

import numpy as np
import pytest

from hicalm.geometry import unit
from hicalm.hashing import grounding
from hicalm.hashing.grounding import best_cosines, ground
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.head_training import supervision
from hicalm.hashing.pairs import Pairs
from hicalm.hashing.picture_objects import Objects
from tests.hicalm.hashing.tiny import E1, E2, E3, OBJECTS

VECTORS = {"boat": E1, "horse": E2, "room": E3}


def encode(words: list[str]) -> np.ndarray:
    return np.array([VECTORS[word] for word in words]).reshape(-1, 3)


def planted(count: int = 60) -> tuple[tuple[tuple[str, ...], ...], Objects]:
    """Return texts that say boat or horse and often room; of two objects one shows what is said."""
    rng = np.random.default_rng(0)
    shown = np.arange(count) % 2
    words = tuple(
        (("boat", "horse")[own], *(("room",) if rng.random() < 0.5 else ())) for own in shown
    )
    objects = np.stack([np.array([E1, E2])[shown], np.tile(E1 + E2 + E3, (count, 1))])
    noise = 0.1 * rng.standard_normal((count, 2, 3))
    return words, Objects.of((objects.transpose(1, 0, 2) + noise).reshape(-1, 3), np.full(count, 2))


@pytest.mark.parametrize("block", [1, 1 << 25])
def test_best_cosines_are_those_of_a_pictures_own_objects(
    block: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(grounding, "BLOCK", block)
    found = best_cosines(np.array([E1, E2, E3]), OBJECTS)
    assert found.tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]


def test_texts_are_what_they_say_and_their_pictures_show():
    words, objects = planted()
    found = ground(words, encode, objects)
    same = np.arange(60)[:, None] % 2 == np.arange(60) % 2
    texts, pictures = found.texts @ found.texts.T, found.pictures @ found.pictures.T
    assert texts[same].min() > 0.9 and texts[~same].max() < 0
    assert pictures[same].mean() > 0.9 and pictures[~same].mean() < 0
    np.testing.assert_allclose(found.similarity, (texts + pictures) / 2, atol=1e-6)


def test_few_texts_ground_no_word():
    words, objects = planted(20)
    found = ground(words, encode, objects)
    assert not found.texts.any() and found.pictures.shape == (20, 0)


def test_the_target_follows_what_is_shown():
    words, objects = planted()
    images = unit(objects.vectors[objects.first])
    pairs = Pairs(images, images, words, {}, tuple(map(str, range(60))))
    settings = HashSettings(matching="grounded")
    target = supervision(pairs, objects, encode, settings)
    same = np.arange(60)[:, None] % 2 == np.arange(60) % 2
    assert target[same].min() > target[~same].max()
