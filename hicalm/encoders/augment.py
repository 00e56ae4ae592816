"""Pictures into network input, and the random changes that training makes to them first."""

import numpy as np
import torch
import torch.nn.functional as F

MEAN, STD = 0.5, 0.25  # of pixel values 0..1, the same for every channel


def to_input(pictures: np.ndarray, size: tuple[int, int]) -> torch.Tensor:
    """Turn uint8 pictures (N, h, w, 3) into network input (N, 3, *size), squashing the aspect."""
    batch = torch.from_numpy(pictures).permute(0, 3, 1, 2).float()
    if batch.shape[-2:] != torch.Size(size):
        batch = F.interpolate(batch, size, mode="bilinear", antialias=True)
    return ((batch / 255 - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def mirror_and_crop(pictures: np.ndarray, rng: np.random.Generator, smallest: float) -> np.ndarray:
    """Mirror half of the pictures (N, h, w, 3) and crop all to one random window (N, h', w', 3).

    Args:
        smallest: least share of each side that the window keeps, 0..1.
    """
    mirrored = rng.random(len(pictures)) < 0.5
    pictures = np.where(mirrored[:, None, None, None], pictures[:, :, ::-1], pictures)
    height, width = pictures.shape[1:3]
    h, w = (round(side * rng.uniform(smallest, 1)) for side in (height, width))
    top, left = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    return np.ascontiguousarray(pictures[:, top : top + h, left : left + w])
