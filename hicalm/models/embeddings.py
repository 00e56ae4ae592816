"""What the encoders return, and the standardisation of their inputs."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from hicalm.data.rows import Rows

# A feature that never varies is divided by this instead of by zero.
MINIMUM_DEVIATION = 1e-6
BLOCK = 8192  # rows read at once


class TextEmbedding(NamedTuple):
    """Vectors of B descriptions; rooms leave the introduction out."""

    museum: Tensor  # (B, H)
    room: Tensor  # (room paragraphs, H), in the order of the paragraphs


class TextLevels(NamedTuple):
    """Vectors of B descriptions at all levels that are compared; rooms leave the introduction out.

    A sentence alone is a paragraph of one sentence, as a view alone is a room of one view, unless
    the model has maps of their details.
    """

    museum: Tensor  # (B, H)
    room: Tensor  # (room paragraphs, H), in the order of the paragraphs
    sentence: Tensor  # (ΣS, H or detail), those of introductions too


class VisionEmbedding(NamedTuple):
    """Vectors of B museums with ΣR rooms and ΣV views."""

    museum: Tensor  # (B, H)
    room: Tensor  # (ΣR, H)
    view: Tensor  # (ΣV, H): image level
    view_room: Tensor  # (ΣV, H or detail): each view alone through the room head, as a room of one
    # view, or through the map of its details


class Standardise(nn.Module):
    """Subtract a mean and divide by a deviation, feature by feature; the identity until fitted."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))

    @torch.no_grad()
    def fit(self, rows: Rows | Tensor) -> None:
        """Take mean and deviation from features (N, D) of the training split, block by block."""
        total = squares = torch.zeros(len(self.mean), dtype=torch.double)
        for start in range(0, len(rows), BLOCK):
            block = torch.as_tensor(rows[start : start + BLOCK]).double()
            total, squares = total + block.sum(dim=0), squares + block.square().sum(dim=0)
        mean = total / len(rows)
        deviation = (squares / len(rows) - mean.square()).clamp_min(0).sqrt()
        self.mean.copy_(mean)
        # a constant feature would be divided by zero
        self.deviation.copy_(deviation.clamp_min(MINIMUM_DEVIATION))

    def forward(self, rows: Tensor) -> Tensor:
        """Standardise features (N, D)."""
        rows = rows.float()
        if not self.mean.any() and bool((self.deviation == 1).all()):
            return rows  # never fitted: two passes over the features less
        return (rows - self.mean).div_(self.deviation)
