"""What processes of Ray do in the tests; light, as each of them imports it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from hicalm.errors import HicalmError


class Slow:
    """Notes in a file which node does each piece, which takes a while."""

    def __init__(self, folder: Path) -> None:
        import ray

        self._folder, self._node = folder, ray.get_runtime_context().get_node_id()
        (folder / f"opened-{self._node}-{os.getpid()}").touch()

    def __call__(self, piece: int) -> None:
        time.sleep(0.2)
        with (self._folder / str(piece)).open("a") as file:
            file.write(f"{self._node}\n")


def open_refusal() -> Callable[[int], None]:
    """Return work that no piece is good enough for."""

    def refuse(piece: int) -> None:
        raise HicalmError(f"Piece {piece} cannot be read: mend it.")

    return refuse
