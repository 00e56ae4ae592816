"""Bring a collection into an index: what is new or has changed is written, what is gone removed."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from hicalm.data.collection import Collection, Museum
from hicalm.data.dataset import view_rows
from hicalm.data.home import is_zero_shot
from hicalm.data.museum_columns import known_of
from hicalm.data.rows import Rows
from hicalm.errors import HicalmError
from hicalm.models import DualEncoder
from hicalm.models.checkpoints import content_hash
from hicalm.retrieval.index import MuseumIndex, build_index
from hicalm.retrieval.stored_index import StoredVectors, places, view_sample
from hicalm.search.milvus_index import IndexState, MilvusIndex, MuseumVectors

AT_ONCE = 64  # museums: a batch, after which a run that was ended goes on
Report = Callable[[int], None]  # is told how many museums are done


def collection_hash(collection: Collection) -> str:
    """Return a hash of what an index holds of a collection, 16 hexadecimal digits.

    It reads the columns of the museums, and the features of 512 views at even distances, so it
    answers at once however large the collection.
    """
    digest = hashlib.sha256(collection.columns.content.encode())
    digest.update(view_sample(collection))
    return digest.hexdigest()[:16]


def model_name(checkpoint: Path, collection: Collection) -> str:
    """Return a hash of the model that makes a collection's vectors by a checkpoint.

    Without training the collection itself decides what they are.
    """
    own = content_hash(checkpoint)
    return f"{own} {collection_hash(collection)}" if is_zero_shot(checkpoint) else own


def store_vectors(
    collection: Collection,
    model: DualEncoder,
    stored: StoredVectors,
    report: Report = lambda done: None,
) -> int:
    """Write the vectors that are not stored yet; return of how many museums."""
    views = view_rows(collection, model.config.art_dim)
    missing = np.flatnonzero(~stored.done)
    for some in _batches(missing):
        stored.write(some, embed_museums(collection, model, views, some))
        report(int(stored.done.sum()))
    return len(missing)


def index_collection(
    collection: Collection,
    model: DualEncoder,
    checkpoint: str,
    index: MilvusIndex,
    stored: StoredVectors | None = None,
    report: Report = lambda done: None,
) -> tuple[int, int]:
    """Bring a collection into an index; return how many museums were written, and removed.

    ``checkpoint`` is the hash of the model; ``stored`` are files for the vectors besides. A run
    that was ended goes on where it was; a second one does nothing. Raises HicalmError for an index
    of another model, and where it does not answer.
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
    if stored is not None:  # what is in the index already, but not in the files
        for some in _batches(np.flatnonzero(~wanted & ~stored.done)):
            stored.write(some, embed_museums(collection, model, views, some))
    report(museums - int(wanted.sum()))
    for some in _batches(np.flatnonzero(wanted)):
        made = embed_museums(collection, model, views, some)
        if stored is not None:
            stored.write(some, made)
        index_museums(collection, hashes, made, some, index)
        report(museums - int(wanted.sum()) + int(wanted[: some[-1] + 1].sum()))
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
    found, ends = {}, collection.view_offsets
    for first in range(0, len(collection.museums), AT_ONCE):
        batch = collection.museums[first : first + AT_ONCE]
        own = views[ends[first] : ends[first + len(batch)]]
        for row, museum in enumerate(batch, start=first):
            features = own[ends[row] - ends[first] : ends[row + 1] - ends[first]]
            found[museum.id] = _museum_hash(museum, features)
    return found


def _museum_hash(museum: Museum, features: np.ndarray) -> str:
    digest = hashlib.sha256(known_of(museum))
    digest.update(np.ascontiguousarray(features).tobytes())
    return digest.hexdigest()[:16]
