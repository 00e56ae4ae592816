"""The address of the page, which holds all of its state: links, Back, Forward and reloads.

value   `AddressValue`, or None before the first answer
events  go({address, question}): that address is to be shown, because a link was followed, the
        history moved or the page was opened. The listener answers with a value, and the address
        bar follows
size    none, but for a line with a sentence of the page's scripts
"""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, cast

import gradio as gr

from demo import text
from demo.components import read, show_alone
from hicalm.errors import HicalmError

How = Literal["asked", "push", "changed", "stay"]
WORDS = ("address", "title", "page", "status", "models", "collection")  # fields that are texts


class AddressValue(TypedDict):
    """What is on screen: its address, title, kind of page, whether it is "done", "waiting" for
    something, or "busy" (others are first), the models' state ("warming", "ready" or "failed"), and
    the token of a collection that a visitor added, or "". ``how`` it came there: it was asked for
    by ``go``, it is a new entry of the history (push; changed: by a part of the page on screen,
    unless that was left meanwhile), or what is on screen has changed by itself (stay)."""

    address: str
    title: str
    page: str
    status: str
    models: str
    collection: str
    how: How
    question: int  # of those of ``go``, the one that this answers; else any other number


BEGINNING: AddressValue = {
    "address": "?",
    "title": "",
    "page": "",
    "status": "",
    "models": "",
    "collection": "",
    "how": "stay",
    "question": 0,
}  # before the first answer


def checked_value(value: Any) -> AddressValue:
    """Return what the page says that the component holds; ``BEGINNING`` for None.

    Raises HicalmError where that cannot be: anybody can call a page's listeners.
    """
    if value is None:
        return BEGINNING
    if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in WORDS):
        raise HicalmError(text.WRONG_PAGE_VALUES)
    return cast(AddressValue, value)


def asked(event: gr.EventData) -> tuple[str, int, list[str]]:
    """Return the address that a script of the page asks for, the number of its question, and the
    kinds of pages that it has drawn before.

    Raises HicalmError where it does not.
    """
    data = event._data if isinstance(event._data, dict) else {}
    address, question, kept = data.get("address"), data.get("question", 0), data.get("kept", [])
    if not isinstance(address, str) or type(question) is not int or not isinstance(kept, list):
        raise HicalmError(text.WRONG_PAGE_VALUES)
    return address, question, kept


def address_value(page: Mapping[str, Any], how: How, question: int = 0) -> AddressValue:
    """Return the value for a page that has the fields of an `AddressValue`, and others."""
    fields = {name: page[name] for name in WORDS} | {"how": how, "question": question}
    return cast(AddressValue, fields)


def address_state() -> gr.HTML:
    """Return the component; there is one on a page."""
    return gr.HTML(
        html_template='<style></style><p class="notice" role="alert" hidden></p>',
        apply_default_css=False,
        js_on_load=read("address_state.js"),
        elem_id="address",
    )


def sample() -> AddressValue:
    """Return a value; the page's links and the browser's history ask for other addresses."""
    page = dict.fromkeys(("title", "page", "collection"), "") | {"address": "?q=red"}
    return address_value(page | {"status": "done", "models": "ready"}, "stay")


if __name__ == "__main__":
    show_alone("Address state", address_state, sample)
