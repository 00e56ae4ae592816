"""The t-product against its definition by block-circulant matrices, in float64."""

import pytest
import torch
from torch import Tensor

from hicalm.errors import HicalmError
from hicalm.hosa.tproduct import (
    real_slices,
    slice_shares,
    t_normalise,
    t_product,
    t_transpose,
    to_tubes,
)
from tests.hicalm.hosa.algebra import t_identity

LENGTHS = [1, 2, 3, 4, 7, 8]


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def block_circulant(tensor: Tensor) -> Tensor:
    """The matrix (n c, m c) whose block (i, j) is the frontal slice i - j modulo c."""
    length = tensor.shape[2]
    rows = [[tensor[:, :, (i - j) % length] for j in range(length)] for i in range(length)]
    return torch.cat([torch.cat(row, dim=1) for row in rows])


def by_definition(first: Tensor, second: Tensor) -> Tensor:
    """Fold(circ(A) unfold(B)); unfolding puts the frontal slices below each other."""
    length = first.shape[2]
    unfolded = torch.cat([second[:, :, k] for k in range(length)])
    return torch.stack((block_circulant(first) @ unfolded).chunk(length), dim=2)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("length", LENGTHS)
def test_product_and_gradients_are_those_of_the_block_circulant_matrix(length: int) -> None:
    first = random(3, 4, length).requires_grad_()
    second = random(4, 2, length).requires_grad_()
    weight = random(3, 2, length)
    expected = by_definition(first, second)
    torch.testing.assert_close(t_product(first, second), expected)
    wanted = torch.autograd.grad((expected * weight).sum(), (first, second))
    found = torch.autograd.grad((t_product(first, second) * weight).sum(), (first, second))
    torch.testing.assert_close(found, wanted)


def test_a_product_by_hand() -> None:
    """Tubes (1, 2) and (3, 4): their circular convolution is (1*3 + 2*4, 1*4 + 2*3)."""
    first, second = torch.tensor([[[1.0, 2.0]]]), torch.tensor([[[3.0, 4.0]]])
    torch.testing.assert_close(t_product(first, second), torch.tensor([[[11.0, 10.0]]]))


@pytest.mark.parametrize("length", LENGTHS)
def test_transpose_and_identity_belong_to_the_product(length: int) -> None:
    first, second = random(3, 4, length), random(4, 2, length)
    turned = t_product(t_transpose(second), t_transpose(first))
    torch.testing.assert_close(t_transpose(t_product(first, second)), turned)
    torch.testing.assert_close(block_circulant(t_transpose(first)), block_circulant(first).T)
    torch.testing.assert_close(t_product(t_identity(3, length, torch.float64), first), first)


@pytest.mark.parametrize("length", LENGTHS)
def test_normalised_rows_give_the_identity_tube(length: int) -> None:
    row = t_normalise(random(1, 5, length))
    square = t_product(row, t_transpose(row))
    torch.testing.assert_close(square, t_identity(1, length, torch.float64))
    assert row.norm().item() == pytest.approx(1)


def test_a_zero_row_stays_zero_with_finite_gradients() -> None:
    row = torch.zeros(2, 3, 4, requires_grad=True)
    normal = t_normalise(row)
    normal.sum().backward()
    assert not normal.any() and torch.isfinite(row.grad).all()


@pytest.mark.parametrize("length", LENGTHS)
def test_slices_keep_dot_products(length: int) -> None:
    first, second = random(6, 5, length), random(6, 5, length)
    shares = slice_shares(length)
    by_slice = (real_slices(first) * real_slices(second)).sum(dim=-1) @ shares
    torch.testing.assert_close(by_slice, (first * second).sum(dim=(1, 2)))
    assert shares.sum().item() == pytest.approx(1)


def test_half_precision_is_transformed_in_single() -> None:
    first = torch.ones(1, 1, 4, dtype=torch.bfloat16)
    assert t_product(first, first).dtype == torch.float32


def test_sizes_that_do_not_fit() -> None:
    with pytest.raises(HicalmError, match=r"not \(3, 4, 2\) and \(3, 4, 2\)"):
        t_product(random(3, 4, 2), random(3, 4, 2))
    with pytest.raises(HicalmError, match=r"not \(3, 4, 2\) and \(4, 3, 3\)"):
        t_product(random(3, 4, 2), random(4, 3, 3))
    with pytest.raises(HicalmError, match="width 10 cannot be read as tubes of length 4"):
        to_tubes(random(2, 10), 4)
