"""What the app asks of the library: results of an address, remembered for a while."""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from demo import text
from demo.address import Address
from demo.turns import Turns
from demo.uploads import Uploads, takes_long
from demo.warmup import Models
from hicalm.data.collection import Collection
from hicalm.data.pictures import PictureSource
from hicalm.errors import HicalmError
from hicalm.explain.explanation import Explanation
from hicalm.files import encode_jpeg
from hicalm.levels import WORDS
from hicalm.ragged import offsets
from hicalm.retrieval.evidence import Evidence, HeatMap
from hicalm.retrieval.methods import Ranking
from hicalm.retrieval.results import MuseumMatch, SearchResult
from hicalm.retrieval.stages import RERANK, SHORTLIST

if TYPE_CHECKING:  # they take torch along
    from hicalm.retrieval.query import Query
    from hicalm.search.searcher import Searcher

Value = TypeVar("Value")

REMEMBERED = {
    "results": 48,
    "queries": 48,
    "explanations": 256,
    "pictures": 320,
    "evidence": 256,  # of rooms
    "heat_maps": 256,  # of single views
    "similarities": 16,  # of all items of a level
    "pages": 48,  # of results
}
MOST_RANKED = 5_000  # museums that are all put in order to say where one stands
EXPLAINED_AT_ONCE = 2  # museums of a list, in a turn
LONG_TEXT = 500  # characters from which a search takes longer than others should wait
LONG_CHARACTERS = 40_000  # of long texts, of which something is remembered: up to 4 kB for each
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # of the categories Cc and Cs
SMALL = 320  # width in pixels of pictures inside a report


def is_long(address: Address) -> bool:
    """Tell whether to answer an address takes long: it has a long text."""
    return len(address.query) > LONG_TEXT


def clean_query(query: str) -> str:
    """Return the query without control characters and lone surrogates (each becomes a space)."""
    return UNSEEN.sub(" ", query).strip()


class Recent(Generic[Value]):
    """Remembers the values used last; safe to use from several threads.

    Those of long texts take much memory: of these only as many as have ``LONG_CHARACTERS``.
    """

    def __init__(self, max_size: int):
        self._max_size = max_size
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._long: dict[Hashable, int] = {}  # characters of long texts
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def get(self, key: Hashable, make: Callable[[], Value], query: str = "") -> Value:
        """Return the value of a key, made on the first call; an exception is not remembered.

        ``query`` is the text that it is of.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()  # perhaps twice, by two that ask at the same time
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(query) > LONG_TEXT:
                self._long[key] = len(query)
            while len(self._values) > self._max_size:
                self._forget(next(iter(self._values)))
            while sum(self._long.values()) > LONG_CHARACTERS:
                self._forget(next(one for one in self._values if one in self._long))
        return value

    def _forget(self, key: Hashable) -> None:
        del self._values[key]
        self._long.pop(key, None)


@dataclass(frozen=True)
class RankedMatch:
    """A museum in a ranking: its MuseumMatch, its rank from 1, the match directly above it
    (None: it is the first), and among how many museums (None: those that pass the filters)."""

    match: MuseumMatch
    rank: int
    above: MuseumMatch | None
    among: int | None


class Workspace:
    """Searches the collection once it is open; safe to call from several threads."""

    def __init__(
        self,
        warmup: Models,
        uploads: Uploads | None = None,
        turns: Turns | None = None,
    ):
        self.warmup = warmup
        self.uploads = uploads or Uploads()
        self._results: Recent[SearchResult] = Recent(REMEMBERED["results"])
        self._queries: Recent[Query] = Recent(REMEMBERED["queries"])
        self._explanations: Recent[Explanation] = Recent(REMEMBERED["explanations"])
        self._evidence: Recent[Evidence] = Recent(REMEMBERED["evidence"])
        self._similarities: Recent[np.ndarray] = Recent(REMEMBERED["similarities"])
        self._heat_maps: Recent[HeatMap] = Recent(REMEMBERED["heat_maps"])
        self._small_pictures: Recent[bytes] = Recent(REMEMBERED["pictures"])
        self._pages: Recent[dict[Any, Any]] = Recent(REMEMBERED["pages"])
        self._paging = threading.Lock()
        self._drawing = threading.Lock()  # apart: a picture holds up no search
        self.turns = turns or Turns()

    @property
    def collection(self) -> Collection:
        """The collection. Raises HicalmError while it is being opened."""
        if self.warmup.collection is None:
            raise HicalmError(text.WARMING_COLLECTION)
        return self.warmup.collection

    @property
    def pictures(self) -> PictureSource:
        """The pictures of the collection. Raises HicalmError while it is being opened."""
        if self.warmup.pictures is None:
            raise HicalmError(text.WARMING_COLLECTION)
        return self.warmup.pictures

    def over(self, searcher: "Searcher") -> "Workspace":
        """Return a workspace of another searcher, which takes turns with this one."""
        return Workspace(Models.opened(searcher, text.COLLECTION_NO_MAP), self.uploads, self.turns)

    def add_picture(self, content: bytes) -> str:
        """Keep a picture file to search by and return its token, as ``Uploads.add``.

        They are decoded in turn: each may take some hundred megabytes.
        """
        return self.turns.do(lambda: self.uploads.add(content), takes_long(content))

    def find(self, address: Address) -> SearchResult:
        """Return the SearchResult of an address (its open museum plays no part).

        Raises HicalmError for a query, picture or filter that cannot be searched by, and while
        the models are not ready.
        """
        searcher = self.warmup.wait(0)
        stages = self.stages(address)
        key = replace(
            address.results(), query=clean_query(address.query), browse=False, stages=stages
        )
        return self.turns.do(
            lambda: self._results.get(key, lambda: self._search(searcher, key), key.query),
            is_long(key),
        )

    def stages(self, address: Address) -> tuple[str, ...]:
        """Return the stages that the search of an address goes through.

        Those that it names or, where it names none, the default ones, as far as the collection has
        them and they can read its query. Raises HicalmError while the models are not ready.
        """
        searcher = self.warmup.wait(0)
        wanted = set(address.stages or searcher.default_stages)
        if address.by_picture:
            wanted.discard(RERANK)  # it compares words
        return tuple(stage for stage in searcher.stages if stage in wanted)

    def ranked_match(self, address: Address, museum: str) -> RankedMatch | None:
        """Return where a museum stands, be it among the results or not.

        Among the results of the address where it is one of them; else in the ranking of the whole
        collection, without a shortlist. None where the address does not search or the museum cannot
        be found by it. Of more than ``MOST_RANKED`` museums the whole collection is not ranked.
        Raises HicalmError as ``find``.
        """
        if not address.searches:
            return None
        everything = replace(
            address.without_filters(),
            top=len(self.collection.museums),
            stages=tuple(stage for stage in self.stages(address) if stage != SHORTLIST),
        )
        for search in (address, everything)[: 1 + (everything.top <= MOST_RANKED)]:
            matches = self.find(search).matches
            for index, match in enumerate(matches):
                if match.museum_id == museum:
                    above = matches[index - 1] if index else None
                    among = None if search.filters else everything.top - bool(address.like)
                    return RankedMatch(match, index + 1, above, among)
        return None

    def align_rooms(self, first: str, second: str) -> tuple[tuple[int | None, int | None], ...]:
        """Return which rooms of two museums are each other's counterparts.

        Raises HicalmError for an unknown museum, and while the models are not ready.
        """
        return self.warmup.wait(0).align_rooms(first, second)

    def explain(self, address: Address, museum: str) -> Explanation:
        """Return the Explanation of a museum for an address's query.

        It is that of the score by which the museum is ranked (see ``ranked_match``), with the part
        ``words`` where that has it. Raises HicalmError as ``find``, for an unknown museum and for
        too many sentences.
        """
        searcher = self.warmup.wait(0)

        def explain() -> Explanation:
            ranked, query = self.ranked_match(address, museum), self._read(searcher, address)
            words = ranked is not None and WORDS in ranked.match.levels
            key = self._query_key(address), museum, words
            return self._explanations.get(
                key, lambda: searcher.explain(query, museum, words), address.query
            )

        return self.turns.do(explain, long=True)

    def explain_several(self, address: Address, museums: Sequence[str]) -> list[Explanation]:
        """Return the Explanation of each museum, as ``explain`` does.

        It is one turn: ask for a few at a time, so that others' searches come in between.
        """
        return self.turns.do(lambda: [self.explain(address, one) for one in museums], long=True)

    def known(self, address: Address) -> Mapping[str, float]:
        """Return by phrase of an address's query how surely (0..1) the encoder knows it.

        Empty for a picture. Raises HicalmError as ``find``.
        """
        phrases = self._asked(address, lambda searcher, query: query.phrases)
        return {} if phrases is None else phrases.known

    def presence(self, address: Address, museum: str, room: int) -> Mapping[str, float]:
        """Return by phrase of an address's query the probability that a room shows any of it.

        Empty for a picture. Raises HicalmError as ``find``, and for an unknown museum or room.
        """
        return self._asked(address, lambda searcher, query: searcher.presence(query, museum, room))

    def evidence(self, address: Address, museum: str, room: int) -> Evidence | None:
        """Return the Evidence of a room for an address's words; None where there can be none.

        Raises HicalmError as ``find``, for an unknown museum or room, and for words that it cannot
        be found for.
        """
        searcher = self.warmup.wait(0)
        if address.by_picture or not searcher.has_evidence:
            return None
        key = self._query_key(address), museum, room

        def find() -> Evidence:
            return searcher.evidence(self._read(searcher, address), museum, room)

        return self.turns.do(lambda: self._evidence.get(key, find, address.query), is_long(address))

    def heat_map(self, address: Address, museum: str, room: int, view: int) -> HeatMap:
        """Return the HeatMap of a view for an address's words. Raises HicalmError as ``evidence``,
        and where the collection has no evidence."""
        searcher = self.warmup.wait(0)
        key = self._query_key(address), museum, room, view

        def find() -> HeatMap:
            return searcher.heat_map(self._read(searcher, address), museum, room, view)

        return self.turns.do(
            lambda: self._heat_maps.get(key, find, address.query), is_long(address)
        )

    def similarities(
        self, address: Address, level: str, museums: np.ndarray | None = None
    ) -> np.ndarray:
        """Return how well every museum, room or view matches, float32 (N,): of the collection, or
        of some museums (rows, (M,)). Raises HicalmError as ``find``."""
        searcher = self.warmup.wait(0)
        key = self._query_key(address), level, None if museums is None else museums.tobytes()

        def compare() -> np.ndarray:
            return searcher.similarities(self._read(searcher, address), level, museums)

        return self.turns.do(lambda: self._similarities.get(key, compare), is_long(address))

    def candidates(self, address: Address) -> np.ndarray | None:
        """Return ``Searcher.candidates`` of an address. Raises HicalmError as ``find``."""
        return self._asked(address, lambda own, query: own.candidates(query, address.filters))

    def room_values(self, address: Address, museums: np.ndarray | None) -> np.ndarray | None:
        """Return ``Searcher.room_values`` of an address. Raises HicalmError as ``find``."""
        return self._asked(address, lambda searcher, query: searcher.room_values(query, museums))

    def best_view(self, address: Address, museum: str, room: int | None = None) -> tuple[int, int]:
        """Return the room and view (from 0) of a museum, or of one room of it, most similar to an
        address's query. Raises HicalmError as ``find``, and for an unknown museum."""
        row = self.collection.row(museum)
        values = self._asked(
            address, lambda searcher, query: searcher.similarities(query, "view", np.array([row]))
        )
        rooms = slice(*self.collection.room_offsets[row : row + 2])
        starts = offsets(self.collection.view_counts[rooms])
        begin, end = (0, starts[-1]) if room is None else starts[room : room + 2]
        best = int(begin + values[begin:end].argmax())
        found = int(np.searchsorted(starts, best, side="right")) - 1
        return found, int(best - starts[found])

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods that can rank the museums, the app's own first.

        Raises HicalmError while the models are not ready.
        """
        return self.warmup.wait(0).methods

    def ranking(self, address: Address, method: str) -> Ranking:
        """Return the Ranking of all museums by a method; filters play no part.

        Raises HicalmError as ``find``, for a picture and for an unknown method.
        """
        searcher, query = self._asked(address, lambda *asked: asked)
        return self.turns.do(lambda: searcher.ranking(query, method), long=True)

    def small_picture(self, museum: str, room: int, view: int) -> bytes:
        """Return a view as a small JPEG file. Raises HicalmError for an unknown museum."""
        pictures, key = self.pictures, (museum, room, view)
        with self._drawing:
            return self._small_pictures.get(key, lambda: encode_jpeg(pictures.picture(*key, SMALL)))

    def page(self, address: Address, make: Callable[[], dict[Any, Any]]) -> dict[Any, Any]:
        """Return what ``make`` says that the results of an address show, made on the first call.

        The same objects come back, by which `QuickBlocks` knows what a browser has already.
        """
        with self._paging:
            if address in self._pages:
                return dict(self._pages.get(address, make))
        made = make()  # not in turn: it searches
        with self._paging:
            return dict(self._pages.get(address, lambda: made, address.query))

    def _asked(self, address: Address, ask: Callable[["Searcher", "Query"], Value]) -> Value:
        """Return what ``ask`` finds, in turn, for the Query of an address."""
        searcher = self.warmup.wait(0)
        return self.turns.do(lambda: ask(searcher, self._read(searcher, address)), is_long(address))

    def _query_key(self, address: Address) -> Address:
        query = clean_query(address.query)
        return Address(
            query, address.like, address.image, as_typed=address.as_typed, gone=address.gone
        )

    def _read(self, searcher: "Searcher", address: Address) -> "Query":
        """Return the Query of an address; call it in turn."""
        key = self._query_key(address)

        def read() -> "Query":
            if key.gone:
                raise HicalmError(text.TEXT_EXPIRED)
            if key.image:
                return searcher.read_picture(self.uploads.get(key.image))
            if not key.like:
                return searcher.read(key.query, key.as_typed)
            museum, room, view = key.like
            rooms = searcher.collection.museum(museum).rooms
            if room >= len(rooms) or view >= rooms[room].views:
                raise HicalmError(text.BAD_LIKE)
            return searcher.read_view(museum, room, view)

        return self._queries.get(key, read, key.query)

    def _search(self, searcher: "Searcher", address: Address) -> SearchResult:
        started = time.perf_counter()
        query, filters = self._read(searcher, address), address.filters or None
        top = address.top + (address.like is not None)  # the view's own museum is left out
        found = searcher.rank(query, top, filters, address.stages)
        others = [m for m in found.matches if not address.like or m.museum_id != address.like[0]]
        seconds = time.perf_counter() - started
        return replace(found, matches=tuple(others[: address.top]), seconds=seconds)
