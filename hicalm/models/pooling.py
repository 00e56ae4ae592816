"""Encoders of ordered ragged sequences: flat rows (N, D) and counts (G,) -> (G, H).

`rnn` is the mean of the two final hidden states of a bidirectional GRU, `monornn` the final state
of a GRU in one direction, `avg` the mean followed by a Linear layer (HierArtEx), `mean` the plain
mean. All take the rows in order and never see padding.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from hicalm.errors import HicalmError
from hicalm.models.gru import final_states, states_of_choices
from hicalm.ragged import offsets, segment_ids, segment_max, segment_mean, segment_sum

SEQUENCE_KINDS = ("rnn", "monornn", "avg", "mean")


def _time_major(counts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the order in which a packed sequence wants the rows.

    For groups sorted by falling length: the row of each (time, group) pair (N,), the number of
    groups still running at each time (L,) on the CPU, and the sorted groups (G,).
    """
    ordered = torch.argsort(counts, descending=True, stable=True)
    lengths = counts[ordered]
    longest = torch.arange(int(lengths[0]), device=counts.device)
    running = longest.unsqueeze(1) < lengths.unsqueeze(0)
    rows = (offsets(counts)[:-1][ordered].unsqueeze(0) + longest.unsqueeze(1))[running]
    return rows, running.sum(dim=1).cpu(), ordered


def _reversed_rows(counts: Tensor) -> Tensor:
    """Return the index (N,) that turns every group's rows around."""
    starts = offsets(counts)
    group = segment_ids(counts)
    return starts[:-1][group] + starts[1:][group] - 1 - torch.arange(len(group)).to(counts.device)


class GRUPooling(nn.Module):
    """A GRU over each group; the mean over its directions of the final hidden states."""

    def __init__(self, width: int, hidden: int, bidirectional: bool = True) -> None:
        super().__init__()
        self.gru = nn.GRU(width, hidden, bidirectional=bidirectional)

    def forward(self, rows: Tensor, counts: Tensor) -> Tensor:
        """Encode rows (N, D) in groups of ``counts`` (G,), each at least 1: -> (G, H)."""
        order, running, groups = _time_major(counts)
        if rows.is_cuda:
            sequence = PackedSequence(rows[order], running)
            final = self.gru(sequence)[1].mean(dim=0)
        else:
            final = self._stepped(rows, counts, order, running)
        return final[torch.argsort(groups)]

    def of_choices(self, rows: Tensor, chosen: Tensor) -> Tensor:
        """Encode groups that have many rows in common: rows (N, D), chosen (G, L) -> (G, H).

        ``chosen`` are the rows of each group in their order, with -1 anywhere between them; each
        group has at least one.
        """
        final = states_of_choices(*self._weighed("", rows), chosen.T)
        if not self.gru.bidirectional:
            return final
        backward = states_of_choices(*self._weighed("_reverse", rows), chosen.T.flip(0))
        return (final + backward) / 2

    def _stepped(self, rows: Tensor, counts: Tensor, order: Tensor, running: Tensor) -> Tensor:
        """Do what nn.GRU does, in less time on a CPU (see ``gru``)."""
        sizes = running.tolist()
        final = final_states(*self._weighed("", rows[order]), sizes)
        if not self.gru.bidirectional:
            return final
        turned = rows[_reversed_rows(counts)[order]]
        backward = final_states(*self._weighed("_reverse", turned), sizes)
        return (final + backward) / 2

    def _weighed(self, suffix: str, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return rows times a direction's input weights, and its weights of the state."""
        weights = [
            getattr(self.gru, f"{name}_l0{suffix}")
            for name in ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
        ]
        return nn.functional.linear(rows, weights[0], weights[1]), weights[2], weights[3]


class MeanPooling(nn.Module):
    """The mean of each group, then a Linear layer if asked for."""

    def __init__(self, width: int, hidden: int, linear: bool) -> None:
        super().__init__()
        if not linear and width != hidden:
            raise HicalmError(f"A plain mean keeps the width: {width} cannot become {hidden}.")
        self.linear: nn.Module = nn.Linear(width, hidden) if linear else nn.Identity()

    def forward(self, rows: Tensor, counts: Tensor) -> Tensor:
        """Average rows (N, D) in groups of ``counts`` (G,): -> (G, H)."""
        return self.linear(segment_mean(rows, counts))


class AttentionPooling(nn.Module):
    """Linear, ReLU per row; a group's mean by learned weights, its mean and its maximum; Linear.

    The weights are a softmax over the group of one score a row. The order of rows plays no part.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.row_layer = nn.Linear(width, hidden)
        self.score = nn.Linear(hidden, 1)
        self.linear = nn.Linear(3 * hidden, hidden)

    def forward(self, rows: Tensor, counts: Tensor) -> Tensor:
        """Encode rows (N, D) in groups of ``counts`` (G,), each at least 1: -> (G, H)."""
        return self.pool(self.encode_rows(rows), counts)

    def encode_rows(self, rows: Tensor) -> Tensor:
        """Encode each row by itself: (N, D) -> (N, H)."""
        return torch.relu(self.row_layer(rows))

    def pool(self, rows: Tensor, counts: Tensor) -> Tensor:
        """Pool encoded rows (N, H) in groups of ``counts`` (G,): -> (G, H)."""
        score, group = self.score(rows), segment_ids(counts)
        share = (score - segment_max(score, counts)[group]).exp()  # softmax without overflow
        attended = segment_sum(share * rows, counts) / segment_sum(share, counts)
        pools = [attended, segment_mean(rows, counts), segment_max(rows, counts)]
        return self.linear(torch.cat(pools, dim=1))

    def pool_alone(self, rows: Tensor) -> Tensor:
        """Pool each encoded row (N, H) as a group of its own, whose three pools are itself."""
        weight = self.linear.weight.unflatten(1, (3, -1)).sum(dim=1)
        return nn.functional.linear(rows, weight, self.linear.bias)

    def pool_subsets(self, rows: Tensor, present: Tensor) -> Tensor:
        """Pool subsets of the encoded rows (V, H) of one group: present (N, V) bool -> (N, H).

        Each subset has at least one row. It is what ``pool`` makes of the rows that are there.
        """
        score = self.score(rows).T.masked_fill(~present, float("-inf"))  # (N, V)
        mask = present.to(rows.dtype)
        largest = rows.new_zeros(len(present), rows.shape[1])  # encoded rows are never below zero
        for row, there in zip(rows, mask.T, strict=True):
            largest = torch.maximum(largest, there.unsqueeze(1) * row)
        mean = (mask @ rows) / mask.sum(dim=1, keepdim=True)
        return self.linear(torch.cat([score.softmax(dim=1) @ rows, mean, largest], dim=1))


def make_pooling(kind: str, width: int, hidden: int) -> GRUPooling | MeanPooling:
    """Return the sequence encoder called ``kind``; HicalmError lists the valid names."""
    if kind in ("rnn", "monornn"):
        return GRUPooling(width, hidden, bidirectional=kind == "rnn")
    if kind in ("avg", "mean"):
        return MeanPooling(width, hidden, linear=kind == "avg")
    raise HicalmError(f"Unknown sequence encoder {kind!r}: choose one of {SEQUENCE_KINDS}.")
