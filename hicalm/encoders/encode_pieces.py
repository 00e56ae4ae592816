"""Encode a collection in pieces, by many processes (``data.ray_work``)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from hicalm.data.collection import Collection, Features, load_collection
from hicalm.data.ray_work import Pieces, do_pieces, named_museums, work_folder
from hicalm.data.rows import Rows, select_rows
from hicalm.data.shards import load_shards
from hicalm.encoders.art_expert import ArtExpert
from hicalm.encoders.encode import (
    IMAGES_AT_ONCE,
    TEXTS_AT_ONCE,
    encode_sentences,
    encode_views,
    fingerprints_of,
)
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.object_expert import ObjectExpert
from hicalm.files import replacing

# Whole batches, so that a view is encoded among the same others as by one process
VIEWS = 8 * IMAGES_AT_ONCE
WORK = "encode"  # the name of the work folder
_TEXT = "text"  # the features of distinct texts

LoadEncoders = Callable[[], tuple[Encoder, ArtExpert | None, ObjectExpert | None]]


def encode_by_ray(folder: Path, load: LoadEncoders, address: str, threads: int) -> Collection:
    """Return the collection in ``folder`` with features of all its views and sentences.

    They are those of ``encode.encode_collection`` and lie in files of a work folder until
    ``ray_work.remove_work`` does; what an interrupted run left there is not made again.

    Args:
        load: gives the encoder and the experts; called once in every process, so picklable.
        address, threads: as ``ray_work.do_pieces`` takes them.

    Raises HicalmError as that does, and for pictures that cannot be read.
    """
    folder = Path(folder).resolve()
    collection, encoders = load_collection(folder), load()
    fingerprints = fingerprints_of(*encoders)
    work = work_folder(folder, WORK, [f"{k} {one.label}" for k, one in fingerprints.items()])
    views, texts = int(collection.view_counts.sum()), sorted(set(collection.sentences))
    wanted = [kind for kind in fingerprints if kind != "sentence"]
    pieces = -(-views // VIEWS)
    todo = [p for p in range(pieces) if not all(_path(work, kind, p).exists() for kind in wanted)]
    todo += [
        pieces + number
        for number in range(-(-len(texts) // TEXTS_AT_ONCE))
        if not _path(work, _TEXT, number).exists()
    ]

    def named(piece: int) -> str:
        if piece >= pieces:
            first = (piece - pieces) * TEXTS_AT_ONCE
            return f"the texts from '{texts[first][:40]}' on, in alphabetical order"
        first, last = piece * VIEWS, min((piece + 1) * VIEWS, views)
        rows = np.searchsorted(collection.view_offsets, [first, last - 1], side="right") - 1
        own = named_museums([collection.museums[row].id for row in rows])
        return f"the views {first + 1:,} to {last:,}, of {own}"

    asked = Pieces(todo, work, named, "pieces encoded")
    do_pieces(address, partial(_Encoding, folder, work, load), asked, threads)
    arrays: dict[str, Rows] = {kind: _stored(work, kind) for kind in wanted}
    arrays["sentence"] = np.zeros((0, encoders[0].dim), np.float16)
    if texts:
        row_of = {text: row for row, text in enumerate(texts)}
        rows = np.array([row_of[text] for text in collection.sentences])
        arrays["sentence"] = select_rows(_stored(work, _TEXT), rows)
    return replace(collection, features=Features(arrays, fingerprints))


class _Encoding:
    """Encodes pieces of a collection: those of its views, then those of its distinct texts."""

    def __init__(self, folder: Path, work: Path, load: LoadEncoders) -> None:
        self._collection, self._folder = load_collection(folder), work
        self._encoder, self._art, self._objects = load()
        self._texts = sorted(set(self._collection.sentences))
        self._pieces = -(-int(self._collection.view_counts.sum()) // VIEWS)

    def __call__(self, piece: int) -> None:
        number = piece - self._pieces
        if number < 0:
            arrays = encode_views(
                self._collection,
                self._encoder,
                self._art,
                object_expert=self._objects,
                rows=slice(piece * VIEWS, (piece + 1) * VIEWS),
            )
            number = piece
        else:
            first = number * TEXTS_AT_ONCE
            own = self._texts[first : first + TEXTS_AT_ONCE]
            arrays = {_TEXT: encode_sentences(own, self._encoder)}
        for kind, array in arrays.items():
            with replacing(_path(self._folder, kind, number)) as temporary:
                save_file({kind: array}, temporary)


def _path(folder: Path, kind: str, number: int) -> Path:
    return folder / f"{kind}-{number:06d}.safetensors"


def _stored(folder: Path, kind: str) -> Rows:
    found = load_shards(folder, kind)
    assert found is not None  # a piece that is not there was refused
    return found
