"""The losses, against the published numbers and by hand."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.errors import HicalmError
from hicalm.models.losses import HingeLoss, InfoNCE, ScoreLoss, hinge_loss, late_interaction

PUBLISHED = np.load(Path(__file__).parents[1] / "golden" / "loss.npz")


@pytest.mark.parametrize("size", [2, 3, 5, 64])
def test_hinge_equals_the_published_loss(size: int) -> None:
    similarity = torch.tensor(PUBLISHED[f"sim_{size}"], requires_grad=True)
    loss = hinge_loss(similarity)
    loss.backward()
    assert loss.item() == pytest.approx(float(PUBLISHED[f"loss_{size}"]), abs=1e-6)
    np.testing.assert_allclose(similarity.grad, PUBLISHED[f"grad_{size}"], atol=1e-6)
    other_margin = hinge_loss(similarity, 0.1).item()
    assert other_margin == pytest.approx(float(PUBLISHED[f"loss_margin0.1_{size}"]), abs=1e-6)
    margins = torch.tensor(PUBLISHED[f"margin_{size}"])
    expected = float(PUBLISHED[f"loss_margin_tensor_{size}"])
    assert hinge_loss(similarity, margins).item() == pytest.approx(expected, abs=1e-6)


def test_infonce_by_hand() -> None:
    loss = InfoNCE(temperature=1.0)(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)


@pytest.mark.parametrize("loss", [HingeLoss(), InfoNCE()])
def test_one_pair_has_no_loss(loss: torch.nn.Module) -> None:
    similarity = torch.tensor([[-0.3]], requires_grad=True)
    result = loss(similarity)
    result.backward()
    assert result.item() == 0
    assert torch.isfinite(similarity.grad).all()


@pytest.mark.parametrize("loss", [HingeLoss(), InfoNCE()])
def test_pairs_that_match_too_are_left_out(loss: torch.nn.Module) -> None:
    similarity = torch.tensor([[0.5, 0.9, -1.0], [0.9, 0.5, -1.0], [-1.0, -1.0, 0.5]])
    duplicate = torch.zeros(3, 3, dtype=torch.bool)
    duplicate[0, 1] = duplicate[1, 0] = True
    assert loss(similarity).item() > 0.1
    assert loss(similarity, duplicate).item() == pytest.approx(0, abs=1e-6)


def test_the_scale_is_clamped() -> None:
    loss = InfoNCE()
    with torch.no_grad():
        loss.log_scale.fill_(50.0)
    similarity = torch.tensor([[0.0, 0.01], [0.01, 0.0]])
    assert loss(similarity).item() == pytest.approx(math.log(1 + math.e), abs=1e-5)


def test_a_matrix_that_is_not_square_is_refused() -> None:
    with pytest.raises(HicalmError, match=r"square similarity matrix, not \(2, 3\)"):
        hinge_loss(torch.zeros(2, 3))


def test_late_interaction_by_hand() -> None:
    views = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])  # of museums of two views and one
    sentences = torch.tensor([[3.0, 4.0], [0.0, 2.0], [5.0, 0.0]])  # of texts of one and of two
    found = late_interaction(sentences, torch.tensor([1, 2]), views, torch.tensor([2, 1]))
    torch.testing.assert_close(found, torch.tensor([[0.8, -0.6], [1.0, -0.5]]))


def test_ragged_late_interaction_is_the_padded_one() -> None:
    torch.manual_seed(0)
    sentence_counts, view_counts = torch.tensor([3, 1, 4, 2]), torch.tensor([2, 5, 1, 1])
    sentences = torch.randn(10, 6, requires_grad=True)
    views = torch.randn(9, 6, requires_grad=True)
    found = late_interaction(sentences, sentence_counts, views, view_counts)
    weights = torch.randn(4, 4)
    gradients = torch.autograd.grad((found * weights).sum(), (sentences, views))
    texts, museums = (
        torch.nn.utils.rnn.pad_sequence(rows.split(counts.tolist()), batch_first=True)
        for rows, counts in ((sentences, sentence_counts), (views, view_counts))
    )
    texts, museums = (torch.nn.functional.normalize(rows, dim=2) for rows in (texts, museums))
    cosines = torch.einsum("tsh,bvh->tbsv", texts, museums)
    there = torch.arange(museums.shape[1]) < view_counts[:, None]
    said = torch.arange(texts.shape[1]) < sentence_counts[:, None]
    best = cosines.masked_fill(~there[None, :, None], -torch.inf).max(dim=3).values
    padded = (best * said[:, None]).sum(dim=2) / sentence_counts[:, None]
    torch.testing.assert_close(found, padded)
    expected = torch.autograd.grad((padded * weights).sum(), (sentences, views))
    torch.testing.assert_close(gradients, expected)


def test_late_interaction_has_the_gradient_of_its_best_views() -> None:
    torch.manual_seed(1)
    sentences = torch.randn(3, 4, dtype=torch.double, requires_grad=True)
    views = torch.randn(5, 4, dtype=torch.double, requires_grad=True)
    counts = torch.tensor([1, 2]), torch.tensor([3, 2])
    assert torch.autograd.gradcheck(
        lambda text, view: late_interaction(text, counts[0], view, counts[1]), (sentences, views)
    )


def test_a_score_is_the_sum_of_its_scaled_levels() -> None:
    loss = ScoreLoss(("museum", "view"), temperature=0.5)
    by_level = {
        "museum": torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
        "room": torch.full((2, 2), torch.nan),  # plays no part
        "view": torch.tensor([[0.5, 0.5], [0.0, 0.5]]),
    }
    # logits by hand: [[3, 1], [0, 3]]
    rows = math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-3))
    columns = math.log(1 + math.exp(-3)) + math.log(1 + math.exp(-2))
    assert loss(by_level).item() == pytest.approx((rows + columns) / 4, abs=1e-6)
    assert loss.weights() == {"museum": 0.5, "view": 0.5}
    with torch.no_grad():
        loss.log_scales["view"].fill_(math.log(6))
    assert loss.weights() == pytest.approx({"museum": 0.25, "view": 0.75})
