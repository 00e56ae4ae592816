"""The state of the app as the query part of an address, and back.

Everything on screen follows from an ``Address``: ``?q=red+rooms&top=24&filter.theme=harbours``
are results, and ``&museum=museum-01650&room=3`` opens the third room of a museum found by them.
``&against=museum-01700`` compares that museum with another one, ``show=`` opens the methods, the
metrics, the map or the page to add a collection at. ``collection=`` is the token of a collection
that was added, ``stages=shortlist,rank`` are the stages of the search where a visitor has chosen
them, ``list=room`` or ``list=view`` lists rooms or views for museums, and ``as=typed`` leaves
misspelt words of the query as they are. Rooms and views count from 1 in an address, as on screen,
and from 0 in Python.

A text of more than ``LONGEST_IN_LINKS`` characters would be repeated by every link of a page: it is
kept on the server, and ``text=`` in place of ``q=`` is its key.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from demo.kept import Kept
from hicalm.levels import LEVELS
from hicalm.reading.query_text import LONGEST_QUERY
from hicalm.retrieval.stages import RANK, STAGES

DEFAULT_TOP = 12
MAX_TOP = 100
MAX_LENGTH = 1_000_000  # characters that are read; a query this long is refused anyway
MAX_FIELDS = 200  # of a query string; more is not one of ours
MAX_VALUE = 2_000  # characters of a field beside the query: every link of a page repeats them
LONGEST_IN_LINKS = 1_000  # characters of a query
_texts: Kept[str] = Kept(8_000_000)  # characters of longer ones
FILTER_PREFIX = "filter."
OPTION_PREFIX = "on."
PAGE_FIELD = "show"  # Gradio takes "page" for one of its own pages, and fails for ours
MUSEUM_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")
# What an address can open beside a search and its museums.
PAGES = ("methods", "metrics", "map", "add")
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
_OPTION = re.compile(rf"{re.escape(OPTION_PREFIX)}([a-z]{{1,20}})")
_LIKE = re.compile(rf"({MUSEUM_ID.pattern})/(\d{{1,4}})/(\d{{1,4}})")


@dataclass(frozen=True)
class Address:
    """What is on screen; every field has the value that an empty address means."""

    query: str = ""
    like: tuple[str, int, int] | None = None  # museum id, room, view: search by that view
    image: str = ""  # token of an uploaded picture: search by it
    museum: str = ""  # the museum that is open
    room: int | None = None  # its room on screen; None lets the search choose
    top: int = DEFAULT_TOP
    min_rooms: int | None = None
    max_rooms: int | None = None
    allowed: tuple[tuple[str, tuple[str, ...]], ...] = ()  # attribute, values that may occur
    browse: bool = False  # the whole wall instead of its beginning
    view: int | None = None  # the view on screen of the open room; None lets the search choose
    against: str = ""  # a museum that the open one is compared with
    page: str = ""  # one of PAGES
    options: tuple[tuple[str, str], ...] = ()  # further fields of such a page, as it defines them
    collection: str = ""  # token of one that a visitor added; empty for the served one
    stages: tuple[str, ...] = ()  # of the search, in order, with "rank"; empty for the default
    as_typed: bool = False  # whether misspelt words of the query are left as they are
    listed: str = LEVELS[0]  # the level of what the results list: museums, rooms or views
    gone: str = ""  # key of a long text that is no longer kept

    @property
    def searches(self) -> bool:
        """Whether there is something to search by."""
        return bool(self.query.strip() or self.like or self.image or self.gone)

    @property
    def by_picture(self) -> bool:
        """Whether a picture or a view is searched by, so that there are no words."""
        return bool(self.like or self.image)

    @property
    def filters(self) -> dict[str, list[str] | tuple[int, int]]:
        """The filters as ``Searcher.search`` takes them."""
        filters: dict[str, list[str] | tuple[int, int]] = {
            name: list(values) for name, values in self.allowed
        }
        if self.min_rooms is not None or self.max_rooms is not None:
            filters["rooms"] = (self.min_rooms or 1, self.max_rooms or 1_000)
        return filters

    def results(self) -> "Address":
        """Return the address of the results that the open museum came from."""
        return replace(self, museum="", room=None, view=None, against="", page="", options=())

    def home(self) -> "Address":
        """Return the first page of the collection that this address is about."""
        return Address(collection=self.collection)

    def without_filters(self) -> "Address":
        """Return the same search over the whole collection."""
        return replace(self, allowed=(), min_rooms=None, max_rooms=None)

    def open(self, museum: str, room: int | None = None, view: int | None = None) -> "Address":
        """Return the address of a museum (a room, a view of it, from 0) opened from here."""
        return replace(self.results(), museum=museum, room=room, view=view)

    def compare(self, museum: str, against: str) -> "Address":
        """Return the address of two museums side by side on this search."""
        return replace(self.results(), museum=museum, against=against)

    def turn_to(self, page: str, **options: str) -> "Address":
        """Return the address of one of PAGES on this search, with fields of its own."""
        chosen = tuple(sorted((name, value) for name, value in options.items() if value))
        return replace(self.results(), page=page, options=chosen)

    def option(self, name: str, default: str = "") -> str:
        """Return a field of the page, or the default where the address has none."""
        return dict(self.options).get(name, default)

    def more_like(self, museum: str, room: int, view: int) -> "Address":
        """Return the search for views like this one, with the same filters."""
        return replace(
            self.results(),
            query="",
            gone="",
            image="",
            like=(museum, room, view),
            as_typed=False,
            browse=False,
        )


def parse_address(text: str) -> Address:
    """Read an address such as ``"?q=red&museum=museum-01650&room=2"``; what is odd is ignored."""
    try:
        pairs = parse_qsl(text[:MAX_LENGTH].lstrip("?"), max_num_fields=MAX_FIELDS)
    except ValueError:
        return Address()
    fields = dict(reversed(pairs))  # the first of several wins
    museum = fields.get("museum", "")
    room, view = (_number(fields.get(name), 1, 9_999) for name in ("room", "view"))
    page = fields.get(PAGE_FIELD, "")
    short = {name: value for name, value in fields.items() if len(value) <= MAX_VALUE}
    options = {m[1]: value for name, value in short.items() if (m := _OPTION.fullmatch(name))}
    key = _matching(TOKEN, fields.get("text", ""))
    kept = _texts.get(key) if key else None
    return Address(
        query=fields.get("q", kept or ""),
        gone=key if kept is None and "q" not in fields else "",
        like=_parse_like(fields.get("like", "")),
        image=_matching(TOKEN, fields.get("image", "")),
        museum=_matching(MUSEUM_ID, museum),
        room=None if room is None else room - 1,
        top=_number(fields.get("top"), 1, MAX_TOP) or DEFAULT_TOP,
        min_rooms=_number(fields.get("min_rooms"), 1, 999),
        max_rooms=_number(fields.get("max_rooms"), 1, 999),
        allowed=_parse_allowed(pairs),
        browse=fields.get("browse") == "all",
        view=None if view is None else view - 1,
        against=_matching(MUSEUM_ID, fields.get("against", "")),
        page=page if page in PAGES else "",
        options=tuple(sorted(options.items())),
        collection=_matching(TOKEN, fields.get("collection", "")),
        stages=_parse_stages(fields.get("stages", "")),
        as_typed=fields.get("as") == "typed",
        listed=fields["list"] if fields.get("list") in LEVELS else LEVELS[0],
    )


def format_address(address: Address) -> str:
    """Return the address as text, from its question mark on; the home page is ``"?"``."""
    pairs: list[tuple[str, object]] = []
    if address.collection:
        pairs.append(("collection", address.collection))
    pairs += [("text", address.gone)] if address.gone else []
    if address.query:
        pairs.append(_query_field(address.query))
        pairs += [("as", "typed")] if address.as_typed else []
    if address.like:
        museum, room, view = address.like
        pairs.append(("like", f"{museum}/{room + 1}/{view + 1}"))
    pairs += [("image", address.image)] if address.image else []
    pairs += [("top", address.top)] if address.top != DEFAULT_TOP else []
    pairs += [("min_rooms", address.min_rooms)] if address.min_rooms else []
    pairs += [("max_rooms", address.max_rooms)] if address.max_rooms else []
    pairs += [(FILTER_PREFIX + name, value) for name, values in address.allowed for value in values]
    pairs += [("list", address.listed)] if address.listed != LEVELS[0] else []
    pairs += [("stages", ",".join(address.stages))] if address.stages else []
    pairs += [("browse", "all")] if address.browse else []
    pairs += [("museum", address.museum)] if address.museum else []
    pairs += [("room", address.room + 1)] if address.museum and address.room is not None else []
    pairs += [("view", address.view + 1)] if address.museum and address.view is not None else []
    pairs += [("against", address.against)] if address.museum and address.against else []
    pairs += [(PAGE_FIELD, address.page)] if address.page else []
    pairs += [(OPTION_PREFIX + name, value) for name, value in address.options]
    return "?" + urlencode(pairs, safe="/", errors="replace")


def _query_field(query: str) -> tuple[str, str]:
    if len(query) <= LONGEST_IN_LINKS:
        return "q", query
    query = query[: LONGEST_QUERY + 1]  # what is longer is refused anyway
    key = hashlib.blake2b(query.encode("utf-8", "replace"), digest_size=12).hexdigest()
    _texts.add(key, query, len(query))
    return "text", key


def _number(text: str | None, minimum: int, maximum: int) -> int | None:
    if text is None or not re.fullmatch(r"[0-9]{1,6}", text):
        return None
    return min(max(int(text), minimum), maximum)


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _parse_like(text: str) -> tuple[str, int, int] | None:
    match = _LIKE.fullmatch(text)
    if not match or match[2] == "0" or match[3] == "0":
        return None
    return match[1], int(match[2]) - 1, int(match[3]) - 1


def _parse_stages(text: str) -> tuple[str, ...]:
    named = set(text.split(",")) & set(STAGES)
    return tuple(stage for stage in STAGES if stage in named | {RANK}) if named else ()


def _parse_allowed(pairs: list[tuple[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    chosen: dict[str, list[str]] = {}
    for name, value in pairs:
        fits = len(name) + len(value) <= MAX_VALUE
        if fits and name.startswith(FILTER_PREFIX) and name != FILTER_PREFIX:
            chosen.setdefault(name.removeprefix(FILTER_PREFIX), []).append(value)
    return tuple((name, tuple(dict.fromkeys(values))) for name, values in sorted(chosen.items()))
