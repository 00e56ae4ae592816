"""The address of the page, which holds all of its state: links, Back, Forward and reloads.

value   `AddressValue`, or None before the first answer
events  go({address}): that address is to be shown, because a link was followed, the history moved
        or the page was opened. The listener answers with a value, and the address bar follows
size    none: it draws nothing
"""

from typing import TypedDict

import gradio as gr

from demo.components import read


class AddressValue(TypedDict):
    """What is on screen: its address, title, kind of page, the models' state ("warming", "ready" or
    "failed"), and the token of a collection that a visitor added, or ""."""

    address: str
    title: str
    page: str
    models: str
    collection: str


def address_state() -> gr.HTML:
    """Return the component; there is one on a page."""
    return gr.HTML(
        html_template="",
        js_on_load=f"{read('address_state.js')}",
        elem_id="address",
        visible=True,
    )
