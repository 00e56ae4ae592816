"""Encodes a collection by Ray, slowly enough that a test can kill it, or a node of it.

`python -m tests.hicalm.data.killed_command FOLDER` does so in processes of its own.
"""

import os
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


class NotedEncoder(SlowEncoder):
    """A slow encoder of a process of Ray, which notes in a folder what its node encodes."""

    def __init__(self, notes: Path) -> None:
        super().__init__()
        self._notes = notes

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        import ray

        node = ray.get_runtime_context().get_node_id()
        with (self._notes / f"{node}-{os.getpid()}").open("a") as file:
            file.write(".")
        deadline = time.monotonic() + 30  # until the other node encodes something, too
        while all(path.name.startswith(node) for path in self._notes.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return super().encode_images(images)


def load_noted(notes: Path) -> tuple[NotedEncoder, None, None]:
    encode_pieces.VIEWS = 1
    return NotedEncoder(notes), None, None


def load() -> tuple[FakeEncoder, None, None]:
    encode_pieces.VIEWS = VIEWS
    return SlowEncoder(), None, None


if __name__ == "__main__":
    from tests.hicalm.data import killed_command  # by the name that Ray's processes import it by

    encode_pieces.encode_by_ray(Path(sys.argv[1]), killed_command.load, LOCAL, 1)
