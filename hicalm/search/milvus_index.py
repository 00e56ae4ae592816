"""The vectors of a collection's museums, rooms and views in Milvus, the engine beyond one process.

The address decides: ``*.db`` (milvus-lite, a folder, read and written by this process alone) or
``http://...`` (a server or a cluster). An index has a Milvus collection for each level and one for
its state, named after the museums' collection. An item carries its museum's id, number of rooms,
split and attributes, so that filters narrow the search itself. The level ``museum`` is written
last, with a hash of the museum's content: a museum that has one is complete.
"""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from hicalm.errors import HicalmError, not_installed
from hicalm.levels import LEVELS
from hicalm.search.museum_filters import Allowed

if TYPE_CHECKING:  # comes with the extra `scale`
    from pymilvus import CollectionSchema, MilvusClient

LONGEST_ID = 400  # bytes of a museum's id
MAX_FOUND = 16_384  # of one search, by Milvus' own limit
SECONDS = 30.0  # a call may take
# Of an idle connection: the client's ten seconds are too often for milvus-lite, which hangs up.
GRPC_OPTIONS = {"grpc.keepalive_time_ms": 600_000}
ROWS_AT_ONCE = 1_000  # written or read in one call, which may have 64 MB
STATE = "state"  # the collection of one row beside those of the levels
Result = TypeVar("Result")


@dataclass(frozen=True)
class IndexState:
    """Which models and museums an index holds; ``complete``: nothing of it is still to come."""

    checkpoint: str  # the hash of the model whose vectors these are
    encoder: str  # the label of the fingerprint of the features
    content: str  # of the museums, see ``indexing.collection_hash``
    museums: int
    complete: bool


@dataclass(frozen=True)
class MuseumVectors:
    """A museum of an index, with its ``vectors`` by level, float32 (1, H), (R, H) and (V, H)."""

    id: str
    hash: str
    rooms: int
    split: str
    attributes: Mapping[str, Any]
    vectors: tuple[np.ndarray, np.ndarray, np.ndarray]


class MilvusIndex:
    """One collection's vectors at an address; safe to call from several threads."""

    def __init__(self, client: "MilvusClient", address: str, name: str) -> None:
        """``name`` is the collection's. Use ``open``."""
        self._client, self.address, self.name = client, _shown(address), name
        self._prefix = _prefix(name)

    @classmethod
    def open(cls, address: str, name: str) -> "MilvusIndex":
        """Connect to an address. Raises HicalmError where nothing answers."""
        try:
            from pymilvus import MilvusClient
        except ModuleNotFoundError as error:
            raise not_installed(error) from error
        for library in ("pymilvus", "milvus_lite"):  # they log what they raise, with its traceback
            logging.getLogger(library).setLevel(logging.CRITICAL)
        own = {"uri": _checked(address), "timeout": SECONDS, "grpc_options": GRPC_OPTIONS}
        try:
            client = _asking(address, partial(MilvusClient, **own))
        except HicalmError as error:
            if not is_embedded(address):
                raise
            raise HicalmError(
                f"The index '{address}' cannot be opened: another process has it open (one at a "
                "time may), or something else lies there."
            ) from error
        return cls(client, address, name)

    def state(self) -> IndexState | None:
        """Return what the index holds; None where there is none of this collection."""
        if not self._ask("has_collection", self._of(STATE)):
            return None
        self._ask("load_collection", self._of(STATE))
        own = {"filter": f'id == "{STATE}"', "output_fields": ["content"]}
        rows = self._ask("query", self._of(STATE), **own)
        try:
            return IndexState(**rows[0]["content"]) if rows else None
        except TypeError as error:
            raise HicalmError(
                f"The index of '{self.name}' at {self.address} was made by another version. "
                "Make it again with `python -m hicalm index --anew`."
            ) from error

    def begin(self, state: IndexState, width: int) -> None:
        """Make what is missing of the index, of vectors (N, ``width``), and write its state."""
        for level in LEVELS:
            if not self._ask("has_collection", self._of(level)):
                self._create(self._of(level), _level_schema(width))
        if not self._ask("has_collection", self._of(STATE)):
            self._create(self._of(STATE), _state_schema())
        self.write_state(state)

    def write_state(self, state: IndexState) -> None:
        """Write what the index holds."""
        row = {"id": STATE, "content": vars(state), "vector": [0.0, 1.0]}
        self._ask("upsert", self._of(STATE), [row])
        self._ask("flush", self._of(STATE), timeout=None)

    def drop(self) -> None:
        """Remove the index of this collection, if there is one."""
        for part in (STATE, *LEVELS):
            self._ask("drop_collection", self._of(part))

    def hashes(self) -> dict[str, str]:
        """Return the museums that are complete, by id the hash of their content."""
        return {row["museum"]: row["hash"] for row in self._rows("museum", ["museum", "hash"])}

    def write(self, museums: Sequence[MuseumVectors]) -> None:
        """Write museums, the level ``museum`` last; rows that are there are replaced.

        Raises HicalmError for an id that is too long.
        """
        for one in museums:
            if len(one.id.encode()) > LONGEST_ID:
                raise HicalmError(
                    f"The id of the museum '{one.id[:40]}…' has more than {LONGEST_ID} bytes. "
                    "Give it a shorter one."
                )
        for number in reversed(range(len(LEVELS))):
            rows = [row for one in museums for row in _rows_of(one, number)]
            for first in range(0, len(rows), ROWS_AT_ONCE):
                part = rows[first : first + ROWS_AT_ONCE]
                self._ask("upsert", self._of(LEVELS[number]), part, timeout=None)

    def remove(self, ids: Sequence[str]) -> None:
        """Remove museums with their rooms and views; those that are not there play no part."""
        for first in range(0, len(ids), ROWS_AT_ONCE):
            gone = _any_of("museum", ids[first : first + ROWS_AT_ONCE])
            for level in LEVELS:  # museums first: what is left of one then counts as missing
                self._ask("delete", self._of(level), filter=gone, timeout=None)

    def finish(self, state: IndexState) -> None:
        """Write everything to disk, and say that the index is complete."""
        for level in LEVELS:
            self._ask("flush", self._of(level), timeout=None)
        self.write_state(state)

    def load(self) -> None:
        """Bring the levels into the server's memory, as a search needs them."""
        for level in LEVELS:
            self._ask("load_collection", self._of(level), timeout=None)

    def nearest(
        self, level: str, texts: np.ndarray, kept: int, allowed: Allowed
    ) -> list[list[tuple[str, float]]]:
        """Return for each text (T, H) at most ``kept`` museums by id, with the cosine of the best
        item of a level, the best first."""
        found = self._ask(
            "search",
            self._of(level),
            data=list(texts),
            limit=min(kept, MAX_FOUND),
            filter=expression(allowed),
            output_fields=["museum"],
            group_by_field="museum",
        )
        return [[(hit["entity"]["museum"], hit["distance"]) for hit in hits] for hits in found]

    def _rows(self, level: str, fields: list[str]) -> Iterator[dict]:
        name = self._of(level)
        self._ask("load_collection", name, timeout=None)
        asked = {"batch_size": ROWS_AT_ONCE, "filter": "rooms >= 0", "output_fields": fields}
        pages = self._ask("query_iterator", name, **asked)
        while page := _asking(self.address, pages.next):
            yield from page
        pages.close()

    def _create(self, name: str, schema: "CollectionSchema") -> None:
        made = self._client.prepare_index_params()
        # Embedded, all are compared: exact, and nothing has to be built.
        kind = "FLAT" if is_embedded(self.address) else "AUTOINDEX"
        made.add_index("vector", index_type=kind, metric_type="IP")
        own = {"schema": schema, "index_params": made, "consistency_level": "Bounded"}
        self._ask("create_collection", name, **own)

    def _of(self, part: str) -> str:
        return f"{self._prefix}_{part}"

    def _ask(self, method: str, *given: Any, **named: Any) -> Any:
        """Call a method of Milvus' client. Raises HicalmError for what it says instead."""
        return _asking(self.address, partial(getattr(self._client, method), *given, **named))


def expression(allowed: Allowed) -> str:
    """Return the filters that Milvus can read as its expression, which may let more through."""
    parts = []
    for least, most in allowed.limits:
        parts += [f"rooms >= {least}"] * (least is not None)
        parts += [f"rooms <= {most}"] * (most is not None)
    for name, wanted in allowed.filters.items():
        if not wanted:
            continue
        if name == "rooms":
            parts.append(f"rooms >= {int(wanted[0])} and rooms <= {int(wanted[1])}")
            continue
        values = [wanted] if isinstance(wanted, str) else list(wanted)
        field = "split" if name == "split" else f"attributes[{_quoted(name)}]"
        if all(isinstance(value, str | int | float) for value in values):
            either = " or ".join(f"{field} == {_quoted(value)}" for value in values)
            parts.append(f"({either})")
    return " and ".join(parts)


def _quoted(value: str | int | float) -> str:
    return json.dumps(value, ensure_ascii=False)


def _any_of(field: str, values: Sequence[str]) -> str:
    return f"{field} in [{', '.join(_quoted(value) for value in values)}]"


def _rows_of(one: MuseumVectors, number: int) -> Iterator[dict]:
    known = {"museum": one.id, "rooms": one.rooms, "split": one.split, "hash": one.hash}
    for place, vector in enumerate(one.vectors[number]):
        yield known | {
            "id": f"{one.id}/{place}",
            "attributes": dict(one.attributes),
            "vector": vector,
        }


def _level_schema(width: int) -> "CollectionSchema":
    from pymilvus import DataType

    schema = _schema(LONGEST_ID + 20, width)
    for name, length in (("museum", LONGEST_ID), ("split", 200), ("hash", 64)):
        schema.add_field(name, DataType.VARCHAR, max_length=length)
    schema.add_field("rooms", DataType.INT64)
    schema.add_field("attributes", DataType.JSON)
    return schema


def _state_schema() -> "CollectionSchema":
    from pymilvus import DataType

    schema = _schema(len(STATE), 2)  # Milvus keeps no collection without vectors
    schema.add_field("content", DataType.JSON)
    return schema


def _schema(longest: int, width: int) -> "CollectionSchema":
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=longest)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=width)
    return schema


def _prefix(name: str) -> str:
    """Return what the Milvus collections of a collection are called, of letters and digits."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:60]
    return f"hicalm_{words}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _shown(address: str) -> str:
    """Return an address without the name and the password that it may hold."""
    return re.sub(r"//[^@/]*@", "//", address)


def is_embedded(address: str) -> bool:
    """Tell whether an address is a file of milvus-lite, which one process alone can open."""
    return "://" not in address


def _checked(address: str) -> str:
    """Return an address as pymilvus takes it. Raises HicalmError for one that it does not."""
    if not is_embedded(address):
        return address
    path = Path(address).expanduser().absolute()
    if path.suffix != ".db":
        raise HicalmError(
            f"'{address}' is no address of an index: name a file that ends in .db, or http://... "
            "of a Milvus server."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)


def _asking(address: str, call: Callable[[], Result]) -> Result:
    """Return what a call gives. Raises HicalmError for whatever Milvus says instead."""
    from pymilvus.exceptions import MilvusException

    try:
        return call()
    except MilvusException as error:
        said = str(error.message).splitlines()[0][:200] if error.message else "no answer"
        raise HicalmError(f"The index at {_shown(address)} says: {said}.") from error
