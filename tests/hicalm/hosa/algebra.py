"""What the algebra of the t-product has and only its tests need."""

import torch
from torch import Tensor


def t_identity(size: int, length: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return the identity (size, size, length): the first frontal slice is I, the others are 0."""
    identity = torch.zeros(size, size, length, dtype=dtype)
    identity[:, :, 0] = torch.eye(size, dtype=dtype)
    return identity
