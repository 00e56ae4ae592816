"""Small videos."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np


def film(path: Path, shades: Iterable[int], size: tuple[int, int] = (64, 48)) -> Path:
    """Write a video of a frame of each shade of grey, 0 to 255, in the way of its ending."""
    kind = {".avi": "MJPG", ".webm": "VP80"}.get(path.suffix.lower(), "mp4v")
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*kind), 25, size)
    assert writer.isOpened()
    for shade in shades:
        writer.write(np.full((*size[::-1], 3), shade, np.uint8))
    writer.release()
    return path
