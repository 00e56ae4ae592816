"""Adam for models whose moments would need more memory than everything else of their training.

For each weight Adam keeps two numbers, its moments. Here those of large matrices lie in files,
which go with the process, and are in memory only while their own numbers move. The numbers are
Adam's.
"""

import ctypes
import gc
import mmap
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from hicalm.files import lay_down

LARGE = 1_000_000  # numbers of a weight whose moments lie in a file
PIECE = 1 << 20  # numbers of such a weight that move at once
MANY = 1_000_000_000  # bytes of moments from which on they do
# Parameters of glibc's mallopt: what becomes a block of its own, how many there may be, and how
# much that is free at the end of the heap stays.
_OWN_BLOCKS = {-3: 1 << 20, -4: 1 << 16, -1: 1 << 20}


def moments_size(weights: Iterable[Tensor]) -> int:
    """Return how many bytes the moments of weights have, in single precision."""
    return sum(2 * 4 * weight.numel() for weight in weights)


def keep_no_freed_memory() -> None:
    """Let glibc give the memory of every large array back to the system as soon as it is freed.

    The command line lets it be kept (``hicalm.cli.options``), which is quicker; but the holes
    between matrices of a hundred megabytes are gigabytes.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library, or none
        library = ctypes.CDLL(None)
        for parameter, value in _OWN_BLOCKS.items():
            library.mallopt(parameter, value)
    return_free_memory()


def return_free_memory() -> None:
    """Give what is free now back to the system, holes between blocks that are not free too."""
    gc.collect()  # an optimiser and its schedule hold each other, and so a model's weights
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


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
        """Move all weights. ``closure`` must be None: gradients are there."""
        groups = self.param_groups
        small = [[one for one in own["params"] if one not in self._files] for own in groups]
        try:
            self.param_groups = [
                own | {"params": weights} for own, weights in zip(groups, small, strict=True)
            ]
            super().step()
        finally:
            self.param_groups = groups
        for group in groups:
            for weight in group["params"]:
                if weight in self._files and weight.grad is not None:
                    self._move(weight, group)

    @torch.no_grad()
    def _move(self, weight: nn.Parameter, group: dict[str, Any]) -> None:
        """Move a weight piece by piece: of each number its own moments alone play a part."""
        assert weight.grad is not None
        state, (beta1, beta2) = self.state[weight], group["betas"]
        parts = (weight, weight.grad, state["exp_avg"], state["exp_avg_sq"])
        pieces = zip(*(part.reshape(-1).split(PIECE) for part in parts), strict=True)
        for own, gradient, mean, square in pieces:
            adam(
                [own],
                [gradient],
                [mean],
                [square],
                [],
                [state["step"].clone()],
                foreach=False,
                amsgrad=False,
                beta1=beta1,
                beta2=beta2,
                lr=group["lr"],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                maximize=False,
            )
            self._leave(weight)
        state["step"] += 1

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
            lay_down(file, 2 * size)
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

    def leave(self) -> None:
        """Let all moments in files leave the memory of this process; the files keep them."""
        for weight in self._files:
            self._leave(weight)

    def _leave(self, weight: nn.Parameter) -> None:
        if weight in self._files and hasattr(mmap, "MADV_DONTNEED"):
            self._files[weight].madvise(mmap.MADV_DONTNEED)
