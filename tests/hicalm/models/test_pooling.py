"""Pooling of rows, against plain loops and PyTorch's own."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence

from hicalm.models import gru
from hicalm.models.pooling import AttentionPooling, GRUPooling


@pytest.mark.parametrize("bidirectional", [True, False])
def test_the_stepped_gru_and_its_gradient_equal_packed_gru(bidirectional: bool) -> None:
    torch.manual_seed(0)
    pooling = GRUPooling(4, 3, bidirectional)
    counts = torch.tensor([2, 5, 1, 5])
    rows = torch.randn(13, 4, requires_grad=True)
    groups = rows.split(counts.tolist())
    packed = pooling.gru(pack_sequence(groups, enforce_sorted=False))[1].mean(dim=0)
    expected = torch.autograd.grad(packed.square().sum(), [rows, *pooling.parameters()])
    result = pooling(rows, counts)
    gradients = torch.autograd.grad(result.square().sum(), [rows, *pooling.parameters()])
    torch.testing.assert_close(result, packed, atol=1e-6, rtol=0)
    for gradient, wanted in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, wanted, atol=1e-5, rtol=0)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_groups_of_the_same_rows_are_encoded_as_each_by_itself(
    bidirectional: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    pooling, rows = GRUPooling(4, 3, bidirectional), torch.randn(5, 4)
    groups = [[0, 1, -1], [0, 1, 2], [-1, 3, -1], [0, -1, 2], [0, 1, 2], [4, 4, 4], [-1, -1, 2]]
    kept = [[row for row in group if row >= 0] for group in groups]
    steps = []
    step = gru._step
    monkeypatch.setattr(
        gru, "_step", lambda rows, *rest: steps.append(len(rows)) or step(rows, *rest)
    )
    with torch.no_grad():
        found = pooling.of_choices(rows, torch.tensor(groups))
        assert steps[:3] == [2, 3, 4]  # 0, 4; 01, 44, 3; 012, 02, 444, 2
        each = [pooling(rows[group], torch.tensor([len(group)]))[0] for group in kept]
    torch.testing.assert_close(found, torch.stack(each), atol=1e-6, rtol=0)


def test_attention_pooling_equals_plain_loops_in_any_order() -> None:
    torch.manual_seed(0)
    pooling = AttentionPooling(4, 3)
    with torch.no_grad():
        pooling.score.weight.mul_(300)  # a softmax that overflows without care
        groups = [torch.randn(size, 4) for size in (3, 1, 5)]
        expected = []
        for group in groups:
            rows = torch.relu(pooling.row_layer(group))
            attended = torch.softmax(pooling.score(rows)[:, 0], 0) @ rows
            pools = torch.cat([attended, rows.mean(dim=0), rows.max(dim=0).values])
            expected.append(pooling.linear(pools))
        counts = torch.tensor([3, 1, 5])
        result = pooling(torch.cat(groups), counts)
        torch.testing.assert_close(result, torch.stack(expected), atol=1e-5, rtol=0)
        turned = pooling(torch.cat([group.flip(0) for group in groups]), counts)
        torch.testing.assert_close(turned, result, atol=1e-5, rtol=0)


@settings(max_examples=25)
@given(counts=st.lists(st.integers(1, 9), min_size=1, max_size=8), seed=st.integers(0, 1000))
def test_the_gradient_of_the_gru_is_that_of_pytorch(counts: list[int], seed: int) -> None:
    torch.manual_seed(seed)
    pooling = GRUPooling(5, 4).double()
    groups = [torch.randn(n, 5, dtype=torch.double, requires_grad=True) for n in counts]
    wanted = torch.randn(len(counts), 4, dtype=torch.double)
    weights = list(pooling.parameters())

    def derivatives(found: Tensor) -> list[Tensor]:
        return list(torch.autograd.grad((found * wanted).sum(), [*weights, *groups]))

    ours = derivatives(pooling(torch.cat(groups), torch.tensor(counts)))
    packed = pack_sequence(groups, enforce_sorted=False)
    theirs = derivatives(pooling.gru(packed)[1].mean(dim=0))
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other)
