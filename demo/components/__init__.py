"""Parts of the page that Gradio does not have: each over ``gr.HTML``, and shown alone by itself."""

from collections.abc import Callable
from pathlib import Path

import gradio as gr


def read(name: str) -> str:
    """Return the text of a file beside the components."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def show_alone(title: str, build: Callable[[], object]) -> None:
    """Serve one component with sample data, for looking at it by itself."""
    with gr.Blocks(title=title, analytics_enabled=False) as blocks:
        build()
    blocks.launch()
