"""Encodes a collection by Ray, slowly enough that a test can kill it: `killed_command FOLDER`."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hicalm.data.ray_work import LOCAL
from hicalm.encoders import encode_pieces
from tests.hicalm.collections import FakeEncoder

VIEWS = 2  # of a piece


class SlowEncoder(FakeEncoder):
    """The fake encoder, which takes a while for pictures."""

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        time.sleep(0.7)
        return super().encode_images(images)


def load() -> tuple[FakeEncoder, None, None]:
    encode_pieces.VIEWS = VIEWS
    return SlowEncoder(), None, None


if __name__ == "__main__":
    from tests.hicalm.data import killed_command  # by the name that Ray's processes import it by

    encode_pieces.encode_by_ray(Path(sys.argv[1]), killed_command.load, LOCAL, 1)
