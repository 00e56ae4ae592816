"""What happens on a click or a call: plain functions from an address or a query to an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from demo import text, views
from demo.address import Address, format_address, parse_address
from demo.components.address_state import AddressValue
from demo.pages import Pages
from demo.pages.collections import collection_line, collections_page, gone_html
from demo.pages.compare import show_comparison
from demo.pages.map import show_map
from demo.pages.methods import show_methods
from demo.pages.metrics import metrics_page
from demo.pages.museum import show_museum
from demo.pages.search import show_home, show_results
from demo.refusals import note
from demo.turns import BusyError
from demo.uploads import MAX_BYTES
from demo.user_collections import ServedWorkspace
from demo.views import Page, answer
from demo.workspace import Workspace, clean_query, is_long
from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.reading.query_text import LONGEST_QUERY
from hicalm.retrieval.stored_texts import WordsNotRead


class OpenPage(Page):
    """A page with what the browser shows around it.

    ``models`` is ``"warming"``, ``"ready"`` or ``"failed"``, ``query`` the text of the search box,
    ``address`` that of the page, tidied, ``results`` that of the list to go back to,
    ``collection`` the token of a collection that a visitor added, or "", ``museums`` what the page
    is about, as far as it is open, and ``placeholder`` stands in the empty search box.
    """

    models: str
    query: str
    address: str
    results: Address
    collection: str
    museums: Collection | None
    placeholder: str


def open_page(workspace: ServedWorkspace, pages: Pages, search: str) -> OpenPage:
    """Return the page of an address (``"?q=…&museum=…&room=…"``), on the pages' parts."""
    address = _with_default_stages_unsaid(workspace, parse_address(search))
    try:
        long = is_long(address) or address.page == "methods" or bool(address.against)
        page = workspace.turns.do(lambda: _any_page(workspace, pages, address), long, address)
    except BusyError as busy:
        html = views.waiting_page(address, clean_query(address.query), str(busy))
        page = answer("waiting", _title(address), {pages.message: html}, "busy")
    except WordsNotRead as refused:
        html = views.texts_page(refused, address)
        page = answer("message", _title(address), {pages.message: html})
    except HicalmError as error:
        page = _message(workspace, pages, address, str(error))
    except Exception as error:  # the last resort: a line of the log, and a sentence on the page
        note("no page", error)
        page = _message(workspace, pages, address, text.UNEXPECTED)
    added = workspace.user_collections
    if added.find(address.collection) is None:
        address = replace(address, collection="")
    searched = address.collection if added.searchable(address.collection) else ""
    own = added.find(searched) if searched else None
    models = (own.workspace if own and own.workspace else workspace).warmup
    own_words_alone = models.searcher is not None and models.searcher.words_note
    return {
        **page,
        "shown": {pages.line: ""} | page["shown"],
        "models": workspace.warmup.state,
        "query": clean_query(address.query),
        "address": format_address(address),
        "results": replace(address.results(), collection=searched),
        "collection": searched,
        "museums": models.collection,
        "placeholder": text.FIND_TEXT if own_words_alone else text.DESCRIBE,
    }


def _message(workspace: ServedWorkspace, pages: Pages, address: Address, message: str) -> Page:
    html = views.message_page(message, workspace.warmup.collection, address)
    return answer("message", text.APP_NAME, {pages.message: html})


def search_address(workspace: ServedWorkspace, asked: Mapping[str, Any], now: AddressValue) -> str:
    """Return the address of a search from the search box: ``text``, or the first of ``files``.

    The filters and the collection on screen (``now``) are kept, and on the map its level. Raises
    HicalmError for an empty box and for a picture that cannot be read.
    """
    before = parse_address(now["address"])
    kept = replace(
        before.results(), query="", gone="", like=None, image="", as_typed=False, browse=False
    )
    if before.page == "map":
        kept = kept.turn_to("map", level=before.option("level"), texts=before.option("texts"))
    if asked["files"]:
        file = Path(asked["files"][0])
        with file.open("rb") as opened:
            token = workspace.add_picture(opened.read(MAX_BYTES + 1))
        return format_address(replace(kept, image=token))
    if not asked["text"].strip():
        raise HicalmError(text.QUERY_EMPTY)
    if (size := len(asked["text"])) > LONGEST_QUERY:
        raise HicalmError(text.QUERY_TOO_LONG.format(size=size, limit=LONGEST_QUERY))
    return format_address(replace(kept, query=asked["text"]))


def example_address(workspace: ServedWorkspace, example: Sequence[str], now: AddressValue) -> str:
    """Return the address of a search for an example, as ``search_address``."""
    return search_address(workspace, {"text": example[0], "files": []}, now)


def _with_default_stages_unsaid(workspace: ServedWorkspace, address: Address) -> Address:
    if not address.stages:
        return address
    try:
        searcher = workspace.at(address).warmup.wait(0)
    except HicalmError:  # which stages are the default ones is not known yet
        return address
    chosen = tuple(stage for stage in searcher.stages if stage in address.stages)
    return replace(address, stages=()) if chosen == searcher.default_stages else address


def _any_page(workspace: ServedWorkspace, pages: Pages, address: Address) -> Page:
    """Return a page of the served collection, or of one that a visitor added."""
    if address.collection:
        return _collection_page(workspace, pages, address)
    if workspace.warmup.state == "failed" and workspace.warmup.collection is None:
        raise HicalmError(workspace.warmup.failure)
    if address.page == "add":
        return collections_page(pages.collections, workspace, address)
    return _page(workspace, pages, address)


def _collection_page(workspace: ServedWorkspace, pages: Pages, address: Address) -> Page:
    """Return a page of museums that a visitor added."""
    found = workspace.user_collections.find(address.collection)
    if found is None:
        return answer("gone", text.APP_NAME, {pages.message: gone_html()})
    if address.page == "add" or found.workspace is None:
        return collections_page(pages.collections, workspace, address)
    line = collection_line(found.name, found.workspace, address)
    page = _page(found.workspace, pages, address)
    return {**page, "shown": page["shown"] | {pages.line: line}}


def _page(workspace: Workspace, pages: Pages, address: Address) -> Page:
    warmup, compares = workspace.warmup, bool(address.against and address.searches)
    if not (address.page or address.museum or address.searches):
        return _home(workspace, pages, address)
    if address.museum and warmup.collection and not (address.page or compares):
        return _museum(workspace, pages, address)
    if warmup.state == "warming":
        html = views.waiting_page(address, clean_query(address.query))
        return answer("waiting", text.WARMING, {pages.message: html}, "waiting")
    if address.page == "metrics":
        return metrics_page(pages.metrics, workspace, address)
    if address.page == "map":
        return answer("map", f"Map · {text.APP_NAME}", show_map(pages.map, workspace, address))
    if address.page == "methods":
        return answer("methods", *show_methods(pages.methods, workspace, address))
    if address.museum:
        return answer("compare", *show_comparison(pages.compare, workspace, address))
    return _results(workspace, pages, address)


def _home(workspace: Workspace, pages: Pages, address: Address) -> Page:
    collection = workspace.warmup.collection
    searcher = workspace.warmup.searcher
    adds = searcher is None or not searcher.pictures_note
    shown = show_home(pages.search, collection, address, adds)
    status = "waiting" if collection is None else "done"
    shown[pages.line] = views.words_note(searcher.words_note if searcher else "")
    return answer("home", f"{text.APP_NAME}: {text.TAGLINE}", shown, status)


def _results(workspace: Workspace, pages: Pages, address: Address) -> Page:
    shown = workspace.page(address, lambda: show_results(pages.search, workspace, address))
    return answer("results", _title(address), shown)


def _title(address: Address) -> str:
    query = clean_query(address.query)
    name = query if len(query) <= 60 else query[:57] + "…"
    name = name or ("Views like this one" if address.like else "Search by picture")
    return f"{name} · {text.APP_NAME}"


def _museum(workspace: Workspace, pages: Pages, address: Address) -> Page:
    ranked, shown = show_museum(pages.museum, workspace, address)
    shown[pages.why.column] = gr.Column(visible=ranked)
    waiting = address.searches and workspace.warmup.state == "warming"
    title = workspace.collection.museum(address.museum).title
    return answer("museum", f"{title} · {text.APP_NAME}", shown, "waiting" if waiting else "done")
