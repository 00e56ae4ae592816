"""Pictures that people search with: read safely, made small, and kept for a while in memory."""

import io
import secrets

import numpy as np
from PIL import Image

from demo import text
from demo.kept import Kept
from hicalm.data import picture_files
from hicalm.errors import HicalmError

MAX_BYTES = 20_000_000
LARGE = 2_000_000  # pixels, or bytes, of a picture for whose decoding others should not wait
KEPT_SIDE = 640  # pixels of the longer side; the encoder sees fewer
KEPT_PICTURES = 64  # at most 64 * 640 * 640 * 3 bytes = 79 MB


def takes_long(content: bytes) -> bool:
    """Tell whether reading a picture takes long, however few bytes its file has."""
    return max(len(content), picture_files.claimed_pixels(io.BytesIO(content))) > LARGE


def read_picture(content: bytes) -> np.ndarray:
    """Decode a picture file to RGB uint8 (H, W, 3), its longer side at most ``KEPT_SIDE``.

    Raises HicalmError for a file that is too large, has too many pixels or is no picture.
    """
    if len(content) > MAX_BYTES:
        raise HicalmError(text.PICTURE_TOO_LARGE.format(limit=MAX_BYTES // 1_000_000))
    picture = Image.fromarray(picture_files.read_picture(io.BytesIO(content), KEPT_SIDE))
    picture.thumbnail((KEPT_SIDE, KEPT_SIDE))
    return np.asarray(picture)


class Uploads:
    """The last few query pictures by a token that cannot be guessed; nothing touches the disk."""

    def __init__(self, capacity: int = KEPT_PICTURES):
        self._pictures: Kept[np.ndarray] = Kept(capacity)

    def add(self, content: bytes) -> str:
        """Read a picture file and return its token. Raises HicalmError as ``read_picture``."""
        picture = read_picture(content)
        token = secrets.token_urlsafe(12)
        self._pictures.add(token, picture, 1)
        return token

    def get(self, token: str) -> np.ndarray:
        """Return the picture, RGB uint8 (H, W, 3). Raises HicalmError where it is gone."""
        picture = self._pictures.get(token)
        if picture is None:
            raise HicalmError(text.PICTURE_EXPIRED)
        return picture
