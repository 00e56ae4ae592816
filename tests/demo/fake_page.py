"""Pages as the app shows them, without a browser."""

from dataclasses import fields
from functools import cache
from html.parser import HTMLParser
from typing import Any

import gradio as gr

from demo import handlers
from demo import pages as all_pages
from demo.address import parse_address
from demo.handlers import OpenPage
from demo.pages import Pages, why
from demo.user_collections import ServedWorkspace


class Markup(HTMLParser):
    """Tags, attributes and the addresses of links, as a browser sees them."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.links += [value or "" for name, value in attrs if name == "href"]


@cache
def page_parts() -> Pages:
    """Return the parts of all pages; they hold no state of a visitor."""
    with gr.Blocks():
        return all_pages.build(lambda wanted: {}, lambda wanted: {}, lambda wanted: [])


def explained(workspace: ServedWorkspace, address: str) -> dict[str, Any]:
    """Return the parts of the fold of a museum's page by name, once it is opened, and as ``html``
    all of its HTML."""
    page = page_parts().why
    address = parse_address(open_page(workspace, address)["address"])
    shown = why.explain(page, workspace, address)
    names = {getattr(page, field.name): field.name for field in fields(page)}
    html = "\n".join(value for value in shown.values() if isinstance(value, str))
    return {**{names[part]: value for part, value in shown.items()}, "html": html}


def open_page(workspace: ServedWorkspace, address: str) -> OpenPage:
    """Return the page of an address with all the HTML on screen as its ``html``."""
    pages = page_parts()
    page = handlers.open_page(workspace, pages, address)
    shown = [value for value in page["shown"].values() if isinstance(value, str)]
    return {**page, "html": "\n".join(shown)}
