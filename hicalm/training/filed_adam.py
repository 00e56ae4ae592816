"""Adam for models whose moments would need more memory than everything else of their training.

For each weight Adam keeps two numbers, its moments. Here those of large matrices lie in files,
which go with the process, and are in memory only while their own matrix moves. The numbers are
Adam's.
"""

import mmap
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

LARGE = 1_000_000  # numbers of a weight whose moments lie in a file
MANY = 1_000_000_000  # bytes of moments from which on they do


def moments_size(weights: Iterable[Tensor]) -> int:
    """Return how many bytes the moments of weights have, in single precision."""
    return sum(2 * 4 * weight.numel() for weight in weights)


class FiledAdam(torch.optim.Adam):
    """Adam with the moments of large weights, on the CPU, in files without a name in ``folder``."""

    def __init__(self, weights: Iterable[nn.Parameter], rate: float, folder: Path) -> None:
        super().__init__(weights, rate)
        self._files: dict[nn.Parameter, mmap.mmap] = {}
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.numel() >= LARGE:
                    self._lay_down(weight, folder)

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Move one weight after the other. ``closure`` must be None: gradients are there."""
        groups = self.param_groups
        try:
            for group in groups:
                for weight in group["params"]:
                    self.param_groups = [group | {"params": [weight]}]
                    super().step()
                    self._leave(weight)
        finally:
            self.param_groups = groups

    def load_state_dict(self, state_dict: Any) -> None:
        """Take the moments that were saved, into the files."""
        filed = {weight: self.state[weight] for weight in self._files}
        super().load_state_dict(state_dict)
        for weight, own in filed.items():
            for name, value in self.state[weight].items():
                own[name].copy_(value)
            self.state[weight] = own
            self._leave(weight)

    def _lay_down(self, weight: nn.Parameter, folder: Path) -> None:
        size = weight.numel() * 4
        with tempfile.TemporaryFile(dir=folder) as file:
            file.truncate(2 * size)  # of zeros
            self._files[weight] = mapped = mmap.mmap(file.fileno(), 2 * size)
        mean, square = (
            torch.frombuffer(mapped, dtype=torch.float32, count=weight.numel(), offset=offset)
            for offset in (0, size)
        )
        self.state[weight] = {
            "step": torch.tensor(0.0),
            "exp_avg": mean.view_as(weight),
            "exp_avg_sq": square.view_as(weight),
        }

    def _leave(self, weight: nn.Parameter) -> None:
        """Let the moments of a weight leave the memory of this process; the file keeps them."""
        if weight in self._files and hasattr(mmap, "MADV_DONTNEED"):
            self._files[weight].madvise(mmap.MADV_DONTNEED)
