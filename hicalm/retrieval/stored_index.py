"""The vectors of a collection in files, of which a search reads those it needs.

They lie in ``vectors/KEY`` in the collection's folder, in half precision, as features do: a cosine
then differs by some 1e-5, and what is made of it by some 1e-4. The key says which model, which
encoder and which museums of how many rooms and views: other ones lie elsewhere, and a run that was
ended goes on where the file ``done`` says.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from hicalm.data.array_files import map_array
from hicalm.data.collection import Collection
from hicalm.data.rows import StoredRows, sample
from hicalm.data.shards import rows_header
from hicalm.errors import HicalmError
from hicalm.files import check_room, replacing
from hicalm.models import DualEncoder
from hicalm.ragged import ranges
from hicalm.retrieval.index import Layout, MuseumIndex
from hicalm.retrieval.standards import LevelStandards

FOLDER = "vectors"
LEVEL_FILES = ("museum", "room", "view")
DERIVED = "derived"  # inside: what was made of all vectors, and goes when one of them changes
BESIDE = 90  # bytes of what is made of a vector, at most
FORMAT = b"2"  # a part of the key, so that vectors of another one are made anew


@dataclass(frozen=True)
class StoredIndex(Layout):
    """As a ``MuseumIndex``, but vectors are float16 in files; ``select`` reads those of museums.

    ``derived`` is the folder of what is made of all of them.
    """

    derived: Path
    museum: StoredRows
    room: StoredRows
    view: StoredRows
    room_counts: np.ndarray
    view_counts: np.ndarray
    standards: LevelStandards | None = None

    def select(self, museums: np.ndarray) -> MuseumIndex:
        """Return the index of some museums (M,), in their order.

        Raises HicalmError for vectors that are no numbers, and for files that have changed.
        """
        rooms = self.room_rows(museums)
        return MuseumIndex(
            full_precision(self.museum[museums]),
            full_precision(self.room[rooms]),
            full_precision(self.view[self.view_rows(rooms)]),
            self.room_counts[museums],
            self.view_counts[rooms],
            None if self.standards is None else self.standards.select(museums),
        )


AnyIndex = MuseumIndex | StoredIndex


def full_precision(rows: np.ndarray) -> np.ndarray:
    """Return rows (N, H) as float32, three times as fast as by NumPy."""
    found = np.empty(rows.shape, np.float32)
    torch.from_numpy(found).copy_(torch.from_numpy(rows))
    return found


class StoredVectors:
    """A ``MuseumIndex`` in files; several processes may write different museums of it."""

    def __init__(self, folder: Path, collection: Collection, mode: Literal["r", "r+"]) -> None:
        """Use ``open`` or ``make``; ``mode`` is that of the files, r or r+."""
        self.folder, self.derived, self._collection = folder, folder / DERIVED, collection
        self._paths = [folder / f"{name}.safetensors" for name in LEVEL_FILES]
        museums = len(collection.museums)
        # factors and shifts of the levels
        self._standards = _mapped(folder / "standards.npy", mode, (museums, 2, 3), np.float32)
        self.done = _mapped(folder / "done.npy", mode, (museums,), np.bool_)
        if mode == "r+":
            self.hashes = _mapped(folder / "hashes.npy", mode, (museums,), np.uint64)

    @classmethod
    def make(cls, collection: Collection, model: DualEncoder, checkpoint: str) -> "StoredVectors":
        """Return those of a collection, to be written where they are not yet.

        ``checkpoint`` is the hash of the model. What older runs left of other museums or models is
        removed. Raises HicalmError for a collection that lies in no folder, FullDiskError where
        there is no room for all of them and what is made of them, OSError for a full disk.
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
        paths = [folder / f"{name}.safetensors" for name in LEVEL_FILES]
        if not all(path.is_file() for path in paths):
            check_room(folder, sum(sizes) * (2 * width + BESIDE))
        for path, name, size in zip(paths, LEVEL_FILES, sizes, strict=True):
            _make_rows(path, name, size, width)
        _make(folder / "standards.npy", (museums, 2, 3), np.float32)
        _make(folder / "hashes.npy", (museums,), np.uint64)
        _make(folder / "done.npy", (museums,), np.bool_)
        return cls(folder, collection, "r+")

    @staticmethod
    def drop(collection: Collection) -> None:
        """Remove those of a collection, if there are any."""
        if collection.folder is not None:
            shutil.rmtree(collection.folder / FOLDER, ignore_errors=True)

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

    def forget(self, museums: np.ndarray) -> None:
        """Let the vectors of museums (their rows, (M,)) be missing."""
        if len(museums):
            shutil.rmtree(self.derived, ignore_errors=True)
            self.done[museums] = False

    def write(self, museums: np.ndarray, made: MuseumIndex, hashes: np.ndarray) -> None:
        """Write the vectors of museums (their rows, (M,)); ``hashes`` (M,) tell their features from
        others."""
        own = self._collection
        rooms, views = places(own.room_offsets, museums), places(own.view_offsets, museums)
        self.forget(museums)
        for path, rows, vectors in zip(
            self._paths, (museums, rooms, views), (made.museum, made.room, made.view), strict=True
        ):
            _write_rows(path, rows, vectors.astype(np.float16))
        if made.standards is not None:
            held = made.standards.factor, made.standards.shift
            self._standards[museums] = np.stack(held, axis=1)
        self.hashes[museums] = hashes
        self.done[museums] = True

    def index(self, model: DualEncoder) -> StoredIndex:
        """Return the index, whose vectors stay in their files. Raises HicalmError for damaged
        ones."""
        standards, held = None, (self._standards[:, 0], self._standards[:, 1])
        if model.known_texts is not None or model.level_texts is not None:
            standards = LevelStandards(*held, descriptions=model.known_texts is not None)
        pairs = zip(self._paths, LEVEL_FILES, strict=True)
        museum, room, view = (StoredRows([path], name) for path, name in pairs)
        counts = self._collection.room_counts, self._collection.view_counts
        return StoredIndex(self.derived, museum, room, view, *counts, standards)


def layout_key(collection: Collection, checkpoint: str) -> str:
    """Return what the vectors of a collection are called: 16 hexadecimal digits."""
    digest = hashlib.sha256(FORMAT + checkpoint.encode())
    digest.update(collection.features.fingerprints["view"].label.encode())
    for name in ("id_keys", "id_rows"):
        digest.update(collection.columns.arrays[name].tobytes())
    digest.update(collection.room_counts.tobytes())
    digest.update(collection.view_counts.tobytes())
    digest.update(sample(collection.features.rows("view")))
    return digest.hexdigest()[:16]


def places(ends: np.ndarray, museums: np.ndarray) -> np.ndarray:
    """Return the rows of all rooms or views of museums (M,), by their ``offsets`` (B + 1,)."""
    return ranges(ends[museums], ends[museums + 1] - ends[museums])


def _make_rows(path: Path, name: str, rows: int, width: int) -> None:
    """Make a file of rows that are zeros, which take no disk yet."""
    if path.is_file():
        return
    with replacing(path) as temporary, temporary.open("wb") as file:
        header = file.write(rows_header(name, (rows, width), np.float16))
        file.truncate(header + 2 * rows * width)


def _write_rows(path: Path, rows: np.ndarray, vectors: np.ndarray) -> None:
    """Write rows (M,) of a file, float16 (M, H), and bring them to the disk."""
    runs = np.flatnonzero(np.diff(rows) != 1) + 1
    with path.open("r+b", buffering=0) as file:
        begin = 8 + int.from_bytes(file.read(8), "little")
        for own, part in zip(np.split(rows, runs), np.split(vectors, runs), strict=True):
            if len(own):
                file.seek(begin + int(own[0]) * part[0].nbytes)
                file.write(np.ascontiguousarray(part).data.cast("B"))
        os.fsync(file.fileno())


def _make(path: Path, shape: tuple[int, ...], dtype: type) -> None:
    if not path.is_file():
        with replacing(path) as temporary:
            np.save(
                temporary, np.zeros(shape, dtype)
            )  # written: a map of holes may meet a full disk


def _mapped(
    path: Path, mode: Literal["r", "r+"], shape: tuple[int, ...], dtype: type
) -> np.ndarray:
    try:
        found = map_array(path, mode=mode)
        if found.shape != shape or found.dtype != dtype:
            raise ValueError(f"it has {found.dtype} {found.shape}, not {np.dtype(dtype)} {shape}")
    except (OSError, ValueError, HicalmError) as error:
        raise HicalmError(
            f"The stored vectors '{path}' cannot be read: {error}. Remove the folder '{FOLDER}' "
            "and make them again with `python -m hicalm index --vectors`."
        ) from error
    return found
