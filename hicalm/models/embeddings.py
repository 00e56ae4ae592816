"""What the towers return, and the standardisation of their inputs."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

# A feature that never varies is divided by this instead of by zero.
MINIMUM_DEVIATION = 1e-6


class TextEmbedding(NamedTuple):
    """Vectors of B descriptions; rooms leave the introduction out."""

    museum: Tensor  # (B, H)
    room: Tensor  # (room paragraphs, H), in the order of the paragraphs


class VisionEmbedding(NamedTuple):
    """Vectors of B museums with ΣR rooms and ΣV views."""

    museum: Tensor  # (B, H)
    room: Tensor  # (ΣR, H)
    view: Tensor  # (ΣV, H): image level
    view_room: Tensor  # (ΣV, H): each view alone through the room head, as a room of one view


class Standardise(nn.Module):
    """Subtract a mean and divide by a deviation, feature by feature; the identity until fitted."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))

    @torch.no_grad()
    def fit(self, rows: Tensor) -> None:
        """Take mean and deviation from features (N, D) of the training split."""
        deviation, mean = torch.std_mean(rows.float(), dim=0, correction=0)
        self.mean.copy_(mean)
        # a constant feature would be divided by zero
        self.deviation.copy_(deviation.clamp_min(MINIMUM_DEVIATION))

    def forward(self, rows: Tensor) -> Tensor:
        """Standardise features (N, D)."""
        return (rows.float() - self.mean) / self.deviation
