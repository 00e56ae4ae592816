"""What HOSA learns and is judged on: images in regions, texts in words, and which belong."""

from typing import Protocol

import numpy as np
from torch import Tensor


class Pairs(Protocol):
    """Images and their texts, read a few at a time.

    Attributes:
        images: how many images there are.
        image_of: (T,) int64, the image of every text, in 0..images - 1; every image has a text.
    """

    images: int
    image_of: np.ndarray

    def regions(self, images: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return features of images (n,), by their numbers: float32 (n, R, D_r), counts (n,)."""

    def words(self, texts: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return the words of texts (n,): float32 (n, W, D_w) or int64 (n, W), and counts (n,)."""
