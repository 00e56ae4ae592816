"""What happens on a click or a call: plain functions from an address or a query to an answer."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from demo import text, views
from demo.address import Address, format_address, parse_address
from demo.comparison import comparison_page
from demo.evidence import Answered, chips
from demo.explanations import explain_museum
from demo.explorer import Explorer, clean_query
from demo.maps import map_page
from demo.methods import methods_page
from demo.pages import Pages
from demo.pages.collections import collection_line, collections_page, gone_page
from demo.pages.metrics import metrics_page
from demo.pages.search import show_home, show_results
from demo.uploads import MAX_BYTES
from demo.user_collections import ServedExplorer
from demo.verdict import Answers, answers
from demo.views import Page, answer
from hicalm.data.collection import Museum
from hicalm.errors import HicalmError
from hicalm.retrieval.results import MuseumMatch

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
    added = explorer.user_collections
    if added.find(address.collection) is None:
        address = replace(address, collection="")
    searched = address.collection if added.searchable(address.collection) else ""
    return {
        **page,
        "shown": {pages.line: ""} | page["shown"],
        "models": explorer.warmup.state,
        "query": clean_query(address.query),
        "address": format_address(address),
        "results": replace(address.results(), collection=searched),
        "collection": searched,
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
        file = Path(asked["files"][0])
        with file.open("rb") as opened:
            token = explorer.uploads.add(opened.read(MAX_BYTES + 1))
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
    "map": map_page,
    "methods": methods_page,
}


def _any_page(explorer: ServedExplorer, pages: Pages, address: Address) -> Page:
    """Return a page of the served collection, or of one that a visitor added."""
    if address.collection:
        return _collection_page(explorer, pages, address)
    if explorer.warmup.state == "failed" and explorer.warmup.collection is None:
        raise HicalmError(explorer.warmup.failure)
    if address.page == "add":
        return collections_page(pages.collections, explorer, address)
    return _page(explorer, pages, address)


def _collection_page(explorer: ServedExplorer, pages: Pages, address: Address) -> Page:
    """Return a page of museums that a visitor added."""
    found = explorer.user_collections.find(address.collection)
    if found is None:
        return gone_page()
    if address.page == "add" or found.explorer is None:
        return collections_page(pages.collections, explorer, address)
    line = collection_line(found.name, found.explorer, address)
    page = _page(found.explorer, pages, address)
    return {**page, "shown": page["shown"] | {pages.line: line}}


def _page(explorer: Explorer, pages: Pages, address: Address) -> Page:
    warmup = explorer.warmup
    if address.page in PAGES:
        if warmup.state == "warming":
            return _waiting(address)
        return PAGES[address.page](explorer, address)
    if address.page == "metrics":
        if warmup.state == "warming":
            return _waiting(address)
        return metrics_page(pages.metrics, explorer, address)
    if address.museum and warmup.collection is not None:
        if address.against and address.searches:
            return _comparison(explorer, address)
        return _museum(explorer, address)
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


def _comparison(explorer: Explorer, address: Address) -> Page:
    if explorer.warmup.state == "warming":
        return _waiting(address)
    return comparison_page(explorer, address)


def _museum(explorer: Explorer, address: Address) -> Page:
    museum = explorer.collection.museum(address.museum)
    status, ranked_match, why = "done", None, None
    matches: Sequence[MuseumMatch] = ()
    if address.searches and explorer.warmup.state == "warming":
        status = "waiting"
    notices = []
    try:
        if status == "done" and address.searches:
            ranked_match = explorer.ranked_match(address, museum.id)
            matches = explorer.find(address).matches
        if ranked_match:
            why = explain_museum(explorer, address, ranked_match)
    except HicalmError as error:
        notices.append(str(error))
    match = ranked_match.match if ranked_match else None
    address, warnings = _on_screen(address, museum, match)
    html = views.museum_page(
        museum,
        explorer.pictures,
        address,
        match,
        matches,
        why,
        _evidence(explorer, address) if ranked_match else None,
        _answers(explorer, address, match) if match else None,
        " ".join([*notices, *warnings]),
    )
    return answer("museum", f"{museum.title} · {text.APP_NAME}", html, status)


def _evidence(explorer: Explorer, address: Address) -> dict[str, object] | None:
    """Return what ``evidence.html`` shows of the address's room, None where there is none."""
    try:
        found = explorer.evidence(address, address.museum, address.room or 0)
    except HicalmError as error:
        return {"chips": [], "notice": str(error)}
    if found is None:
        return None
    answered = Answered(
        explorer.find(address).paragraphs,
        explorer.presence(address, address.museum, address.room or 0),
        explorer.known(address),
    )
    return {"chips": chips(found, answered), "notice": ""}


def _answers(explorer: Explorer, address: Address, match: MuseumMatch) -> Answers | None:
    return answers(match, explorer.find(address).plan)


def _on_screen(
    address: Address, museum: Museum, match: MuseumMatch | None
) -> tuple[Address, list[str]]:
    """Return the address with a room and a view that exist, and a sentence where it named others.

    Without a room the best one is shown; without a view the best one of the room.
    """
    room, view, warnings = address.room, address.view, []
    if room is not None and room >= len(museum.rooms):
        warnings = [text.UNKNOWN_PAGE_PART.format(room=room + 1, rooms=len(museum.rooms))]
        room = view = None
    if room is None:
        room = match.best_room if match else 0
    count = museum.rooms[room].views
    if view is not None and view >= count:
        warnings = [text.UNKNOWN_VIEW.format(view=view + 1, views=count)]
        view = None
    if view is None:
        view = next((r.best_view for r in match.rooms if r.index == room), 0) if match else 0
    return replace(address, room=room, view=view), warnings
