"""Pages as the app shows them, without a browser."""

from functools import cache
from html.parser import HTMLParser

import gradio as gr

from demo import handlers
from demo.handlers import OpenPage
from demo.pages import search
from demo.pages.search import SearchPage
from demo.user_collections import ServedExplorer


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
def search_parts() -> SearchPage:
    """Return the parts of the search page; they hold no state of a visitor."""
    with gr.Blocks():
        return search.build()


def open_page(explorer: ServedExplorer, address: str) -> OpenPage:
    """Return the page of an address with all the HTML on screen as its ``html``.

    The first screen and the results are parts of their own, and the place of the other pages is
    hidden then (see ``demo.layout``).
    """
    parts = search_parts()
    page = handlers.open_page(explorer, parts, address)
    on_screen = {"home": [parts.wall], "results": [parts.heading, parts.said, parts.museums]}
    if page["page"] not in on_screen:
        assert not page["shown"]
        return page
    assert not page["html"]
    return {**page, "html": "\n".join(page["shown"][part] for part in on_screen[page["page"]])}
