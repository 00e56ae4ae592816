"""Recalls by hand with five captions an image, folds, and scores of parts."""

import numpy as np
import pytest
import torch
from torch import Tensor

from hicalm.errors import HicalmError
from hicalm.hosa import hosa_evaluation as evaluate
from hicalm.hosa.hosa_evaluation import evaluate_pairs, pair_recalls, score_pairs
from hicalm.hosa.model import HosaConfig, HosaModel

FIVE_EACH = np.repeat(np.arange(3), 5)


class Random:
    """Images with 1 to 3 regions and texts with 1 to 4 words, five an image."""

    def __init__(self, images: int) -> None:
        self.images, self.image_of = images, np.repeat(np.arange(images), 5)
        rng = torch.Generator().manual_seed(0)
        self._regions = torch.randn(images, 3, 6, generator=rng)
        self._words = torch.randn(5 * images, 4, 5, generator=rng)

    def regions(self, images: np.ndarray) -> tuple[Tensor, Tensor]:
        return self._regions[images], torch.from_numpy(1 + images % 3)

    def words(self, texts: np.ndarray) -> tuple[Tensor, Tensor]:
        return self._words[texts], torch.from_numpy(1 + texts % 4)


@pytest.fixture
def model() -> HosaModel:
    torch.manual_seed(0)
    return HosaModel(HosaConfig(region_dim=6, word_dim=5, width=8, tube=2)).eval()


def test_pair_recalls_by_hand() -> None:
    """Three images, five captions each; scores count down from where they are written."""
    scores = np.full((3, 15), 0.0)
    scores[0, :5] = 1.0  # image 0 finds all its captions first: rank 1
    scores[1, 5] = 0.5  # the best caption of image 1, below two of other images: rank 3
    scores[1, [0, 14]] = 0.9
    scores[2, 10:] = 0.1  # the captions of image 2, below the ten others: rank 11
    scores[2, :10] = 0.3
    metrics = pair_recalls(scores, FIVE_EACH)
    assert metrics["i2t"] == pytest.approx({"R@1": 1 / 3, "R@5": 2 / 3, "R@10": 2 / 3})
    # Captions 0 to 4: image 0 scores 1, first. Caption 5: .5 against 0 and .3, first. Captions 6 to
    # 9: 0 in a tie with image 0 and below image 2: third. 10 to 13: .1, first. 14: .1, below .9.
    assert metrics["t2i"] == pytest.approx({"R@1": 10 / 15, "R@5": 1.0, "R@10": 1.0})
    assert metrics["rsum"] == pytest.approx(1 / 3 + 4 / 3 + 10 / 15 + 2)


def test_perfect_scores_are_600_even_when_negative() -> None:
    scores = (FIVE_EACH[None] == np.arange(3)[:, None]) - 5.0
    assert pair_recalls(scores, FIVE_EACH)["rsum"] == 6


def test_equal_scores_come_last() -> None:
    metrics = pair_recalls(np.zeros((3, 15)), FIVE_EACH)
    assert metrics["i2t"] == {"R@1": 0.0, "R@5": 0.0, "R@10": 0.0}  # ten others in front
    assert metrics["t2i"] == {"R@1": 0.0, "R@5": 1.0, "R@10": 1.0}


def test_any_number_of_texts_in_any_order() -> None:
    image_of = np.array([1, 0, 1, 2])
    scores = np.array([[0.1, 0.9, 0.2, 0.3], [0.8, 0.0, 0.1, 0.4], [0.0, 0.2, 0.3, 0.1]])
    metrics = pair_recalls(scores, image_of)
    assert metrics["i2t"]["R@1"] == pytest.approx(2 / 3)  # image 2 finds its text third
    assert metrics["t2i"]["R@1"] == 0.5  # texts 0 and 1


def test_against_sorting() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(40, 200))
    image_of = np.repeat(np.arange(40), 5)
    first = [min(np.flatnonzero(image_of[np.argsort(-row)] == i)) for i, row in enumerate(scores)]
    metrics = pair_recalls(scores, image_of)
    for k in (1, 5, 10):
        assert metrics["i2t"][f"R@{k}"] == pytest.approx(np.mean(np.array(first) < k))


def test_wrong_scores() -> None:
    with pytest.raises(HicalmError, match="Image 3 has no text"):
        pair_recalls(np.zeros((3, 2)), np.array([0, 1]))
    with pytest.raises(HicalmError, match="Expected 2 targets"):
        pair_recalls(np.zeros((1, 2)), np.array([0, 0, 0]))
    with pytest.raises(HicalmError, match="finite"):
        pair_recalls(np.full((1, 1), np.nan), np.array([0]))


def test_scores_of_parts_are_those_of_the_whole(
    model: HosaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = Random(7)
    whole = score_pairs(model, pairs)
    assert whole.shape == (7, 35)
    monkeypatch.setattr(evaluate, "_AT_ONCE", 3)
    np.testing.assert_allclose(score_pairs(model, pairs), whole, atol=1e-6)
    some = score_pairs(model, pairs, np.array([5, 2]))
    np.testing.assert_allclose(some, whole[[5, 2]][:, [*range(10, 15), *range(25, 30)]], atol=1e-6)


def test_folds_are_averaged(model: HosaModel) -> None:
    pairs = Random(6)
    whole = score_pairs(model, pairs)
    folds = [pair_recalls(whole[i : i + 2, 5 * i : 5 * i + 10], FIVE_EACH[:10]) for i in (0, 2, 4)]
    metrics = evaluate_pairs(model, pairs, 2)
    assert (metrics["images"], metrics["texts"], metrics["folds"]) == (6, 30, 3)
    assert metrics["rsum"] == pytest.approx(np.mean([fold["rsum"] for fold in folds]))
    mean = np.mean([fold["t2i"]["R@1"] for fold in folds])
    assert metrics["t2i"]["R@1"] == pytest.approx(mean)
    assert evaluate_pairs(model, pairs)["rsum"] == pair_recalls(whole, pairs.image_of)["rsum"]
    for fold in (4, 1000):
        with pytest.raises(HicalmError, match=f"6 images, which are no folds of {fold}"):
            evaluate_pairs(model, pairs, fold)
