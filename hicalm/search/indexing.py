"""Bring a collection into an index: what is new or has changed is written, what is gone removed."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import orjson

from hicalm.data.collection import Collection, Museum
from hicalm.data.dataset import view_rows
from hicalm.data.rows import Rows
from hicalm.errors import HicalmError
from hicalm.models import DualEncoder
from hicalm.ragged import ranges
from hicalm.retrieval.index import MuseumIndex, build_index
from hicalm.search.milvus_index import IndexState, MilvusIndex, MuseumVectors

AT_ONCE = 64  # museums: a batch, after which a run that was ended goes on
SAMPLED = 512  # views of a collection whose features its hash reads
Report = Callable[[int], None]  # is told how many museums are done


def collection_hash(collection: Collection) -> str:
    """Return a hash of what an index holds of a collection, 16 hexadecimal digits.

    It reads the museums without their texts, and the features of 512 views at even distances, so it
    answers at once however large the collection.
    """
    digest = hashlib.sha256()
    for museum in collection.museums:
        digest.update(_known(museum))
    rows = collection.features.rows("view")
    places = np.linspace(0, len(rows) - 1, min(SAMPLED, len(rows))).round().astype(np.int64)
    digest.update(np.ascontiguousarray(rows[places]).tobytes())
    return digest.hexdigest()[:16]


def index_collection(
    collection: Collection,
    model: DualEncoder,
    checkpoint: str,
    index: MilvusIndex,
    report: Report = lambda done: None,
) -> tuple[int, int]:
    """Bring a collection into an index; return how many museums were written, and removed.

    ``checkpoint`` is the hash of the model. A run that was ended goes on where it was; a second one
    does nothing. Raises HicalmError for an index of another model, and where it does not answer.
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
    wanted = np.flatnonzero([there.get(id) != own for id, own in hashes.items()])
    if before is not None:  # rooms and views that a museum no longer has, or that an end cut off
        ids = list(hashes)
        stale = [ids[row] for row in wanted if ids[row] in there or not before.complete]
        index.remove([*gone, *stale])
    report(museums - len(wanted))
    for first in range(0, len(wanted), AT_ONCE):
        index_museums(collection, model, views, wanted[first : first + AT_ONCE], index)
        report(museums - len(wanted) + min(first + AT_ONCE, len(wanted)))
    index.finish(IndexState(checkpoint, encoder, content, museums, True))
    return len(wanted), len(gone)


def index_museums(
    collection: Collection,
    model: DualEncoder,
    views: Rows,
    rows: Sequence[int] | np.ndarray,
    index: MilvusIndex,
) -> MuseumIndex:
    """Embed some museums (their rows) and write them to an index; return their vectors.

    ``views`` (ΣV, D) are ``view_rows`` of the whole collection, of which those of the museums are
    read. Several processes may write different museums at the same time.
    """
    some = np.asarray(rows)
    own = views[places(collection.view_offsets, some)]
    rooms = places(collection.room_offsets, some)
    counts = collection.view_counts[rooms], collection.room_counts[some]
    made = build_index(model, own, *counts)
    records = []
    for row, museum in enumerate(collection.museums[row] for row in some):
        held = made.views_of_museum(row)
        vectors = made.museum[row : row + 1], made.room[made.rooms_of(row)], made.view[held]
        known = len(museum.rooms), museum.split, museum.attributes
        own_hash = _museum_hash(museum, own[held])
        records.append(MuseumVectors(museum.id, own_hash, *known, vectors))
    index.write(records)
    return made


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


def places(ends: np.ndarray, museums: np.ndarray) -> np.ndarray:
    """Return the rows of all rooms or views of museums (M,), by their ``offsets`` (B + 1,)."""
    return ranges(ends[museums], ends[museums + 1] - ends[museums])


def _museum_hash(museum: Museum, features: np.ndarray) -> str:
    digest = hashlib.sha256(_known(museum))
    digest.update(np.ascontiguousarray(features).tobytes())
    return digest.hexdigest()[:16]


def _known(museum: Museum) -> bytes:
    counts = [room.views for room in museum.rooms]
    return orjson.dumps([museum.id, museum.split, museum.attributes, counts])
