"""Parts of the page that Gradio does not have: each over ``gr.HTML``, and shown alone by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from demo.theme import theme


def read(name: str) -> str:
    """Return the text of a file beside the components."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def show_alone(title: str, build: Callable[[], gr.HTML], sample: Callable[[], Any]) -> None:
    """Serve one component with sample data, for looking at it by itself."""
    styles = read("../../assets/style.css")
    with (
        gr.Blocks(title=title, analytics_enabled=False) as blocks,
        gr.Column(elem_classes="explorer"),
    ):
        part = build()
        blocks.load(sample, None, part)
    blocks.launch(css=styles, theme=theme())
