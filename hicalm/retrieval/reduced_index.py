"""Small vectors of all items, by which many museums are nearly scored: 64 bytes in place of 512.

Of the vectors of a level those axes are kept along which they are longest, of a sample, and along
each a number of 8 bits. Query and item are reduced alike, so what compares vectors compares these
too, and the cosines are near, not exact. All of a museum lie together, itself, its rooms and its
views, so that one read brings them; with what else is made of all vectors. Sizes: N items of a
level, H width of the model, D reduced width.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from hicalm.data.array_files import map_array
from hicalm.data.rows import StoredRows, spread
from hicalm.data.shards import rows_header
from hicalm.errors import HicalmError
from hicalm.files import replacing
from hicalm.ragged import ranges, starts
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.query import Query
from hicalm.retrieval.stored_index import LEVEL_FILES, StoredIndex, full_precision

WIDTH = 64  # see docs/results.md
LEARNT_FROM = 20_000  # items of each level
AT_ONCE = 1_000  # museums that are reduced together
LARGEST = 127  # of 8 bits
LEAST = 1e-6  # of a vector along an axis; less says that none has anything there
AXES, ROWS, NAME = "reduced-axes.npy", "reduced.safetensors", "reduced"
Report = Callable[[str, int], None]  # is told of a level how many items are done more


class ReducedIndex:
    """The reduced vectors of a collection, in a file; ``select`` reads those of museums."""

    def __init__(self, index: StoredIndex) -> None:
        """Open what ``make`` wrote for an index.

        Raises HicalmError where it is missing or damaged.
        """
        self.layout, folder = index, index.derived
        sizes = len(index.museum), len(index.room), len(index.view)
        self.sizes = dict(zip(LEVEL_FILES, sizes, strict=True))
        try:
            self._axes = _load_axes(folder, index.museum.shape[1])
            self._steps = {name: _steps(axes) for name, axes in self._axes.items()}
            self._rows = StoredRows([folder / ROWS], NAME)
            wanted = sum(sizes), self._axes["view"].shape[1]
            if self._rows.shape != wanted or self._rows.dtype != np.int8:
                raise HicalmError(f"There are {self._rows.shape} reduced vectors, not {wanted}.")
        except (OSError, ValueError, HicalmError) as error:
            raise HicalmError(
                f"The reduced vectors in '{folder}' are missing or damaged. Make them again with "
                "`python -m hicalm index --vectors`."
            ) from error
        self.width = self._rows.shape[1]
        self._view_counts = np.diff(index.view_starts, append=sizes[2])  # (B,)
        self._firsts = np.arange(sizes[0]) + index.room_starts + index.view_starts

    @staticmethod
    def make(index: StoredIndex, report: Report = lambda level, done: None) -> None:
        """Write it, where it is missing or damaged; what else is made of all vectors goes then.

        ``report`` is told how many museums are done more. Raises OSError, and HicalmError for
        damaged vectors.
        """
        with suppress(HicalmError):
            ReducedIndex(index)
            return
        folder, levels = index.derived, (index.museum, index.room, index.view)
        shutil.rmtree(folder, ignore_errors=True)
        samples = (full_precision(rows[spread(len(rows), LEARNT_FROM)]) for rows in levels)
        with replacing(folder / AXES) as temporary:
            np.save(temporary, np.stack([_learn(rows) for rows in samples]))
        axes = _load_axes(folder, index.museum.shape[1])
        with replacing(folder / ROWS) as temporary, temporary.open("wb") as file:
            shape = sum(map(len, levels)), axes["view"].shape[1]
            file.write(rows_header(NAME, shape, np.int8))
            for first in range(0, len(index.museum), AT_ONCE):
                own = index.select(np.arange(first, min(first + AT_ONCE, len(index.museum))))
                museum = _reduced(own.museum, axes["museum"])
                room = _reduced(own.room, axes["room"])
                view = _reduced(own.view, axes["view"])
                views = np.diff(own.view_starts, append=len(view))
                begin, rooms = starts(1 + own.room_counts + views), own.room_counts
                items = np.empty((len(museum) + len(room) + len(view), shape[1]), np.int8)
                items[begin] = museum
                items[ranges(begin + 1, rooms)] = room
                items[ranges(begin + 1 + rooms, views)] = view
                file.write(items.data)
                report("museum", len(museum))

    def select(self, museums: np.ndarray) -> MuseumIndex:
        """Return the index of some museums (M,), in their order, its vectors float32 (N, D)."""
        own = self.layout
        rooms, views = own.room_counts[museums], self._view_counts[museums]
        counts = 1 + rooms + views
        items, begin = self._rows.read_runs(self._firsts[museums], counts), starts(counts)
        return MuseumIndex(
            full_precision(items[begin]),
            full_precision(items[ranges(begin + 1, rooms)]),
            full_precision(items[ranges(begin + 1 + rooms, views)]),
            rooms,
            own.view_counts[own.room_rows(museums)],
            None if own.standards is None else own.standards.select(museums),
        )

    def rooms_of(self, museums: np.ndarray) -> np.ndarray:
        """Return the vectors of all rooms of some museums (M,), float32 (ΣR, D)."""
        firsts, counts = self._firsts[museums] + 1, self.layout.room_counts[museums]
        return full_precision(self._rows.read_runs(firsts, counts))

    def along_axes(self, level: str, items: np.ndarray) -> np.ndarray:
        """Return how far items of a level, their rows (N,), reach along the axes, float32 (N, D):
        vectors whose distances are nearly those of the items."""
        museums, layout = self.owners(level, items), self.layout
        own = {  # the place of an item in its museum
            "museum": lambda: 0,
            "room": lambda: 1 + items - layout.room_starts[museums],
            "view": lambda: 1 + layout.room_counts[museums] + items - layout.view_starts[museums],
        }
        return full_precision(self._rows[self._firsts[museums] + own[level]()]) * self._steps[level]

    def owners(self, level: str, items: np.ndarray) -> np.ndarray:
        """Return the museums, their rows, of items of a level, their rows (N,)."""
        firsts = {"room": self.layout.room_starts, "view": self.layout.view_starts}
        if level not in firsts:
            return items
        order, found = np.argsort(items), np.empty(len(items), np.int64)  # several times faster so
        found[order] = np.searchsorted(firsts[level], items[order], side="right") - 1
        return found

    def counts(self, level: str) -> np.ndarray:
        """Return how many items of a level each museum has, (B,)."""
        ones = np.ones(self.sizes["museum"], np.int64)
        return {"museum": ones, "room": self.layout.room_counts, "view": self._view_counts}[level]

    def texts_along_axes(self, level: str, texts: np.ndarray) -> np.ndarray:
        """Return the same of texts (T, H)."""
        return self.reduce(level, texts) / self._steps[level]

    def reduce(self, level: str, texts: np.ndarray) -> np.ndarray:
        """Return vectors of texts (..., H) so that their products with reduced ones of items of a
        level are nearly their cosines, float32 (..., D)."""
        found: np.ndarray = texts @ self._axes[level]
        return found

    def reduce_query(self, query: Query) -> Query:
        """Return a query whose vectors are reduced, those of its phrases among rooms too."""
        own, phrases = query.vectors, query.phrases
        vectors = replace(
            own,
            museum=self.reduce("museum", own.museum),
            paragraph=self.reduce("room", own.paragraph),
            sentence=self.reduce("view", own.sentence),
        )
        if phrases is not None:
            among_rooms = {text: self.reduce("room", own) for text, own in phrases.vectors.items()}
            phrases = replace(phrases, vectors=among_rooms)
        return replace(query, vectors=vectors, phrases=phrases)


def _reduced(rows: np.ndarray, axes: np.ndarray) -> np.ndarray:
    found = np.rint(rows @ axes / _steps(axes) ** 2)
    return found.clip(-LARGEST, LARGEST).astype(np.int8)


def _learn(rows: np.ndarray) -> np.ndarray:
    """Return the axes (H, D) of items of a level (N, H), each as long as a step of its number."""
    axes = np.linalg.eigh(rows.T @ rows)[1][:, ::-1][:, :WIDTH]
    largest = np.maximum(np.abs(rows @ axes).max(axis=0), LEAST)
    return (axes * (largest / LARGEST)).astype(np.float32)


def _steps(axes: np.ndarray) -> np.ndarray:
    return np.linalg.norm(axes, axis=0)


def _load_axes(folder: Path, width: int) -> dict[str, np.ndarray]:
    found = np.array(map_array(folder / AXES))
    if found.dtype != np.float32 or found.shape[:-1] != (len(LEVEL_FILES), width):
        raise HicalmError(f"The axes are {found.dtype} {found.shape}.")
    if not np.isfinite(found).all():
        raise HicalmError("The axes hold values that are no numbers.")
    return dict(zip(LEVEL_FILES, found, strict=True))
