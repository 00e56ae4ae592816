"""Museums that stay in their file until they are asked for.

``python -m hicalm index`` writes the folder ``museums`` into a collection's: where each line of
``museums.jsonl`` and ``specifications.jsonl`` lies, and the columns that are needed of all museums.
Both are mapped, and a museum is read when it is shown. Where the files have changed since, by their
sizes and times, or the folder is damaged, it is written anew.
"""

import logging
import operator
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar, overload

import numpy as np

from hicalm.data.array_files import map_array
from hicalm.data.museum_columns import COLUMNS, MuseumColumns, columns_of
from hicalm.data.museums import Museum, parse_museum, parse_record, placed_lines
from hicalm.errors import HicalmError
from hicalm.files import checksum, making, read_json, to_json, write_text

FOLDER = "museums"  # inside a collection's folder
HEAD = "head.json"
FORMAT = 2
MUSEUMS, SPECIFICATIONS = "museums.jsonl", "specifications.jsonl"
KEPT = 256  # lines of a file that stay read, some kilobytes each
Line = TypeVar("Line")
Value = TypeVar("Value")
logger = logging.getLogger(__name__)


class StoredLines(Sequence[Line], Generic[Line]):
    """The lines of a file, read when they are asked for; safe to use from several threads."""

    def __init__(self, path: Path, places: np.ndarray, parse: Callable[[bytes, str], Line]) -> None:
        """``places`` (N, 2) are the first byte and the number of bytes of each line."""
        self._path, self._places, self._parse = path, places, parse
        self._file, self._lock = path.open("rb"), threading.Lock()
        self._recent = lru_cache(KEPT)(self._read)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, row: int) -> Line: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, row: int | slice) -> Line | tuple[Line, ...]:
        if isinstance(row, slice):
            return tuple(self[one] for one in range(*row.indices(len(self))))
        place = operator.index(row)
        if not -len(self) <= place < len(self):
            raise IndexError(f"there are {len(self)} lines, none at {place}")
        return self._recent(place % len(self))

    def __iter__(self) -> Iterator[Line]:
        return (self._read(row) for row in range(len(self)))  # all of them are not kept

    def _read(self, row: int) -> Line:
        begin, size = self._places[row].tolist()
        with self._lock:
            self._file.seek(begin)
            line = self._file.read(size)
        return self._parse(line, f"Line {row + 1} of '{self._path}'")


class StoredMuseums(StoredLines[Museum]):
    """The museums of a collection's folder, with their columns."""

    def __init__(self, folder: Path, places: np.ndarray, columns: MuseumColumns) -> None:
        super().__init__(folder / MUSEUMS, places, parse_museum)
        self._folder, self.columns = folder / FOLDER, columns

    def kept(self, name: str, make: Callable[[], Value]) -> Value:
        """Return a value of JSON that is made of all museums once, and stays beside them.

        In a folder that cannot be written it is made each time.
        """
        path = self._folder / f"{name}.json"
        with suppress(OSError, HicalmError):
            found: Value = read_json(path)
            return found
        made = make()
        with suppress(OSError):
            write_text(path, to_json(made, ensure_ascii=False))
        return made


class Stored(NamedTuple):
    """What is stored of a collection's folder."""

    museums: StoredMuseums
    specifications: Sequence[dict]


def store_museums(folder: Path) -> None:
    """Write the folder ``museums`` of a collection, if it is not up to date.

    The museums are read one after the other. Raises HicalmError for a line that says no museum or
    no specification, and OSError.
    """
    folder = Path(folder)
    if _is_current(folder):
        return
    state, places = _state(folder), {}

    def read(name: str, parse: Callable[[bytes, str], Line]) -> Iterator[Line]:
        found: list[tuple[int, int]] = []
        for number, begin, line in placed_lines(folder / name):
            found.append((begin, len(line)))
            yield parse(line, f"Line {number} of '{folder / name}'")
        places[name] = np.array(found, np.int64).reshape(-1, 2)

    columns = columns_of(read(MUSEUMS, parse_museum))
    if SPECIFICATIONS in state:
        for _ in read(SPECIFICATIONS, parse_record):
            pass
    head = {
        "format": FORMAT,
        "files": state,
        "attributes": columns.attributes,
        "texts": columns.texts,
        "content": columns.content,
    }
    with making(folder / FOLDER) as made:
        for name, rows in places.items():
            np.save(made / f"{name}.npy", rows)
        for name, column in columns.arrays.items():
            np.save(made / f"{name}.npy", column)
        head["checksums"] = {path.name: checksum(path) for path in made.glob("*.npy")}
        (made / HEAD).write_text(to_json(head, ensure_ascii=False), encoding="utf-8")


def open_stored(folder: Path, store: bool = False) -> Stored | None:
    """Return what is stored of a collection's folder, brought up to date; None where nothing is.

    Raises as ``store_museums``; where nothing can be written there, what is out of date is left,
    but with ``store``, which makes what is not there, that raises OSError.
    """
    folder = Path(folder)
    if store:
        store_museums(folder)
    elif not (folder / FOLDER / HEAD).is_file():
        return None
    try:
        if not store:
            store_museums(folder)
        return _open(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("all museums are read into memory: %s", error)
        return None


def _open(folder: Path) -> Stored:
    inside = folder / FOLDER
    head = read_json(inside / HEAD)

    def mapped(name: str) -> np.ndarray:  # as if it could be written, which torch asks for
        return map_array(inside / f"{name}.npy", mode="c")

    arrays = {name: mapped(name) for name in COLUMNS}
    columns = MuseumColumns(arrays, tuple(head["attributes"]), head["texts"], head["content"])
    specifications: Sequence[dict] = ()
    if SPECIFICATIONS in head["files"]:
        lines = mapped(SPECIFICATIONS)
        specifications = StoredLines(folder / SPECIFICATIONS, lines, parse_record)
    return Stored(StoredMuseums(folder, mapped(MUSEUMS), columns), specifications)


def _is_current(folder: Path) -> bool:
    try:
        head = read_json(folder / FOLDER / HEAD)
        if head["format"] != FORMAT or head["files"] != _state(folder):
            return False
        inside, sums = folder / FOLDER, head["checksums"]
        return set(sums) >= {f"{name}.npy" for name in (*COLUMNS, *head["files"])} and all(
            checksum(inside / name) == found for name, found in sums.items()
        )
    except (OSError, HicalmError, KeyError, TypeError):
        return False


def _state(folder: Path) -> dict[str, list[int]]:
    """Return the size, in bytes, and the time of each file, by name."""
    there = {name: folder / name for name in (MUSEUMS, SPECIFICATIONS)}
    found = {name: path.stat() for name, path in there.items() if path.exists()}
    return {name: [one.st_size, one.st_mtime_ns] for name, one in found.items()}
