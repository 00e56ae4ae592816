"""Where long work can wait: whoever runs it says whether it does, so that others go first.

What takes long calls ``pause`` again and again, where it holds no lock. Nothing happens there
unless it runs ``pausing``, which is a matter of the context (``contextvars``): a thread that is
started from it runs without.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_wait: ContextVar[Callable[[], None] | None] = ContextVar("wait", default=None)


def pause() -> None:
    """Wait for as long as whoever runs this wants."""
    wait = _wait.get()
    if wait is not None:
        wait()


@contextmanager
def pausing(wait: Callable[[], None]) -> Iterator[None]:
    """Let ``pause`` call ``wait`` within the block."""
    before = _wait.set(wait)
    try:
        yield
    finally:
        _wait.reset(before)
