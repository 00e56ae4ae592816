"""Ranked museums as cards: pictures of what was asked for, what is answered, score and rooms.

value   HTML of `cards`, autoescaped
events  none: links with `data-go` are followed by the address state
size    fills its column; cards of 350 px and more side by side
"""

import gradio as gr

from demo.components import read


def cards() -> gr.HTML:
    """Return the component, empty."""
    return gr.HTML(
        css_template=read("cards.css"),
        js_on_load=read("cards.js"),
        apply_default_css=False,
    )
