"""What the app asks of the library: results of an address, remembered for a while."""

import threading
import unicodedata
from collections import OrderedDict
from dataclasses import replace
from typing import Any

from demo import text
from demo.address import Address
from demo.uploads import Uploads
from demo.warmup import Warmup
from hicalm.errors import HicalmError

REMEMBERED_RESULTS = 48


def clean_query(query: str) -> str:
    """Return the query without control characters and lone surrogates (each becomes a space)."""
    kept = (" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in query)
    return "".join(kept).strip()


class Explorer:
    """Searches the collection once it is open; safe to call from several threads."""

    def __init__(self, warmup: Warmup, uploads: Uploads | None = None):
        self.warmup = warmup
        self.uploads = uploads or Uploads()
        self._results: OrderedDict[Address, Any] = OrderedDict()
        self._lock = threading.Lock()  # one search at a time: two would only share the cores

    @property
    def collection(self) -> Any:
        """The collection, or None while it is being opened."""
        return self.warmup.collection

    def find(self, address: Address) -> Any:
        """Return the SearchResult of an address (its open museum plays no part).

        Raises HicalmError for a query, picture or filter that cannot be searched by, and while
        the models are not ready.
        """
        searcher = self.warmup.wait(0)
        key = replace(address.results(), query=clean_query(address.query), browse=False)
        with self._lock:
            if key not in self._results:
                self._results[key] = self._search(searcher, key)
                while len(self._results) > REMEMBERED_RESULTS:
                    self._results.popitem(last=False)
            self._results.move_to_end(key)
            return self._results[key]

    def match(self, address: Address) -> Any:
        """Return the MuseumMatch of the open museum, be it among the first results or not.

        None where the address does not search or the museum cannot be found by it. Raises
        HicalmError as ``find``.
        """
        if not address.searches:
            return None
        everything = replace(address.without_filters(), top=len(self.collection.museums))
        for search in (address, everything):
            for match in self.find(search).matches:
                if match.museum_id == address.museum:
                    return match
        return None

    def _search(self, searcher: Any, address: Address) -> Any:
        options = {"top": address.top, "filters": address.filters or None}
        if address.image:
            return searcher.search_image(self.uploads.get(address.image), **options)
        if address.like:
            museum, room, view = address.like
            rooms = searcher.collection.museum(museum).rooms
            if room >= len(rooms) or view >= rooms[room].views:
                raise HicalmError(text.BAD_LIKE)
            options["top"] += 1  # the museum that the view is from is left out
            found = searcher.more_like(museum, room, view, **options)
            others = tuple(match for match in found.matches if match.museum_id != museum)
            return replace(found, matches=others[: address.top])
        return searcher.search(address.query, **options)
