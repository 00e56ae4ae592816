"""Break a training run off, as a person or a machine does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hicalm.training import loop


@contextmanager
def interrupted_after(epochs: int) -> Iterator[None]:
    """Interrupt the run inside right after the state of so many epochs was saved."""
    saved = 0

    def save_and_stop(folder: Path, state: dict, after: Callable[[], None]) -> None:
        nonlocal saved
        keep(folder, state, after)
        saved += 1
        if saved == epochs:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        keep = loop.save_state
        patch.setattr(loop, "save_state", save_and_stop)
        yield
