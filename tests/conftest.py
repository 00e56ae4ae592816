"""What all tests share: one thread for each process, and the order of the files."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Each worker of pytest-xdist computes in one thread: with more threads than cores a test takes ten
# times as long. These are read once, when the libraries are loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
# Nothing may come from a model hub: where none is reached it would be asked for minutes.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Maps of a few points are laid out once: compiling what does it takes longer than that.
os.environ.setdefault("NUMBA_OPT", "0")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Take back what a test did to the threads of the whole process."""
    yield
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that no worker is left alone with one at the end.

    What needs a GPU is skipped where there is none.
    """
    needing_gpu = [item for item in items if item.get_closest_marker("cuda")]
    if needing_gpu:
        import torch

        if not torch.cuda.is_available():
            for item in needing_gpu:
                item.add_marker(pytest.mark.skip(reason="there is no GPU"))
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


# An example may take long on a machine that does other things too: what is slow is no failure.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
