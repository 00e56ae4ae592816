"""What cannot be done, told a visitor or a caller in the library's one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from hicalm.errors import HicalmError


@contextmanager
def told() -> Iterator[None]:
    """Show a HicalmError as Gradio's message; the log keeps no trace of it."""
    try:
        yield
    except HicalmError as error:
        raise gr.Error(str(error), print_exception=False) from None
