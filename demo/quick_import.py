"""Gradio imported, and blocks laid out, in little more than half the time."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_stubs() -> Iterator[None]:
    """Import gradio without the type stubs that it keeps for editors.

    At import it parses the source of each of its components and may write a ``.pyi`` file beside
    it, which takes a second and no setting prevents. A class without a source file has no stub:
    within this block none of Gradio's has one.
    """
    getfile = inspect.getfile

    def of_others(object: Any) -> str:
        if isinstance(object, type) and object.__module__.startswith("gradio."):
            raise OSError(f"No stub is wanted of {object.__name__}")
        return getfile(object)

    inspect.getfile = of_others
    try:
        yield
    finally:
        inspect.getfile = getfile


@contextmanager
def without_servers() -> Iterator[None]:
    """Lay blocks out without the three servers that Gradio makes of them, before `launch` does."""
    from gradio.routes import App

    create = vars(App)["create_app"]
    App.create_app = staticmethod(lambda *arguments, **options: None)  # type: ignore
    try:
        yield
    finally:
        App.create_app = create  # type: ignore
