"""What happens on a click or a call: plain functions from an address or a query to an answer."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from demo import text, views
from demo.add_page import add_page, collection_line, gone_page
from demo.address import Address, format_address, parse_address
from demo.explorer import Explorer, clean_query
from demo.metrics_page import metrics_page
from demo.pages import Pages
from demo.pages.compare import show_comparison
from demo.pages.map import show_map
from demo.pages.methods import show_methods
from demo.pages.museum import show_museum
from demo.pages.search import show_home, show_results
from demo.user_collections import ServedExplorer
from demo.views import Page, answer
from hicalm.errors import HicalmError

logger = logging.getLogger(__name__)


class OpenPage(Page):
    """A page with what the browser shows around it.

    ``models`` is ``"warming"``, ``"ready"`` or ``"failed"``, ``query`` the text of the search box,
    ``address`` that of the page, tidied, ``results`` that of the list to go back to, and
    ``collection`` the token of a collection that a visitor added, or "".
    """

    models: str
    query: str
    address: str
    results: Address
    collection: str


def open_page(explorer: ServedExplorer, pages: Pages, search: str) -> OpenPage:
    """Return the page of an address (``"?q=…&museum=…&room=…"``), on the pages' parts."""
    address = _with_default_stages_unsaid(explorer, parse_address(search))
    try:
        page = _any_page(explorer, pages, address)
    except HicalmError as error:
        page = answer("message", text.APP_NAME, views.message_page(str(error), address))
    except Exception:  # the last resort: log it, and show a sentence instead of a stack trace
        logger.exception("no page for %r", search[:500])
        page = answer("message", text.APP_NAME, views.message_page(text.UNEXPECTED, address))
    if not explorer.user_collections.searchable(address.collection):
        address = replace(address, collection="")  # searches lead to what can be searched
    return {
        **page,
        "shown": {pages.line: ""} | page["shown"],
        "models": explorer.warmup.state,
        "query": clean_query(address.query),
        "address": format_address(address),
        "results": address.results(),
        "collection": address.collection,
    }


def search_address(explorer: ServedExplorer, asked: Mapping[str, Any], shown: str) -> str:
    """Return the address of a search from the search box: ``text``, or the first of ``files``.

    The filters and the collection on screen (``shown``, an address) are kept, and on the map its
    level. Raises HicalmError for an empty box and for a picture that cannot be read.
    """
    before = parse_address(shown)
    kept = replace(before.results(), query="", like=None, image="", as_typed=False, browse=False)
    if before.page == "map":
        kept = kept.turn_to("map", level=before.option("level"), texts=before.option("texts"))
    if asked["files"]:
        token = explorer.uploads.add(Path(asked["files"][0]).read_bytes())
        return format_address(replace(kept, image=token))
    if not asked["text"].strip():
        raise HicalmError(text.QUERY_EMPTY)
    return format_address(replace(kept, query=asked["text"]))


def _with_default_stages_unsaid(explorer: ServedExplorer, address: Address) -> Address:
    if not address.stages:
        return address
    try:
        searcher = explorer.at(address).warmup.wait(0)
    except HicalmError:  # which stages are the default ones is not known yet
        return address
    chosen = tuple(stage for stage in searcher.stages if stage in address.stages)
    return replace(address, stages=()) if chosen == searcher.default_stages else address


# Pages beside the search and its museums: each answers as ``answer`` does, once the models and the
# collection are there.
PAGES: dict[str, Callable[[Explorer, Address], Page]] = {
    "metrics": metrics_page,
}


def _any_page(explorer: ServedExplorer, pages: Pages, address: Address) -> Page:
    """Return a page of the served collection, or of one that a visitor added."""
    if address.collection:
        return _collection_page(explorer, pages, address)
    if explorer.warmup.state == "failed" and explorer.warmup.collection is None:
        raise HicalmError(explorer.warmup.failure)
    return add_page(explorer, address) if address.page == "add" else _page(explorer, pages, address)


def _collection_page(explorer: ServedExplorer, pages: Pages, address: Address) -> Page:
    """Return a page of museums that a visitor added."""
    found = explorer.user_collections.find(address.collection)
    if found is None:
        return gone_page()
    if address.page == "add" or found.explorer is None:
        return add_page(explorer, address)
    line = collection_line(found.name, found.explorer, address)
    page = _page(found.explorer, pages, address)
    return {**page, "shown": page["shown"] | {pages.line: line}}


def _page(explorer: Explorer, pages: Pages, address: Address) -> Page:
    warmup = explorer.warmup
    if address.page in ("map", *PAGES):
        if warmup.state == "warming":
            return _waiting(address)
        if address.page == "map":
            shown = show_map(pages.map, explorer, address)
            return answer("map", f"Map · {text.APP_NAME}", "", shown=shown)
        return PAGES[address.page](explorer, address)
    if address.page == "methods":
        return _two_sides(explorer, pages, address)
    if address.museum and warmup.collection is not None:
        if address.against and address.searches:
            return _two_sides(explorer, pages, address)
        return _museum(explorer, pages, address)
    if address.searches or address.museum:
        return _results(explorer, pages, address)
    status = "waiting" if warmup.collection is None else "done"
    shown = show_home(pages.search, warmup.collection, address)
    return answer("home", f"{text.APP_NAME}: {text.TAGLINE}", "", status, shown)


def _waiting(address: Address) -> Page:
    html = views.waiting_page(address, clean_query(address.query))
    return answer("waiting", text.WARMING, html, "waiting")


def _results(explorer: Explorer, pages: Pages, address: Address) -> Page:
    if explorer.warmup.state == "warming":
        return _waiting(address)
    shown = show_results(pages.search, explorer, address)
    query = clean_query(address.query)
    name = query if len(query) <= 60 else query[:57] + "…"
    name = name or ("Views like this one" if address.like else "Search by picture")
    return answer("results", f"{name} · {text.APP_NAME}", "", shown=shown)


def _two_sides(explorer: Explorer, pages: Pages, address: Address) -> Page:
    """Return two methods, or two museums, side by side."""
    if explorer.warmup.state == "warming":
        return _waiting(address)
    if address.page == "methods":
        title, shown = show_methods(pages.methods, explorer, address)
        return answer("methods", title, "", shown=shown)
    title, shown = show_comparison(pages.compare, explorer, address)
    return answer("compare", title, "", shown=shown)


def _museum(explorer: Explorer, pages: Pages, address: Address) -> Page:
    shown = show_museum(pages.museum, explorer, address)
    waiting = address.searches and explorer.warmup.state == "warming"
    ranked = None
    if address.searches and not waiting:
        with suppress(HicalmError):  # the page says why it is not ranked
            ranked = explorer.ranked_match(address, address.museum)
    shown[pages.why.column] = gr.Column(visible=ranked is not None)
    title = explorer.collection.museum(address.museum).title
    return answer(
        "museum", f"{title} · {text.APP_NAME}", "", "waiting" if waiting else "done", shown
    )
