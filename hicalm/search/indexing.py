"""Bring a collection into an index: what is new or has changed is written, what is gone removed."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hicalm.data.collection import Collection, Museum
from hicalm.data.dataset import view_rows
from hicalm.data.home import is_zero_shot
from hicalm.data.museum_columns import known_of
from hicalm.data.rows import Rows, sample
from hicalm.errors import HicalmError
from hicalm.models import DualEncoder
from hicalm.models.checkpoints import content_hash
from hicalm.retrieval.index import MuseumIndex, build_index
from hicalm.retrieval.stored_index import StoredVectors, places
from hicalm.search.milvus_index import IndexState, MilvusIndex, MuseumVectors

AT_ONCE = 64  # museums: a batch, after which a run that was ended goes on
Report = Callable[[int], None]  # is told how many museums are done more


def collection_hash(collection: Collection) -> str:
    """Return a hash of what an index holds of a collection, 16 hexadecimal digits.

    It reads the columns of the museums, and the features of 512 views at even distances, so it
    answers at once however large the collection.
    """
    digest = hashlib.sha256(collection.columns.content.encode())
    digest.update(sample(collection.features.rows("view")))
    return digest.hexdigest()[:16]


def model_name(checkpoint: Path, collection: Collection) -> str:
    """Return a hash of the model that makes a collection's vectors by a checkpoint.

    Without training the collection itself decides what they are.
    """
    own = content_hash(checkpoint)
    return f"{own} {collection_hash(collection)}" if is_zero_shot(checkpoint) else own


@dataclass(frozen=True)
class Writing:
    """What a run writes: museums of a collection to an index, to files, or to both.

    ``key`` says by which model and of which museums the vectors are; ``views`` (ΣV, D) are
    ``view_rows`` of the collection, ``hashes`` ``museum_hashes``; ``wanted`` (B,) says which
    museums the index lacks.
    """

    key: tuple[str, ...]
    collection: Collection
    model: DualEncoder
    views: Rows
    hashes: Mapping[str, str]
    wanted: np.ndarray
    index: MilvusIndex | None
    stored: StoredVectors | None

    def keep(self, rows: np.ndarray, made: MuseumIndex) -> None:
        """Write the vectors of some museums, their rows (M,), to where they are wanted."""
        if self.stored is not None:
            self.stored.write(rows, made, feature_hashes(self.collection, self.views, rows))
        if self.index is not None and self.wanted[rows].any():
            index_museums(self.collection, self.hashes, made, rows, self.index)


def write_in_turn(writing: Writing, batches: Sequence[np.ndarray], report: Report) -> None:
    """Embed and write batches of museums, their rows, one after the other; report each."""
    for rows in batches:
        made = embed_museums(writing.collection, writing.model, writing.views, rows)
        writing.keep(rows, made)
        report(len(rows))


Write = Callable[[Writing, Sequence[np.ndarray], Report], None]


def store_vectors(
    collection: Collection,
    model: DualEncoder,
    stored: StoredVectors,
    report: Report = lambda done: None,
    write: Write = write_in_turn,
) -> int:
    """Write the vectors that are not stored yet; return of how many museums.

    Those of museums whose features have changed are written anew. ``report`` and ``write`` are as
    those of ``index_collection``.
    """
    views = view_rows(collection, model.config.art_dim)
    _forget_changed(collection, views, stored)
    missing = np.flatnonzero(~stored.done)
    report(len(collection.museums) - len(missing))
    none = np.zeros(len(collection.museums), bool)
    key = (stored.folder.name,)
    writing = Writing(key, collection, model, views, {}, none, None, stored)
    write(writing, [*_batches(missing)], report)
    return len(missing)


def index_collection(
    collection: Collection,
    model: DualEncoder,
    checkpoint: str,
    index: MilvusIndex,
    stored: StoredVectors | None = None,
    report: Report = lambda done: None,
    write: Write = write_in_turn,
) -> tuple[int, int]:
    """Bring a collection into an index; return how many museums were written, and removed.

    ``checkpoint`` is the hash of the model; ``stored`` are files for the vectors besides;
    ``report`` is told how many museums are done more, ``write`` embeds and writes them. A run that
    was ended goes on where it was; a second one does nothing. Raises HicalmError for an index of
    another model, and where it does not answer.
    """
    encoder = collection.features.fingerprints["view"].label
    before = index.state()
    if before is not None and (before.checkpoint, before.encoder) != (checkpoint, encoder):
        raise HicalmError(
            f"The index at {index.address} has vectors of the model {before.checkpoint} and of "
            f"features of {before.encoder}, but here are {checkpoint} and {encoder}. Make it anew "
            "with --anew, or name another address."
        )
    museums, content = len(collection.museums), collection_hash(collection)
    views = view_rows(collection, model.config.art_dim)
    hashes = museum_hashes(collection, views)
    index.begin(IndexState(checkpoint, encoder, content, museums, False), model.config.hidden)
    there = {} if before is None else index.hashes()
    gone = sorted(there.keys() - hashes.keys())
    wanted = np.array([there.get(id) != own for id, own in hashes.items()])
    if before is not None:  # rooms and views that a museum no longer has, or that an end cut off
        pairs = zip(hashes, wanted, strict=True)
        left = [id for id, new in pairs if new and (id in there or not before.complete)]
        index.remove([*gone, *left])
    if stored is not None:
        _forget_changed(collection, views, stored)
    # what is in the index already, but not in the files
    unstored = wanted[:0] if stored is None else ~wanted & ~stored.done
    batches = [*_batches(np.flatnonzero(unstored)), *_batches(np.flatnonzero(wanted))]
    report(museums - sum(map(len, batches)))
    key = checkpoint, hashlib.sha256("".join(hashes.values()).encode()).hexdigest()
    writing = Writing(key, collection, model, views, hashes, wanted, index, stored)
    write(writing, batches, report)
    index.finish(IndexState(checkpoint, encoder, content, museums, True))
    return int(wanted.sum()), len(gone)


def embed_museums(
    collection: Collection, model: DualEncoder, views: Rows, rows: np.ndarray
) -> MuseumIndex:
    """Embed some museums, their rows (M,).

    ``views`` (ΣV, D) are ``view_rows`` of the whole collection, of which those of the museums are
    read.
    """
    rooms = places(collection.room_offsets, rows)
    counts = collection.view_counts[rooms], collection.room_counts[rows]
    return build_index(model, views[places(collection.view_offsets, rows)], *counts)


def index_museums(
    collection: Collection,
    hashes: Mapping[str, str],
    made: MuseumIndex,
    rows: np.ndarray,
    index: MilvusIndex,
) -> None:
    """Write some museums, their rows (M,), to an index; ``made`` are their vectors.

    ``hashes`` are ``museum_hashes``. Several processes may write different museums at one time.
    """
    records = []
    for place, museum in enumerate(collection.museums[row] for row in rows):
        rooms, views = made.rooms_of(place), made.views_of_museum(place)
        vectors = made.museum[place : place + 1], made.room[rooms], made.view[views]
        known = len(museum.rooms), museum.split, museum.attributes
        records.append(MuseumVectors(museum.id, hashes[museum.id], *known, vectors))
    index.write(records)


def _batches(rows: np.ndarray) -> Iterator[np.ndarray]:
    for first in range(0, len(rows), AT_ONCE):
        yield rows[first : first + AT_ONCE]


def museum_hashes(collection: Collection, views: Rows) -> dict[str, str]:
    """Return by id a hash of each museum's content: of what is known of it, and of its views'
    features (ΣV, D), which are read in batches."""
    rows = np.arange(len(collection.museums))
    pairs = zip(collection.museums, _features(collection, views, rows), strict=True)
    return {museum.id: _museum_hash(museum, own) for museum, own in pairs}


def feature_hashes(collection: Collection, views: Rows, rows: np.ndarray) -> np.ndarray:
    """Return a hash of the views' features (ΣV, D) of some museums (rows, (M,)): uint64 (M,)."""
    hashes = (
        int.from_bytes(hashlib.blake2b(own.tobytes(), digest_size=8).digest())
        for own in _features(collection, views, rows)
    )
    return np.fromiter(hashes, np.uint64, len(rows))


def _forget_changed(collection: Collection, views: Rows, stored: StoredVectors) -> None:
    """Let the stored vectors of museums be missing whose features have changed."""
    done = np.flatnonzero(stored.done)
    stored.forget(done[feature_hashes(collection, views, done) != stored.hashes[done]])


def _features(collection: Collection, views: Rows, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Give the views' features (V, D) of each of some museums (rows), which are read in batches."""
    ends = collection.view_offsets
    for batch in _batches(rows):
        counts = ends[batch + 1] - ends[batch]
        yield from np.split(views[places(ends, batch)], np.cumsum(counts)[:-1])


def _museum_hash(museum: Museum, features: np.ndarray) -> str:
    digest = hashlib.sha256(known_of(museum))
    digest.update(np.ascontiguousarray(features).tobytes())
    return digest.hexdigest()[:16]
