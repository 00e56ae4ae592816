"""What processes of Ray do in the tests; light, as each of them imports it."""

import os
import signal
import time
from pathlib import Path

FATAL = 3  # a piece that ends every process


class Slow:
    """Notes in a file which node does each piece, which takes a while."""

    def __init__(self, folder: Path) -> None:
        import ray

        self._folder, self._node = folder, ray.get_runtime_context().get_node_id()
        (folder / f"opened-{self._node}-{os.getpid()}").touch()

    def __call__(self, piece: int) -> None:
        with (self._folder / str(piece)).open("a") as file:
            file.write(f"{self._node}\n")
        if piece == FATAL:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.2)
