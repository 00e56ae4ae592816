"""The features of all museums of a split, flat: what training and evaluation read.

Sizes: M museums, R rooms, V views, P paragraphs, S sentences, N phrases in the whole split. Museums
lie one after the other in every array, rooms in their museum's order.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from hicalm.data.batches import INTRODUCTION, SOMEWHERE, Batch
from hicalm.data.collection import Collection
from hicalm.data.paragraphs import paragraphs_of
from hicalm.data.room_discovery import discover_rooms
from hicalm.data.rows import Rows, select_rows
from hicalm.errors import HicalmError
from hicalm.ragged import Array, ranges, segment_ids, starts


def _nothing() -> Array:
    return np.zeros(0, np.int64)


@dataclass(frozen=True)
class TrainingData:
    """A split's features (float16 or float32) and how they belong together.

    A phrase is a short query true of a room. The same phrase (equal ``phrase_id``) may appear for
    many rooms; those rooms are then never pushed away from it. Phrases without ids all differ.
    Raises HicalmError if inconsistent.
    """

    views: Rows  # (V, D_v), in memory or still on disk
    view_counts: Array  # (R,) int: views per room
    room_counts: Array  # (M,) int: rooms per museum
    sentences: Rows  # (S, D_t), likewise
    sentence_counts: Array  # (P,) int: sentences per paragraph
    paragraph_counts: Array  # (M,) int: paragraphs per museum, the introduction included
    paragraph_room: Array  # (P,) int: flat index of the described room, INTRODUCTION or SOMEWHERE
    phrases: Array = field(default_factory=_nothing)  # (N, D_t)
    phrase_room: Array = field(default_factory=_nothing)  # (N,) int: a room it is true of, flat
    phrase_id: Array = field(default_factory=_nothing)  # (N,) int: equal for equal phrases

    def __post_init__(self) -> None:
        for name in ("view_counts", "room_counts", "sentence_counts", "paragraph_counts"):
            self._set_integers(name)
        self._set_integers("paragraph_room")
        self._set_phrases()
        self._check()

    def _set_integers(self, name: str) -> None:
        object.__setattr__(self, name, np.asarray(getattr(self, name)).astype(np.int64))

    def _set_phrases(self) -> None:
        """Sort the phrases by room, so that a museum's phrases lie together."""
        if not len(self.phrases):
            object.__setattr__(self, "phrases", np.zeros((0, self.sentences.shape[1])))
            rooms = ids = _nothing()
        else:
            if len(self.phrase_room) != len(self.phrases):
                raise HicalmError(f"phrase_room must name a room for each of {len(self.phrases)}.")
            rooms = np.asarray(self.phrase_room).astype(np.int64)
            ids = np.asarray(self.phrase_id) if len(self.phrase_id) else np.arange(len(rooms))
            order = np.argsort(rooms, kind="stable")
            if (np.diff(order) != 1).any():
                object.__setattr__(self, "phrases", self.phrases[order])
            rooms, ids = rooms[order], ids[order].astype(np.int64)
        object.__setattr__(self, "phrase_room", rooms)
        object.__setattr__(self, "phrase_id", ids)

    def _check(self) -> None:
        pairs = (
            ("view_counts", self.view_counts, len(self.views)),
            ("room_counts", self.room_counts, len(self.view_counts)),
            ("sentence_counts", self.sentence_counts, len(self.sentences)),
            ("paragraph_counts", self.paragraph_counts, len(self.sentence_counts)),
        )
        for name, counts, total in pairs:
            if counts.sum() != total or (counts < 1).any():
                raise HicalmError(
                    f"{name} must hold numbers of at least 1 that add up to {total}, but they add "
                    f"up to {counts.sum()} and the smallest is {counts.min(initial=0)}."
                )
        if len(self.room_counts) != len(self.paragraph_counts):
            raise HicalmError(
                f"{len(self.room_counts)} museums have views but {len(self.paragraph_counts)} have "
                "a description: they must be the same."
            )
        rooms = len(self.view_counts)
        for name, index in (
            ("paragraph_room", self.paragraph_room),
            ("phrase_room", self.phrase_room),
        ):
            if len(index) and not (index.min() >= SOMEWHERE and index.max() < rooms):
                raise HicalmError(f"{name} must lie below the number of rooms, {rooms}.")
        if len(self.paragraph_room) != len(self.sentence_counts):
            raise HicalmError("paragraph_room must name a room (or -1) for each paragraph.")
        if self.phrases.shape[1] != self.sentences.shape[1]:
            raise HicalmError(
                f"Phrases are {self.phrases.shape[1]} wide but sentences {self.sentences.shape[1]}:"
                " encode both with the same encoder."
            )

    def __len__(self) -> int:
        return len(self.room_counts)

    def select_views(self, rows: Array) -> Tensor:
        """Return view features (len(rows), D_v) as float32."""
        return torch.from_numpy(self.views[rows]).float()

    def select_text(self, rows: Array) -> Tensor:
        """Return features as float32; rows from S on are phrases: (len(rows), D_t)."""
        sentence = rows < len(self.sentences)
        if sentence.all():
            return torch.from_numpy(self.sentences[rows]).float()
        result = np.empty((len(rows), self.sentences.shape[1]), np.float32)
        result[sentence] = self.sentences[rows[sentence]]
        result[~sentence] = self.phrases[rows[~sentence] - len(self.sentences)]
        return torch.from_numpy(result)

    def batch(self, museums: Array) -> Batch:
        """Return the museums (B,) with all their views and their full descriptions."""
        rooms = ranges(starts(self.room_counts)[museums], self.room_counts[museums])
        paragraphs = ranges(starts(self.paragraph_counts)[museums], self.paragraph_counts[museums])
        view_rows = ranges(starts(self.view_counts)[rooms], self.view_counts[rooms])
        text_rows = ranges(
            starts(self.sentence_counts)[paragraphs], self.sentence_counts[paragraphs]
        )
        described = self.paragraph_room[paragraphs]
        local = np.full(len(self.view_counts), INTRODUCTION)
        local[rooms] = np.arange(len(rooms))
        described = np.where(described < 0, described, local[described.clip(0)])
        return Batch(
            views=self.select_views(view_rows),
            view_counts=torch.from_numpy(self.view_counts[rooms]),
            room_counts=torch.from_numpy(self.room_counts[museums]),
            sentences=self.select_text(text_rows),
            sentence_counts=torch.from_numpy(self.sentence_counts[paragraphs]),
            paragraph_counts=torch.from_numpy(self.paragraph_counts[museums]),
            is_introduction=torch.from_numpy(described == INTRODUCTION),
            paragraph_room=torch.from_numpy(described),
        )


def view_rows(collection: Collection, art_dim: int) -> Rows:
    """Return what the image encoder reads, (ΣV, D): the encoder's features, then the art expert's
    where the model uses them. Raises HicalmError where one is missing."""
    return collection.features.rows("view", *(["art"] if art_dim else []))


def view_features(collection: Collection, art_dim: int) -> np.ndarray:
    """Return ``view_rows`` in memory, float32."""
    return np.asarray(view_rows(collection, art_dim)).astype(np.float32, copy=False)


def training_data(
    collection: Collection, art: bool, phrases: tuple[np.ndarray, np.ndarray, np.ndarray] | None
) -> TrainingData:
    """Return the flat training data of a collection with features.

    ``phrases`` holds features (N, D), rooms (N,) and ids (N,) of short queries.
    """
    texts = paragraphs_of(collection)
    features, room, number = phrases or (_nothing(), _nothing(), _nothing())
    art_dim = collection.features.fingerprints["art"].dim if art else 0
    return TrainingData(
        views=view_rows(collection, art_dim),
        view_counts=collection.view_counts,
        room_counts=collection.room_counts,
        sentences=collection.features.rows("sentence"),
        sentence_counts=texts.sentence_counts,
        paragraph_counts=texts.paragraph_counts,
        paragraph_room=texts.room,
        phrases=features,
        phrase_room=room,
        phrase_id=number,
    )


def in_discovered_rooms(data: TrainingData) -> TrainingData:
    """Return the same museums with their views in the rooms found.

    Nobody knows which of them a paragraph or a phrase describes: paragraphs are SOMEWHERE, and
    phrases are left out.
    """
    museum_views = np.bincount(segment_ids(data.room_counts), data.view_counts).astype(np.int64)
    order, view_counts, room_counts = discover_rooms(data.views, museum_views)
    nothing = np.zeros(0, np.int64)
    return replace(
        data,
        views=select_rows(data.views, order),
        view_counts=view_counts,
        room_counts=room_counts,
        paragraph_room=np.where(data.paragraph_room < 0, data.paragraph_room, SOMEWHERE),
        phrases=nothing,
        phrase_room=nothing,
        phrase_id=nothing,
    )
