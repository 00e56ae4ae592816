"""Small vectors of all items, by which many museums are nearly scored: 64 bytes in place of 512.

Of the vectors of a level those axes are kept along which they are longest, of a sample, and along
each a number of 8 bits. Query and item are reduced alike, so what compares vectors compares these
too, and the cosines are near, not exact. They lie with what else is made of all vectors. Sizes: N
items of a level, H width of the model, D reduced width.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from hicalm.data.rows import StoredRows, spread
from hicalm.data.shards import rows_header
from hicalm.errors import HicalmError
from hicalm.files import replacing
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.query import Query
from hicalm.retrieval.stored_index import LEVEL_FILES, StoredIndex, full_precision

WIDTH = 64  # see docs/results.md
LEARNT_FROM = 20_000  # items of each level
AT_ONCE = 1 << 17  # items that are reduced together
LARGEST = 127  # of 8 bits
LEAST = 1e-6  # of a vector along an axis; less says that none has anything there
AXES = "reduced-axes.npy"
Report = Callable[[str, int], None]  # is told of a level how many items are done more


class ReducedIndex:
    """The reduced vectors of a collection, in files; ``select`` reads those of museums."""

    def __init__(self, folder: Path, index: StoredIndex) -> None:
        """Open what ``make`` wrote for an index.

        Raises HicalmError where it is missing or damaged.
        """
        self.layout = index
        try:
            self._axes = _load_axes(folder, index.museum.shape[1])
            self._steps = {name: _steps(axes) for name, axes in self._axes.items()}
            self.rows = {name: StoredRows([_path(folder, name)], name) for name in LEVEL_FILES}
            sizes = len(index.museum), len(index.room), len(index.view)
            for (name, rows), size in zip(self.rows.items(), sizes, strict=True):
                if rows.shape != (size, len(self._steps[name])) or rows.dtype != np.int8:
                    raise HicalmError(f"There are {rows.shape} reduced vectors of {name}s.")
        except (OSError, ValueError, HicalmError) as error:
            raise HicalmError(
                f"The reduced vectors in '{folder}' are missing or damaged. Make them again with "
                "`python -m hicalm index --vectors`."
            ) from error

    @staticmethod
    def make(folder: Path, index: StoredIndex, report: Report = lambda level, done: None) -> None:
        """Write what is missing of it into a folder, which is that of what is made of all vectors.

        ``report`` is told of a level how many items are done more. Raises OSError, and HicalmError
        for damaged vectors.
        """
        levels = index.museum, index.room, index.view
        if not (folder / AXES).is_file():
            samples = (full_precision(rows[spread(len(rows), LEARNT_FROM)]) for rows in levels)
            with replacing(folder / AXES) as temporary:
                np.save(temporary, np.stack([_learn(rows) for rows in samples]))
        all_axes = _load_axes(folder, index.museum.shape[1])
        for name, rows in zip(LEVEL_FILES, levels, strict=True):
            if _path(folder, name).is_file():
                continue
            axes, steps = all_axes[name], _steps(all_axes[name])
            with replacing(_path(folder, name)) as temporary, temporary.open("wb") as file:
                file.write(rows_header(name, (len(rows), axes.shape[1]), np.int8))
                for first in range(0, len(rows), AT_ONCE):
                    block = full_precision(rows[first : first + AT_ONCE])
                    found = np.rint(block @ axes / steps**2).clip(-LARGEST, LARGEST)
                    file.write(found.astype(np.int8).data)
                    report(name, len(block))

    def select(self, museums: np.ndarray) -> MuseumIndex:
        """Return the index of some museums (M,), in their order, its vectors float32 (N, D)."""
        own, rooms = self.layout, self.layout.room_rows(museums)
        return MuseumIndex(
            full_precision(self.rows["museum"][museums]),
            self.rooms_of(museums),
            full_precision(self.rows["view"][own.view_rows(rooms)]),
            own.room_counts[museums],
            own.view_counts[rooms],
            None if own.standards is None else own.standards.select(museums),
        )

    def rooms_of(self, museums: np.ndarray) -> np.ndarray:
        """Return the vectors of all rooms of some museums (M,), float32 (ΣR, D)."""
        return full_precision(self.rows["room"][self.layout.room_rows(museums)])

    def along_axes(self, level: str, rows: np.ndarray | slice) -> np.ndarray:
        """Return how far items of a level reach along the axes, float32 (N, D): vectors whose
        distances are nearly those of the items."""
        return full_precision(self.rows[level][rows]) * self._steps[level]

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


def _learn(rows: np.ndarray) -> np.ndarray:
    """Return the axes (H, D) of items of a level (N, H), each as long as a step of its number."""
    axes = np.linalg.eigh(rows.T @ rows)[1][:, ::-1][:, :WIDTH]
    largest = np.maximum(np.abs(rows @ axes).max(axis=0), LEAST)
    return (axes * (largest / LARGEST)).astype(np.float32)


def _steps(axes: np.ndarray) -> np.ndarray:
    return np.linalg.norm(axes, axis=0)


def _load_axes(folder: Path, width: int) -> dict[str, np.ndarray]:
    found: np.ndarray = np.load(folder / AXES)
    if found.dtype != np.float32 or found.shape[:-1] != (len(LEVEL_FILES), width):
        raise HicalmError(f"The axes are {found.dtype} {found.shape}.")
    return dict(zip(LEVEL_FILES, found, strict=True))


def _path(folder: Path, level: str) -> Path:
    return folder / f"reduced-{level}.safetensors"
