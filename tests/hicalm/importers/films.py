"""Small videos, and a picture that makes its decoder fail."""

import io
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image


def film(path: Path, shades: Iterable[int], size: tuple[int, int] = (64, 48)) -> Path:
    """Write a video of a frame of each shade of grey, 0 to 255, in the way of its ending."""
    kind = {".avi": "MJPG", ".webm": "VP80"}.get(path.suffix.lower(), "mp4v")
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*kind), 25, size)
    assert writer.isOpened()
    for shade in shades:
        writer.write(np.full((*size[::-1], 3), shade, np.uint8))
    writer.release()
    return path


def damaged_avif() -> bytes:
    """Return a picture whose head is whole and whose pixels are none: Pillow's error is its own."""
    content = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(content, "AVIF")
    start = content.getvalue().find(b"mdat") + 4
    return content.getvalue()[:start].ljust(len(content.getvalue()), b"\0")
