"""The vectors of a collection in files that are mapped, so that a search reads those it needs.

They lie in ``vectors/KEY`` in the collection's folder. The key says which model, which encoder and
which museums of how many rooms and views: other ones lie elsewhere, and a run that was ended goes
on where the file ``done`` says.
"""

import hashlib
import shutil
from pathlib import Path
from typing import Literal

import numpy as np

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.models import DualEncoder
from hicalm.ragged import ranges
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.standards import LevelStandards

FOLDER = "vectors"
SAMPLED = 512  # views
LEVEL_FILES = ("museum", "room", "view")


class StoredVectors:
    """A ``MuseumIndex`` in files; several processes may write different museums of it."""

    def __init__(self, folder: Path, collection: Collection, mode: Literal["r", "r+"]) -> None:
        """Use ``open`` or ``make``; ``mode`` is that of the maps, r or r+."""
        self.folder, self._collection = folder, collection
        self._levels = [_mapped(folder / f"{name}.npy", mode) for name in LEVEL_FILES]
        self._standards = _mapped(folder / "standards.npy", mode)  # (B, 2, 3): factors, shifts
        self.done = _mapped(folder / "done.npy", mode)  # bool (B,)

    @classmethod
    def make(cls, collection: Collection, model: DualEncoder, checkpoint: str) -> "StoredVectors":
        """Return those of a collection, to be written where they are not yet.

        ``checkpoint`` is the hash of the model. What older runs left of other museums or models is
        removed. Raises HicalmError for a collection that lies in no folder, OSError for a full
        disk.
        """
        if collection.folder is None:
            raise HicalmError("Only a collection in a folder has vectors beside it.")
        folder = collection.folder / FOLDER / layout_key(collection, checkpoint)
        for other in folder.parent.glob("*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        museums, width = len(collection.museums), model.config.hidden
        sizes = museums, len(collection.view_counts), int(collection.view_offsets[-1])
        for name, size in zip(LEVEL_FILES, sizes, strict=True):
            _make(folder / f"{name}.npy", (size, width), np.float32)
        _make(folder / "standards.npy", (museums, 2, 3), np.float32)
        _make(folder / "done.npy", (museums,), np.bool_)
        return cls(folder, collection, "r+")

    @classmethod
    def open(cls, collection: Collection, checkpoint: str) -> "StoredVectors | None":
        """Return those of a collection, to be read; None where there are none, or not all."""
        if collection.folder is None:
            return None
        folder = collection.folder / FOLDER / layout_key(collection, checkpoint)
        if not (folder / "done.npy").is_file():
            return None
        found = cls(folder, collection, "r")
        return found if found.done.all() else None

    def write(self, museums: np.ndarray, made: MuseumIndex) -> None:
        """Write the vectors of museums (their rows, (M,))."""
        own = self._collection
        rooms, views = places(own.room_offsets, museums), places(own.view_offsets, museums)
        self.done[museums] = False
        for level, rows, vectors in zip(
            self._levels, (museums, rooms, views), (made.museum, made.room, made.view), strict=True
        ):
            level[rows] = vectors
            level.flush()
        if made.standards is not None:
            held = made.standards.factor, made.standards.shift
            self._standards[museums] = np.stack(held, axis=1)
        self.done[museums] = True

    def index(self, model: DualEncoder) -> MuseumIndex:
        """Return the index, whose vectors are mapped: they are read where they are used."""
        standards, held = None, (self._standards[:, 0], self._standards[:, 1])
        if model.known_texts is not None or model.level_texts is not None:
            standards = LevelStandards(*held, descriptions=model.known_texts is not None)
        museum, room, view = self._levels
        counts = self._collection.room_counts, self._collection.view_counts
        return MuseumIndex(museum, room, view, *counts, standards)


def layout_key(collection: Collection, checkpoint: str) -> str:
    """Return what the vectors of a collection are called: 16 hexadecimal digits."""
    digest = hashlib.sha256(checkpoint.encode())
    digest.update(collection.features.fingerprints["view"].label.encode())
    for name in ("id_keys", "id_rows"):
        digest.update(collection.columns.arrays[name].tobytes())
    digest.update(collection.room_counts.tobytes())
    digest.update(collection.view_counts.tobytes())
    digest.update(view_sample(collection))
    return digest.hexdigest()[:16]


def view_sample(collection: Collection) -> bytes:
    """Return the features of 512 views at even distances, of fewer all, by which others of the same
    museums are told from them."""
    rows = collection.features.rows("view")
    some = np.linspace(0, len(rows) - 1, min(SAMPLED, len(rows))).round().astype(np.int64)
    return np.ascontiguousarray(rows[some]).tobytes()


def places(ends: np.ndarray, museums: np.ndarray) -> np.ndarray:
    """Return the rows of all rooms or views of museums (M,), by their ``offsets`` (B + 1,)."""
    return ranges(ends[museums], ends[museums + 1] - ends[museums])


def _make(path: Path, shape: tuple[int, ...], dtype: type) -> None:
    if not path.is_file():
        np.lib.format.open_memmap(path, "w+", dtype, shape)  # zeros, which take no disk yet


def _mapped(path: Path, mode: Literal["r", "r+"]) -> np.memmap:
    try:
        found: np.memmap = np.lib.format.open_memmap(path, mode)
    except (OSError, ValueError) as error:
        raise HicalmError(
            f"The stored vectors '{path}' cannot be read: {error}. Remove the folder '{FOLDER}' "
            "and make them again with `python -m hicalm index --vectors`."
        ) from error
    return found
