"""Adam for models whose moments would need more memory than everything else of their training.

For each weight Adam keeps two numbers, its moments. Here those of large matrices lie in files,
which go with the process, and are in memory only while their own matrix moves. The numbers are
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

LARGE = 1_000_000  # numbers of a weight whose moments lie in a file
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

    def leave(self) -> None:
        """Let all moments in files leave the memory of this process; the files keep them."""
        for weight in self._files:
            self._leave(weight)

    def _leave(self, weight: nn.Parameter) -> None:
        if weight in self._files and hasattr(mmap, "MADV_DONTNEED"):
            self._files[weight].madvise(mmap.MADV_DONTNEED)
