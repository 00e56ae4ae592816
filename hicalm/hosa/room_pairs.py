"""Rooms of a collection and texts that are true of them: what HOSA learns from a collection."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from hicalm.data.collection import Collection, Fingerprint, load_collection
from hicalm.data.rows import Rows
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.hosa.hosa_config import Experiment
from hicalm.hosa.hosa_training import train_hosa
from hicalm.hosa.nodes import pad_rows
from hicalm.ragged import ranges, starts
from hicalm.world.captions import room_query
from hicalm.world.seeds import generator

TEXTS_AT_ONCE = 2048


def train_on_collection(
    experiment: Experiment, folder: Path, out: Path, resume: bool = True, progress: bool = True
) -> dict[str, Any]:
    """Train on the rooms of a collection's training museums, as ``train_hosa``.

    The model reads the features of the collection's encoder, whose widths the configuration must
    have. Raises HicalmError for other widths and for a collection without both splits.
    """
    collection = load_collection(folder)
    fingerprint = collection.features.fingerprints.get("view")
    encoder = Encoder.load(fingerprint.name) if fingerprint else Encoder.load()
    own = experiment.model
    if own.vocabulary or (own.region_dim, own.word_dim) != (encoder.dim, encoder.dim):
        raise HicalmError(
            f"The encoder {encoder.name} gives features of width {encoder.dim}: set region_dim and "
            "word_dim to it, and leave vocabulary out."
        )
    model = replace(own, encoder=Fingerprint.of(encoder).label)
    training, validation = (
        RoomPairs(collection.split(split), encoder, seed=experiment.training.seed)
        for split in ("train", "validation")
    )
    return train_hosa(
        training, validation, model, experiment.training, out, resume=resume, progress=progress
    )


class RoomPairs:
    """``region_pairs.Pairs`` of rooms, in views, and texts, in words.

    Of every room ``per_room`` sentences of its paragraph are drawn, and as many short queries are
    made where the ground truth is known; ``texts`` (T) has them. Rooms without any text are left
    out: ``rooms`` (images,) has the number of each image's room in the collection. Raises
    HicalmError for features of another encoder, and where no room has a text.
    """

    def __init__(
        self, collection: Collection, encoder: Encoder, per_room: int = 1, seed: int = 0
    ) -> None:
        fingerprint = collection.features.fingerprints.get("view")
        if fingerprint is None or (fingerprint.name, fingerprint.hash) != (
            encoder.name,
            encoder.hash,
        ):
            raise HicalmError(
                f"The views of '{collection.name}' were not encoded with {encoder.name}: encode "
                "them with 'python -m hicalm encode COLLECTION'."
            )
        self._views = collection.features.rows("view")
        self._view_counts = collection.view_counts
        texts, rooms = _texts(collection, per_room, seed)
        counts, parts = [], []
        for first in tqdm(range(0, len(texts), TEXTS_AT_ONCE), desc="words", disable=None):
            words, features = encoder.encode_words(texts[first : first + TEXTS_AT_ONCE])
            counts += [len(own) for own in words]
            parts.append(features.astype(np.float16))
        kept = np.array(counts) > 0
        if not kept.any():
            raise HicalmError(
                f"No room of '{collection.name}' has a text with words to learn from."
            )
        self._word_counts, self._words = np.array(counts)[kept], np.concatenate(parts)
        self.rooms, self.image_of = np.unique(rooms[kept], return_inverse=True)
        self.images = len(self.rooms)
        self.texts = [text for text, own in zip(texts, kept, strict=True) if own]

    def regions(self, images: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return the views of rooms (n,): float32 (n, V, D), counts (n,)."""
        return _padded(self._views, self._view_counts, self.rooms[images])

    def words(self, texts: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return the words of texts (n,): float32 (n, W, D), counts (n,)."""
        return _padded(self._words, self._word_counts, texts)


def _padded(rows: Rows, counts: np.ndarray, chosen: np.ndarray) -> tuple[Tensor, Tensor]:
    own = torch.as_tensor(counts[chosen])
    flat = rows[ranges(starts(counts)[chosen], counts[chosen])]
    return pad_rows(torch.as_tensor(flat).float(), own), own


def _texts(collection: Collection, per_room: int, seed: int) -> tuple[list[str], np.ndarray]:
    """Return texts and the room (T,) that each is true of."""
    texts, rooms, number = [], [], 0
    for row, museum in enumerate(collection.museums):
        for index, room in enumerate(museum.rooms):
            rng = generator(seed, museum.id, index, "texts of rooms")
            sentence_count = min(per_room, len(room.paragraph))
            own = [
                room.paragraph[i]
                for i in rng.choice(len(room.paragraph), sentence_count, replace=False)
            ]
            if collection.specifications:
                truth = collection.specifications[row]["rooms"][index]
                own += [room_query(truth, rng) for _ in range(per_room)]
            texts += own
            rooms += [number] * len(own)
            number += 1
    return texts, np.array(rooms)
