import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from hicalm.geometry import unit
from hicalm.hashing.hash_runs import code_set
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.head_training import (
    hash_loss,
    learn_codes,
    rate,
    supervision,
    train_heads,
    word_vectors,
)
from hicalm.hashing.heads import HashHeads
from hicalm.hashing.measures import rank_codes
from hicalm.hashing.pairs import Pairs, draw_split
from hicalm.hashing.picture_objects import whole_pictures
from tests.hicalm.collections import DIM, FakeEncoder

WORDS = ("red", "green", "blue")
SETTINGS = HashSettings(
    bits=16, clusters=3, hidden=64, batch_size=16, epochs=100, learning_rate=1e-3
)


def planted_pairs(count: int = 60) -> Pairs:
    """Return pairs of three groups; a picture lies near the vector of its group's word."""
    groups = np.arange(count) % 3
    vectors = unit(FakeEncoder().encode_texts(WORDS))[groups]
    rng = np.random.default_rng(0)
    images = unit(vectors + 0.02 * rng.standard_normal(vectors.shape))
    words = tuple((WORDS[group],) for group in groups)
    names = tuple(f"item {number}" for number in range(count))
    return Pairs(images, vectors, words, {"group": np.eye(3, dtype=bool)[groups]}, names)


def test_the_target_finds_planted_groups():
    pairs = planted_pairs()
    target = supervision(pairs, whole_pictures(pairs.images), FakeEncoder().encode_texts, SETTINGS)
    groups = pairs.labels["group"].argmax(axis=1)
    assert (target[groups[:, None] == groups] == 1).all()
    assert (target[groups[:, None] != groups] < 0.5).all()


def test_codes_find_planted_groups_and_equal_seeds_give_equal_codes():
    pairs = planted_pairs()
    found = []
    for _ in range(2):
        heads = learn_codes(
            pairs, whole_pictures(pairs.images), FakeEncoder().encode_texts,
            FakeEncoder().fingerprint,
            SETTINGS,
        )  # fmt: skip
        queries, rest = draw_split(len(pairs), 20)
        found.append(code_set(heads, pairs.select(queries), pairs.select(rest)))
    for key, codes in found[0].codes.items():
        assert (codes == found[1].codes[key]).all()
    for metrics in rank_codes(found[0])["group"].values():
        assert metrics["mAP"] == pytest.approx(1)


def test_the_best_validated_epoch_stays():
    pairs, target = planted_pairs(), np.ones((60, 60), np.float32)
    fingerprint = FakeEncoder().fingerprint
    short = replace(SETTINGS, epochs=4, valid_freq=2, clip_gradients=True)
    judged: list[str] = []

    def judge(heads: HashHeads) -> float:
        judged.append(heads.hash)
        return [1.0, 3.0, 2.0][len(judged) - 1]

    heads = train_heads(pairs, target, fingerprint, short, judge=judge)
    assert len(judged) == 3 and heads.hash == judged[1]  # after epochs 1, 2 and 4
    assert train_heads(pairs, target, fingerprint, replace(short, valid_freq=0)).hash == judged[2]


def test_each_word_is_encoded_once():
    encoder = FakeEncoder()
    found = word_vectors((("b", "a"), (), ("a",)), encoder.encode_texts, DIM)
    assert encoder.texts_encoded == 2
    np.testing.assert_allclose(found, unit(FakeEncoder().encode_texts(["b", "a", "a"])))
    assert word_vectors(((),), encoder.encode_texts, DIM).shape == (0, DIM)


def test_the_loss_by_hand():
    images = torch.tensor([[1.0, 1.0], [1.0, -1.0]])
    texts = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    target = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    # products: images [2, 0; 0, 2], texts [2, 2; 2, 2], across [2, 2; 0, 0]; wanted [2, -2; -2, 2]
    supervised = 0.1 * (16 + 16) / 4 + 0.9 * (4 + 4) / 4 + (16 + 4 + 4) / 4
    agreement = (4 + 4) / 4 + (4 + 4) / 4 + (4 + 4) / 4
    settings = HashSettings(alpha=2)
    assert float(hash_loss(images, texts, target, settings)) == pytest.approx(
        supervised + 2 * agreement
    )


def test_the_learning_rate_rises_then_falls():
    settings = HashSettings(warm_up=0.1)
    rates = [rate(step, 100, settings) for step in range(101)]
    assert rates[0] > 0 and rates[10] == 1 and rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[55] == pytest.approx(0.5) and math.isclose(rates[100], 0, abs_tol=1e-12)
