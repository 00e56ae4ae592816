"""A collection of museums: the types used everywhere, and the folder they are kept in.

A folder holds ``collection.json`` (name, note, fingerprints of the encoders, source of pictures),
``museums.jsonl`` (one museum a line: its texts and what is known of it), ``features/*.safetensors``
and, for a world with ground truth, ``specifications.jsonl``.

Features are flat: B museums, R rooms, V views, S sentences in the whole collection, museums one
after the other, rooms in order. Sentences are those of the introduction, then of each room.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from hicalm.data.museum_columns import MuseumColumns, columns_of
from hicalm.data.museums import (  # noqa: F401
    Museum,
    Room,
    museum_record,
    parse_record,
    placed_lines,
    read_museums,
)
from hicalm.data.rows import JoinedRows, Rows, mean_distance, select_rows
from hicalm.data.shards import load_shards, remove_shards, save_shards
from hicalm.data.stored_museums import (
    MUSEUMS,
    SPECIFICATIONS,
    StoredMuseums,
    open_stored,
)
from hicalm.errors import HicalmError
from hicalm.files import filling, read_json, to_json, write_lines, write_text
from hicalm.ragged import offsets
from hicalm.settings import wrong_value

COLLECTION_FILE = "collection.json"
FORMAT = 2  # of the folder; raised when a reader of today could not read it
VIEW_KINDS = ("view", "art", "object")  # of features that have a row a view
FEATURE_KINDS = (*VIEW_KINDS, "sentence")
Value = TypeVar("Value")
_PICTURES = {"source": str, "root": str, "seed": int}  # what says where pictures come from


class Named(Protocol):
    """What makes features: an encoder or an expert."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def hash(self) -> str:
        """A hash of all that decides its features."""

    @property
    def dim(self) -> int:
        """How wide its features are."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Which encoder made features: features with different fingerprints are never compared."""

    name: str
    hash: str
    dim: Annotated[int, Field(strict=True, ge=1)]

    @classmethod
    def of(cls, encoder: Named) -> "Fingerprint":
        """Return the fingerprint of an encoder or expert."""
        return cls(encoder.name, encoder.hash, encoder.dim)

    @property
    def label(self) -> str:
        """Name and content hash, as a model's configuration names the encoder it reads."""
        return f"{self.name} {self.hash}"


@dataclass(frozen=True)
class Features:
    """Features by kind, float16 or float32, as far as they are there.

    ``view`` (ΣV, D), ``art`` (ΣV, A), ``object`` (ΣV, 5) and ``sentence`` (ΣS, D), in memory or
    still on disk; ``fingerprints`` names the encoder of each kind.
    """

    arrays: Mapping[str, Rows]
    fingerprints: dict[str, Fingerprint]

    def get(self, kind: str) -> np.ndarray:
        """Return all features of a kind, float32. Raises HicalmError where there are none."""
        return np.asarray(self.rows(kind)).astype(np.float32, copy=False)

    def rows(self, *kinds: str) -> Rows:
        """Return the features of some kinds side by side, to be read by indexing.

        Raises HicalmError where there are none.
        """
        for kind in kinds:
            if kind not in self.arrays:
                raise HicalmError(
                    f"The collection has no {kind} features. Make them with "
                    "'python -m hicalm encode COLLECTION'."
                )
        found = [self.arrays[kind] for kind in kinds]
        return found[0] if len(found) == 1 else JoinedRows(found)

    def check_fingerprint(self, kind: str, fingerprint: Fingerprint) -> None:
        """Raise HicalmError unless the features of ``kind`` were made by that encoder."""
        own = self.fingerprints.get(kind)
        if own is not None and own.hash != fingerprint.hash:
            raise HicalmError(
                f"The collection's {kind} features come from the encoder {own.name} ({own.hash}), "
                f"but {fingerprint.name} ({fingerprint.hash}) is in use. Encode the collection "
                "again with 'python -m hicalm encode COLLECTION', or use the encoder it was made "
                "with."
            )


@dataclass(frozen=True)
class Collection:
    """Museums with their features; ``specifications`` are the ground truth of a built-in world.

    Both are in memory, or read from their files where they are asked for (``stored_museums``).
    """

    name: str
    note: str
    museums: Sequence[Museum]
    pictures: dict[str, Any]
    features: Features
    specifications: Sequence[dict] = ()
    folder: Path | None = None

    def __post_init__(self) -> None:
        if duplicates := self.columns.duplicates:
            raise HicalmError(
                f"{duplicates} museums of '{self.name}' share an id with another museum. "
                "Give every museum an id of its own."
            )
        self._check_sizes()

    @cached_property
    def columns(self) -> MuseumColumns:
        """What is needed of all museums at once."""
        museums = self.museums
        return museums.columns if isinstance(museums, StoredMuseums) else columns_of(museums)

    def kept(self, name: str, make: Callable[[], Value]) -> Value:
        """Return a value of JSON made of all museums; of stored ones it is made once and kept."""
        museums = self.museums
        return museums.kept(name, make) if isinstance(museums, StoredMuseums) else make()

    @property
    def has_discovered_rooms(self) -> bool:
        """Whether there are rooms that no text is about, because nobody said that they are one."""
        rooms = (room for museum in self.museums for room in museum.rooms)
        return self.kept("has_discovered_rooms", lambda: not all(room.paragraph for room in rooms))

    def row(self, museum_id: str) -> int:
        """Return a museum's place in the collection. Raises HicalmError for an unknown id."""
        row = int(self.columns.rows([museum_id])[0])
        if row < 0:
            raise HicalmError(f"There is no museum '{museum_id}' in the collection '{self.name}'.")
        return row

    def museum(self, museum_id: str) -> Museum:
        """Return a museum by its id. Raises HicalmError for an unknown id."""
        return self.museums[self.row(museum_id)]

    def room_row(self, museum_id: str, room: int, view: int = 0) -> int:
        """Return a room's row. Raises HicalmError if it or the view is unknown."""
        museum = self.row(museum_id)
        rooms = self.museums[museum].rooms
        if not (0 <= room < len(rooms) and 0 <= view < rooms[room].views):
            raise HicalmError(f"{museum_id} has no view {view + 1} in a room {room + 1}.")
        return int(self.room_offsets[museum]) + room

    @property
    def room_counts(self) -> np.ndarray:
        """Rooms per museum, int64 (B,)."""
        return self.columns.arrays["rooms"]

    @property
    def view_counts(self) -> np.ndarray:
        """Views per room, int64 (ΣR,)."""
        return self.columns.arrays["views"]

    @cached_property
    def room_offsets(self) -> np.ndarray:
        """The first room of each museum, and behind the last one all rooms, int64 (B + 1,)."""
        return offsets(self.room_counts)

    @cached_property
    def view_offsets(self) -> np.ndarray:
        """The first view of each museum, and behind the last one all views, int64 (B + 1,)."""
        return offsets(self.view_counts)[self.room_offsets]

    @cached_property
    def paragraph_counts(self) -> np.ndarray:
        """Paragraphs per museum, the introduction included, int64 (B,)."""
        return self.room_counts + 1

    @property
    def sentence_counts(self) -> np.ndarray:
        """Sentences per paragraph, int64 (ΣP,)."""
        return self.columns.arrays["sentences"]

    @cached_property
    def view_distance(self) -> float:
        """The mean cosine distance of two views. Raises HicalmError without features."""
        return mean_distance(self.features.rows("view"))

    @property
    def sentences(self) -> list[str]:
        """All sentences in order (ΣS)."""
        return [s for museum in self.museums for p in museum.paragraphs for s in p]

    def select(self, rows: Sequence[int]) -> "Collection":
        """Return a collection of some museums, in the given order, with their features."""
        chosen = [self.museums[row] for row in rows]
        views = _group_rows(self.view_counts, self.room_counts, rows)
        sentences = _group_rows(self.sentence_counts, self.paragraph_counts, rows)
        kinds = dict.fromkeys(VIEW_KINDS, views) | {"sentence": sentences}
        arrays = {kind: select_rows(a, kinds[kind]) for kind, a in self.features.arrays.items()}
        specifications = tuple(self.specifications[row] for row in rows if self.specifications)
        features = Features(arrays, self.features.fingerprints)
        return Collection(
            self.name, self.note, tuple(chosen), self.pictures, features, specifications
        )

    def split(self, name: str) -> "Collection":
        """Return the museums of one split. Raises HicalmError where there are none."""
        rows = np.flatnonzero(self.columns.in_split([name])).tolist()
        if not rows:
            raise HicalmError(f"The collection '{self.name}' has no museums of the split '{name}'.")
        return self.select(rows)

    def _check_sizes(self) -> None:
        views, sentences = int(self.view_counts.sum()), int(self.sentence_counts.sum())
        expected = dict.fromkeys(VIEW_KINDS, views) | {"sentence": sentences}
        for kind, array in self.features.arrays.items():
            if len(array) != expected[kind]:
                raise HicalmError(
                    f"The collection '{self.name}' has {len(array)} rows of {kind} features, but "
                    f"its museums need {expected[kind]}. Encode it again."
                )
            fingerprint = self.features.fingerprints.get(kind)
            if array.ndim != 2 or (fingerprint is not None and array.shape[1] != fingerprint.dim):
                raise HicalmError(
                    f"The {kind} features of '{self.name}' have the shape {array.shape}, but each "
                    f"row must hold {fingerprint.dim if fingerprint else 'some'} numbers. Encode "
                    "it again."
                )


def _group_rows(inner: np.ndarray, outer: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
    """Return the flat rows of the chosen museums, whose groups ``outer`` hold ``inner`` rows."""
    rows = offsets(inner)[offsets(outer)]
    starts, stops = rows[:-1], rows[1:]
    parts = [np.arange(starts[row], stops[row]) for row in chosen]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def save_collection(collection: Collection, folder: Path) -> None:
    """Write a collection's folder: all of it first, then in place of what was there.

    Raises FullDiskError, and then nothing has changed.
    """
    folder, features = Path(folder), Path(folder) / "features"
    with filling(folder) as texts, filling(features) as arrays:
        for kind, array in collection.features.arrays.items():
            save_shards(arrays, kind, array)
        _write_texts(collection, texts)
        names = [path.name for path in arrays.glob("*.safetensors")]
    for kind in FEATURE_KINDS:
        remove_shards(features, kind, keep=names)
    _forget_specifications(collection, folder)


def save_texts(collection: Collection, folder: Path) -> None:
    """Write all of a collection but its features, with the fingerprints of those that lie there."""
    with filling(folder) as texts:
        _write_texts(collection, texts)
    _forget_specifications(collection, Path(folder))


def _forget_specifications(collection: Collection, folder: Path) -> None:
    if not collection.specifications:
        (folder / SPECIFICATIONS).unlink(missing_ok=True)


def _write_texts(collection: Collection, folder: Path) -> None:
    write_lines(folder / MUSEUMS, (museum_record(m) for m in collection.museums))
    if collection.specifications:
        write_lines(folder / SPECIFICATIONS, collection.specifications)
    fingerprints = {kind: asdict(one) for kind, one in collection.features.fingerprints.items()}
    head = {
        "format": FORMAT,
        "name": collection.name,
        "note": collection.note,
        "pictures": collection.pictures,
        "fingerprints": fingerprints,
    }
    write_text(folder / COLLECTION_FILE, to_json(head, indent=1))


def load_collection(folder: Path, store: bool = False) -> Collection:
    """Read a collection's folder; ``store``: its museums stay in their file from now on.

    Raises HicalmError for a missing, foreign or damaged one.
    """
    folder = Path(folder)
    if not (folder / COLLECTION_FILE).is_file():
        raise HicalmError(
            f"'{folder}' is not a collection: it has no collection.json. "
            "Name the folder that 'python -m hicalm world' or 'encode' wrote."
        )
    try:
        head = _read_head(folder)
        museums, specifications = open_stored(folder, store) or (
            tuple(read_museums(folder / MUSEUMS)),
            _specifications(folder / SPECIFICATIONS),
        )
        return Collection(
            name=head.name,
            note=head.note,
            museums=museums,
            pictures=head.pictures,
            features=Features(
                _load_features(folder / "features", head.fingerprints), head.fingerprints
            ),
            specifications=specifications,
            folder=folder,
        )
    except OSError as error:
        raise HicalmError(f"The collection '{folder}' cannot be read: {error}.") from error


@dataclass(frozen=True)
class _Head:
    """What ``collection.json`` holds beside its format."""

    name: str
    note: str
    pictures: dict[str, Any]
    fingerprints: dict[str, Fingerprint]


def _read_head(folder: Path) -> _Head:
    content = read_json(folder / COLLECTION_FILE)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else None
        raise HicalmError(
            f"'{folder}' has the collection format {found!r:.80}; this version reads {FORMAT}. "
            "Make the collection again."
        )
    try:
        head = TypeAdapter(_Head).validate_python(content)
    except ValidationError as error:
        reason = wrong_value(error, "a collection", ())
        raise HicalmError(f"'{folder / COLLECTION_FILE}' is wrong: {reason}") from error
    for name, kind in _PICTURES.items():
        if type(head.pictures.get(name, kind())) is not kind:
            raise HicalmError(
                f"'{folder / COLLECTION_FILE}' is wrong: the {name} of pictures must be "
                f"{'a whole number' if kind is int else 'a text'}, not {head.pictures[name]!r:.80}."
            )
    return head


def _specifications(path: Path) -> tuple[dict, ...]:
    if not path.exists():
        return ()
    lines = placed_lines(path)
    return tuple(parse_record(line, f"Line {number} of '{path}'") for number, _, line in lines)


def _load_features(folder: Path, fingerprints: dict[str, Fingerprint]) -> dict[str, Rows]:
    arrays = {kind: load_shards(folder, kind) for kind in FEATURE_KINDS}
    for kind, array in arrays.items():
        if array is not None and kind not in fingerprints:
            raise HicalmError(
                f"The {kind} features in '{folder}' do not say which encoder made them. "
                "Encode the collection again."
            )
    return {kind: array for kind, array in arrays.items() if array is not None}
