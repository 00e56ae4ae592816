"""Encode a collection: the features of its views and sentences, with the encoders' fingerprints."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hicalm.data.collection import Collection, Features, Fingerprint
from hicalm.data.pictures import ENCODED_WIDTH, is_world
from hicalm.encoders.art_expert import ArtExpert
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.object_expert import ObjectExpert
from hicalm.encoders.picture_store import PictureStore, WorldIndex
from hicalm.errors import HicalmError
from hicalm.world.world_pictures import open_pictures

IMAGES_AT_ONCE = 128
TEXTS_AT_ONCE = 4096
ALL = slice(None)


def encode_views(
    collection: Collection,
    encoder: Encoder,
    art_expert: ArtExpert | None,
    pictures: Path | None = None,
    object_expert: ObjectExpert | None = None,
    rows: slice = ALL,
) -> dict[str, np.ndarray]:
    """Return ``view`` float16 (ΣV, D) and, with the experts, ``art`` (ΣV, A), ``object`` (ΣV, 5).

    A built-in world is rendered into (or read from) the folder ``pictures`` at encoder size.
    ``rows`` are the views to encode: neighbours, by their numbers in the collection.
    """
    encoders = {"view": encoder, "art": art_expert, "object": object_expert}
    parts: dict[str, list[np.ndarray]] = {kind: [] for kind in encoders}
    for batch in _batches(collection, pictures, rows):
        for kind, one in encoders.items():
            if one is not None:
                parts[kind].append(one.encode_images(batch).astype(np.float16))
    return {kind: np.concatenate(rows) for kind, rows in parts.items() if rows}


def _batches(collection: Collection, pictures: Path | None, rows: slice) -> Iterator[np.ndarray]:
    first, last, _ = rows.indices(int(collection.view_counts.sum()))
    bar = tqdm(total=last - first, desc="views", unit="view", mininterval=5)
    if is_world(collection) and pictures is not None:
        store = PictureStore(pictures, WorldIndex.of(list(collection.specifications)))
        store.render(int(collection.pictures["seed"]))
        for start in range(first, last, IMAGES_AT_ONCE):
            batch = np.array(store.views[start : min(start + IMAGES_AT_ONCE, last)])
            yield batch
            bar.update(len(batch))
        return
    source, waiting = open_pictures(collection), []
    places = (
        (museum.id, number, view)
        for museum in collection.museums
        for number, room in enumerate(museum.rooms)
        for view in range(room.views)
    )
    for place in islice(places, first, last):
        waiting.append(source.picture(*place, ENCODED_WIDTH))
        if len(waiting) == IMAGES_AT_ONCE:
            yield np.stack(waiting)
            bar.update(len(waiting))
            waiting = []
    if waiting:
        yield np.stack(waiting)
        bar.update(len(waiting))


def encode_sentences(texts: list[str], encoder: Encoder) -> np.ndarray:
    """Return the features of texts, float16 (N, D); equal texts are encoded once."""
    distinct = sorted(set(texts))
    parts = [np.zeros((0, encoder.dim), np.float16)]  # a collection may have no descriptions
    parts += [
        encoder.encode_texts(distinct[start : start + TEXTS_AT_ONCE]).astype(np.float16)
        for start in tqdm(range(0, len(distinct), TEXTS_AT_ONCE), desc="texts", mininterval=5)
    ]
    row_of = {text: row for row, text in enumerate(distinct)}
    return np.concatenate(parts)[[row_of[text] for text in texts]]


def encode_collection(
    collection: Collection,
    encoder: Encoder,
    art_expert: ArtExpert | None,
    pictures: Path | None = None,
    object_expert: ObjectExpert | None = None,
) -> Collection:
    """Return the collection with features of all its views and sentences."""
    arrays = encode_views(collection, encoder, art_expert, pictures, object_expert)
    arrays["sentence"] = encode_sentences(collection.sentences, encoder)
    fingerprints = fingerprints_of(encoder, art_expert, object_expert)
    return replace(collection, features=Features(arrays, fingerprints))


def fingerprints_of(
    encoder: Encoder, art_expert: ArtExpert | None, object_expert: ObjectExpert | None
) -> dict[str, Fingerprint]:
    """Return the fingerprint of every kind of features that they give."""
    by_kind = {"view": encoder, "sentence": encoder, "art": art_expert, "object": object_expert}
    return {kind: Fingerprint.of(one) for kind, one in by_kind.items() if one is not None}


def encoder_of(collection: Collection) -> Encoder:
    """Load the encoder whose features a collection has.

    Raises HicalmError for a collection without features, and for an encoder that changed since.
    """
    fingerprint = collection.features.fingerprints.get("sentence")
    if fingerprint is None:
        raise HicalmError("The collection has no features. Encode it first.")
    encoder = Encoder.load(fingerprint.name)
    collection.features.check_fingerprint("sentence", Fingerprint.of(encoder))
    return encoder
