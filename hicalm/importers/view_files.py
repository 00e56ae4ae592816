"""The views that a file gives: a picture one, a panorama those all round, a video its frames."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hicalm.data.picture_files import fit, is_panorama, picture_content, read_picture
from hicalm.data.pictures import ENCODED_WIDTH
from hicalm.files import encode_jpeg
from hicalm.importers.panoramas import panorama_views
from hicalm.importers.videos import ENDINGS as VIDEOS
from hicalm.importers.videos import FRAMES, read_video
from hicalm.world.camera import VIEWS_PER_ROOM

QUALITY = 90  # of the JPEG files that are made of a panorama

__all__ = ["VIDEOS", "View", "views_in", "views_of"]


class View(NamedTuple):
    """A view: its file with its ending, and what encoders read, uint8 RGB (240, 320, 3)."""

    content: bytes
    ending: str
    picture: np.ndarray


def views_in(path: Path) -> int:
    """Return how many views a file gives at most; what cannot be read counts as one."""
    if path.suffix.lower() in VIDEOS:
        return FRAMES
    return VIEWS_PER_ROOM if is_panorama(path) else 1


def views_of(path: Path, progress: Callable[[float], None]) -> Iterator[View]:
    """Yield the views of a file.

    ``progress`` is called with the share of a video that is read. Raises HicalmError for what
    cannot be read or is too large.
    """
    if path.suffix.lower() in VIDEOS:
        for content in read_video(path, progress):
            yield View(content, ".jpg", _small(content))
        return
    content = picture_content(path)
    if not is_panorama(io.BytesIO(content)):
        yield View(content, path.suffix.lower(), _small(content))
        return
    for picture in panorama_views(io.BytesIO(content)):
        yield View(encode_jpeg(picture, QUALITY), ".jpg", fit(picture, ENCODED_WIDTH))


def _small(content: bytes) -> np.ndarray:
    return fit(read_picture(io.BytesIO(content), ENCODED_WIDTH), ENCODED_WIDTH)
