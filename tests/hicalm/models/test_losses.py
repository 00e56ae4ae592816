"""The losses, against the published numbers and by hand."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.errors import HicalmError
from hicalm.models.losses import HingeLoss, InfoNCE, hinge_loss

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
