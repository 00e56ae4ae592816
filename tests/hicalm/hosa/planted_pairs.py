"""Images and texts in memory, each text a part of its image with noise."""

import numpy as np
import torch
from torch import Tensor

from hicalm.hosa.nodes import pad_rows

WIDTH = 6
TEXTS = 2  # of an image


class PlantedPairs:
    """``region_pairs.Pairs`` of images with two to four regions and texts of one to three words."""

    def __init__(self, images: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.images, self.image_of = images, np.repeat(np.arange(images), TEXTS)
        self._regions = [rng.normal(size=(rng.integers(2, 5), WIDTH)) for _ in range(images)]
        noisy = [image + 0.3 * rng.normal(size=image.shape) for image in self._regions]
        self._words = [noisy[image][: rng.integers(1, 4)] for image in self.image_of]

    def regions(self, images: np.ndarray) -> tuple[Tensor, Tensor]:
        return _padded([self._regions[image] for image in images])

    def words(self, texts: np.ndarray) -> tuple[Tensor, Tensor]:
        return _padded([self._words[text] for text in texts])


def _padded(items: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    counts = torch.tensor([len(item) for item in items])
    return pad_rows(torch.tensor(np.concatenate(items), dtype=torch.float32), counts), counts
