"""The triplet loss by hand."""

import pytest
import torch

from hicalm.errors import HicalmError
from hicalm.hosa.triplet_loss import triplet_loss

# Right scores .5, .6, .7. Row 0: .4, .9; row 1: .1, .2; row 2: .0, .55.
SCORES = torch.tensor([[0.5, 0.4, 0.9], [0.1, 0.6, 0.2], [0.0, 0.55, 0.7]])


def test_hardest_negatives_by_hand() -> None:
    """Images: .2 + .9 - .5, 0, .2 + .55 - .7. Texts: 0, .2 + .55 - .6, .2 + .9 - .7."""
    images, texts = (0.6 + 0 + 0.05) / 3, (0 + 0.15 + 0.4) / 3
    assert triplet_loss(SCORES, 0.2).item() == pytest.approx((images + texts) / 2, abs=1e-6)


def test_mean_over_negatives_by_hand() -> None:
    """Images: (.1 + .6) / 2, 0, .05 / 2. Texts: 0, (0 + .15) / 2, .4 / 2."""
    images, texts = (0.35 + 0 + 0.025) / 3, (0 + 0.075 + 0.2) / 3
    loss = triplet_loss(SCORES, 0.2, hardest=False)
    assert loss.item() == pytest.approx((images + texts) / 2, abs=1e-6)


@pytest.mark.parametrize("hardest", [True, False])
def test_other_texts_of_the_same_image_are_no_negatives(hardest: bool) -> None:
    same = torch.eye(3, dtype=torch.bool)
    same[0, 2] = same[2, 0] = True
    same[1, 2] = same[2, 1] = True
    # left: .4 for image 0 and .1 for image 1, and for text 1 .4 and for text 0 .1
    loss = triplet_loss(SCORES, 0.2, hardest, same).item()
    assert loss == pytest.approx(0.1 / 3 / 2, abs=1e-6)


@pytest.mark.parametrize("hardest", [True, False])
def test_one_pair_has_no_loss(hardest: bool) -> None:
    scores = torch.tensor([[0.1]], requires_grad=True)
    loss = triplet_loss(scores, 0.2, hardest)
    loss.backward()
    assert loss.item() == 0 and torch.isfinite(scores.grad).all()


def test_scores_must_be_square() -> None:
    with pytest.raises(HicalmError, match=r"not \(2, 3\)"):
        triplet_loss(SCORES[:2], 0.2)
