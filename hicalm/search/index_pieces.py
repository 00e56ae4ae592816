"""Embed a collection for an index in pieces, by many processes (``data.ray_work``).

A Milvus server takes what all of them write. milvus-lite has one writer, and so have the files
beside a collection: their vectors wait in a work folder until this process writes them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from hicalm.data.array_files import map_array
from hicalm.data.collection import Collection, load_collection
from hicalm.data.dataset import view_rows
from hicalm.data.ray_work import Pieces, do_pieces, named_museums, piece_path, work_folder
from hicalm.files import replacing
from hicalm.models import DualEncoder
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.standards import LevelStandards
from hicalm.retrieval.stored_index import places
from hicalm.search.indexing import Report, Writing, embed_museums, index_museums
from hicalm.search.milvus_index import MilvusIndex, is_embedded

WORK = "index"  # the name of the work folder
_HASHES = "hashes.npy"  # in it: ``museum_hashes`` (B,), by the museums' rows


def write_by_ray(
    folder: Path,
    load: Callable[[], DualEncoder],
    to: str | None,
    address: str,
    threads: int,
    writing: Writing,
    batches: Sequence[np.ndarray],
    report: Report,
) -> None:
    """Do what ``indexing.write_in_turn`` does, by many processes; its ``Write`` when bound.

    Vectors that an interrupted run left in the work folder are taken up; ``ray_work.remove_work``
    removes it.

    Args:
        folder: of the collection.
        load: opens the model; called once in every process, so picklable.
        to: the address of the index; None where there is none, but files.
        address, threads: as ``ray_work.do_pieces`` takes them.

    Raises HicalmError as that does, and where the index does not answer.
    """
    folder, hashes = Path(folder).resolve(), np.array([*writing.hashes.values()], "S")
    work = work_folder(folder, WORK, [*writing.key])
    for path in sorted(work.glob("*.safetensors")):
        left, made = _read(path, writing.collection)
        writing.keep(left, made)
        path.unlink()
        report(sum(int(np.isin(rows, left).sum()) for rows in batches))
        batches = [rows[~np.isin(rows, left)] for rows in batches]
    batches = [rows for rows in batches if len(rows)]
    with replacing(work / _HASHES) as temporary:
        np.save(temporary, hashes)
    by_all = to is not None and not is_embedded(to)
    waits = not by_all or writing.stored is not None
    here = replace(writing, index=None) if by_all else writing  # what this process writes

    def done(piece: int) -> None:
        if waits:
            path = piece_path(work, piece)
            rows, made = _read(path, writing.collection)
            here.keep(rows, made)
            path.unlink()
        report(len(batches[piece]))

    def named(piece: int) -> str:
        return named_museums([writing.collection.museums[row].id for row in batches[piece]])

    wanted = writing.wanted if by_all else np.zeros_like(writing.wanted)
    open_work = partial(_Indexing, folder, load, to, work, batches, wanted, waits)
    pieces = Pieces(range(len(batches)), work, named, "pieces embedded")
    do_pieces(address, open_work, pieces, threads, done)


class _Indexing:
    """Embeds batches of museums; those ``wanted`` (B,) are written to the index by it itself."""

    def __init__(
        self,
        folder: Path,
        load: Callable[[], DualEncoder],
        to: str | None,
        work: Path,
        batches: Sequence[np.ndarray],
        wanted: np.ndarray,
        waits: bool,
    ) -> None:
        self._model, self._collection = load(), load_collection(folder)
        self._views = view_rows(self._collection, self._model.config.art_dim)
        self._index = None
        if to is not None and wanted.any():
            self._index = MilvusIndex.open(to, self._collection.name)
        self._hashes = map_array(work / _HASHES, "S")
        self._work, self._batches, self._wanted, self._waits = work, batches, wanted, waits

    def __call__(self, piece: int) -> None:
        rows = self._batches[piece]
        made = embed_museums(self._collection, self._model, self._views, rows)
        if self._index is not None and self._wanted[rows].any():
            hashes = {self._collection.museums[row].id: self._hashes[row].decode() for row in rows}
            index_museums(self._collection, hashes, made, rows, self._index)
        if self._waits:
            arrays = {"rows": rows, "museum": made.museum, "room": made.room, "view": made.view}
            if made.standards is not None:
                arrays |= {"factor": made.standards.factor, "shift": made.standards.shift}
            with replacing(piece_path(self._work, piece)) as temporary:
                save_file(arrays, temporary)


def _read(path: Path, collection: Collection) -> tuple[np.ndarray, MuseumIndex]:
    """Return the rows (M,) of the museums in a file, and their vectors."""
    found = load_file(path)
    rows = found["rows"]
    rooms = places(collection.room_offsets, rows)
    standards = LevelStandards(found["factor"], found["shift"]) if "factor" in found else None
    levels = found["museum"], found["room"], found["view"]
    counts = collection.room_counts[rows], collection.view_counts[rooms]
    return rows, MuseumIndex(*levels, *counts, standards)
