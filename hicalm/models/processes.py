"""The processes that train one model together: each encodes some rows of a batch, all compare all.

Each of W processes has its own copy of the loss, so what all of them have of its gradient adds up
to W times the gradient of one process, and DDP takes the mean over the processes. With one process
nothing here does anything.
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


def process_count() -> int:
    """Return how many processes train together; 1 for a process alone."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def process_number() -> int:
    """Return the number of this process, from 0; the first one alone writes and prints."""
    return dist.get_rank() if process_count() > 1 else 0


def gather_rows(rows: Tensor) -> Tensor:
    """Return the rows (n, ...) of all processes, in the order of these: (Σn, ...).

    The gradient of a process's rows is the sum of those that all processes have of them. Each may
    have another number of rows, none too; all must call this, as often and in the same order.
    """
    return _Gathered.apply(rows) if process_count() > 1 else rows


def gather_columns(similarity: Tensor) -> Tensor:
    """Return the columns (T, n) of all processes side by side, (T, Σn), as ``gather_rows``."""
    return gather_rows(similarity.T).T


class _Gathered(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        first, total = _place(len(rows))
        ctx.own = slice(first, first + len(rows))
        # a sum of what each has at its own place: other than `all_gather`, it takes unequal numbers
        whole = rows.new_zeros(total, *rows.shape[1:])
        whole[ctx.own] = rows
        dist.all_reduce(whole)
        return whole

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        whole = gradients[0].clone(memory_format=torch.contiguous_format)
        dist.all_reduce(whole)
        return whole[ctx.own]


class RowDropout(nn.Dropout):
    """Dropout of rows (n, D) whose zeros do not depend on which process has which rows.

    Each process, seeded alike, draws those of all rows and takes its own.
    """

    def forward(self, rows: Tensor) -> Tensor:
        """Set some features of rows (n, D) to zero in training, as ``nn.Dropout``."""
        if not self.training or not self.p or process_count() == 1:
            return super().forward(rows)
        first, total = _place(len(rows))
        kept = super().forward(rows.new_ones(total, *rows.shape[1:]))
        return rows * kept[first : first + len(rows)]


def _place(rows: int) -> tuple[int, int]:
    """Return where this process's rows begin among those of all, and how many all have."""
    counts = torch.zeros(process_count(), dtype=torch.long)
    counts[process_number()] = rows
    dist.all_reduce(counts)  # on the CPU: its values are needed here
    return int(counts[: process_number()].sum()), int(counts.sum())
