"""HTML of every page: Jinja templates with automatic escaping, filled from plain values.

No markup is built in Python, so that nothing typed by a visitor can become markup.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from demo import text
from demo.address import Address, format_address
from demo.asked import Asked, limits
from demo.shading import LevelPart, amount, level_parts, longest_bar, room_scale, signed
from demo.stages import Pipeline
from demo.verdict import Cover, Line, covers, lines, match_word, percent, verdict
from demo.vocabulary import examples_of, has_pictures, known_words
from demo.workspace import clean_query
from hicalm.data.collection import Collection, Museum, Room
from hicalm.data.pictures import is_world
from hicalm.retrieval.results import MuseumMatch, RoomMatch, SearchResult
from hicalm.retrieval.stored_texts import WordsNotRead

TEMPLATES = Path(__file__).parent / "templates"
COMPONENTS = Path(__file__).parent / "components"
WALL_PREVIEW = 36  # museums on the first screen's wall; more are a click away,
WALL = 1_000  # of a large collection so many: a page of all of them would be hundreds of megabytes
MOSAIC = 6  # covers beside the greeting, spread over the collection


class Page(TypedDict):
    """What the browser shows: a page of some kind; ``"waiting"`` if it is to ask again.

    ``shown`` are its parts with what they are to show.
    """

    status: str
    page: str
    title: str
    shown: dict[Any, Any]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, COMPONENTS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"text": text, "href": format_address, "label": text.label}
    environment.filters |= {"signed": signed, "amount": amount, "counted": text.counted}
    environment.filters |= {"part_name": text.part_name, "short_name": text.short_name}
    environment.filters |= {"percent": percent}
    environment.filters |= {
        "milliseconds": text.milliseconds,
    }
    return environment


def render(template: str, **values: object) -> str:
    """Return a template of ``templates/`` filled with values, every one of them escaped."""
    return _environment().get_template(template).render(at=_pictures_at(values), **values)


def _pictures_at(values: Mapping[str, object]) -> str:
    """Return what the addresses of a page's pictures begin with."""
    address = values.get("address")
    added = isinstance(address, Address) and address.collection
    return f"collection/{added}/" if added else ""


def answer(page: str, title: str, shown: dict[Any, Any], status: str = "done") -> Page:
    """Return a page."""
    return {"status": status, "page": page, "title": title, "shown": shown}


def brand(home: Address = Address()) -> str:
    """Return the app's name, which leads to the first page."""
    return render("brand.html", address=home, home=home)


def hero() -> str:
    """Return the greeting of the first page."""
    return render("hero.html")


def page_links(results: Address = Address(), shown: str = "") -> str:
    """Return the links to the pages beside the search, which keep its query and filters."""
    links = [
        (name, title, replace(results, browse=False).turn_to(name))
        for name, title in text.PAGE_LINKS
        if name == "add" or not results.collection  # maps and metrics are the served collection's
    ]
    return render("page_links.html", address=results, links=links, shown=shown)


def colophon(collection: Collection | None) -> str:
    """Return what stands below every page, with what is true of the built-in world alone there."""
    return _colophon(made_up=collection is not None and is_world(collection))


@lru_cache(maxsize=2)
def _colophon(made_up: bool) -> str:
    return render("colophon.html", made_up=made_up)


def home_page(collection: Collection | None, address: Address, adds: bool) -> str:
    """Return the first screen: examples and a wall of museums (once the collection is open).

    ``adds`` says whether visitors can add pictures of their own.
    """
    museums, home = collection.museums if collection else (), address.home()
    shown = museums[: WALL if address.browse else WALL_PREVIEW]
    return render(
        "home.html",
        address=home,
        museums=[
            (museum, replace(home, browse=address.browse).open(museum.id)) for museum in shown
        ],
        hidden=len(museums) - len(shown),
        wall=WALL,
        everything=replace(home, browse=True),
        add=home.turn_to("add") if adds and not address.collection else None,
        browse=address.browse,
        collection=collection,
        pictures=collection is None or has_pictures(collection),
        mosaic=museums[:: max(1, len(museums) // MOSAIC)][:MOSAIC],
        placeholders=range(12),
    )


def waiting_page(address: Address, query: str, busy: str = "") -> str:
    """Return what a visitor sees while a search waits for the models, or why it waits for others
    (``busy``)."""
    return render("waiting.html", address=address, query=query, busy=busy)


def two_sides(address: Address, title: str, said: str) -> str:
    """Return what stands above two museums, or two methods, side by side on one query."""
    query = clean_query(address.query)
    return render("two_sides.html", address=address, title=title, query=query, said=said)


def swap_link(swapped: Address) -> str:
    """Return the link that changes the two sides' places."""
    return render("swap.html", swapped=swapped)


def message_page(message: str, collection: Collection | None, address: Address) -> str:
    """Return one clear sentence with ways to go on."""
    home, known = address.home(), collection is not None and not address.collection
    tried = examples_of(collection)[:3] if collection is not None and known else []
    examples = [(query, replace(home, query=query)) for query in tried]
    return render("message.html", message=message, address=address, examples=examples)


def texts_page(refused: WordsNotRead, address: Address) -> str:
    """Return why some words are not read, and the texts of the collection that have most of them,
    each with the same page searched by it."""
    groups = [
        (
            name,
            [(one, replace(address, query=one.name)) for one in refused.texts if one.kind == kind],
        )
        for kind, name in text.STORED_KINDS.items()
    ]
    return render(
        "texts.html",
        address=address,
        reason=refused.reason,
        groups=[group for group in groups if group[1]],
    )


def words_note(note: str) -> str:
    """Return what stands on the first page where no free words are read, and why."""
    return render("words_note.html", note=note) if note else ""


class Understood(NamedTuple):
    """How a query was understood: its plan as chips, and by phrase how surely the encoder knows it,
    in 0..1."""

    asked: Asked | None
    known: Mapping[str, float]


class Card(NamedTuple):
    """A museum among the results: with how well it fits, what it answers, and its rooms."""

    museum: Museum
    match: MuseumMatch
    how: str
    lines: list[Line]
    covers: list[Cover]
    parts: list[LevelPart]
    rooms: list[tuple[Room, RoomMatch, int, Address]]
    best: Address
    above: Address | None


def results_heading(
    collection: Collection,
    address: Address,
    result: SearchResult,
    query: str,
    understood: Understood,
) -> str:
    """Return what stands above the results of a search."""
    found = verdict(result, understood.known)
    nothing = found is not None and result.found is False
    return render(
        "results_heading.html",
        address=address,
        query=query,
        result=result,
        shown=len(result.matches),
        total=len(collection.museums),
        like=_liked_view(collection, address),
        limits=limits(result.plan, address),
        unfiltered=address.without_filters(),
        asked=understood.asked,
        verdict=found,
        known=known_words(collection, address) if nothing else [],
        as_typed=replace(address.results(), as_typed=True),
    )


def how_ranked(address: Address, result: SearchResult, stages: Pipeline, query: str) -> str:
    """Return what each stage of a search did, and what can be done with its list."""
    notes = result.provenance.notes if query else ()
    return render(
        "how_ranked.html",
        address=address,
        query=query,
        stages=stages,
        notes=notes,
        seconds=result.seconds,
    )


def cards_html(collection: Collection, address: Address, result: SearchResult) -> str:
    """Return the value of the cards of a search."""
    found = _cards(collection, address, result)
    return render("cards.jinja", address=address, cards=found, reranked=result.reranked)


def _cards(collection: Collection, address: Address, result: SearchResult) -> list[Card]:
    scale, longest = room_scale(result.matches), longest_bar(result.matches)
    cards = []
    for index, match in enumerate(result.matches):
        museum = collection.museum(match.museum_id)
        rooms = [
            (collection_room, room, scale.shade(room.similarity), address.open(museum.id, r))
            for r, (collection_room, room) in enumerate(
                zip(museum.rooms, _in_order(match), strict=True)
            )
        ]
        before = result.matches[index - 1].museum_id if index else None
        cards.append(
            Card(
                museum,
                match,
                match_word(match.fit),
                lines(match, result.plan),
                covers(match, result.plan) if has_pictures(collection) else [],
                level_parts(match.levels, longest),
                rooms,
                address.open(museum.id, match.best_room),
                address.compare(museum.id, before) if before else None,
            )
        )
    return cards


def _in_order(match: MuseumMatch) -> list[RoomMatch]:
    return sorted(match.rooms, key=lambda room: room.index)


def _liked_view(collection: Collection, address: Address) -> dict[str, object] | None:
    if not address.like:
        return None
    museum_id, room, view = address.like
    return {"museum": collection.museum(museum_id), "room": room, "view": view}
