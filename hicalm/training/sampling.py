"""Draw training batches: some views of every room, and texts from a page down to a phrase.

Everything is index arithmetic on flat arrays; no loop over museums or rooms. Sizes: B museums with
ΣR rooms and ΣP paragraphs.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Self

import numpy as np
import torch
from torch import Tensor

from hicalm.data.batches import INTRODUCTION, TensorFields, TextBatch, ViewBatch
from hicalm.data.dataset import Array, TrainingData
from hicalm.ragged import offsets, ranges, starts
from hicalm.training.train_config import TrainConfig

SMALLEST_SUBSET = 0.2  # a subset keeps each paragraph or sentence with 0.2 to 1 probability


class MuseumText(IntEnum):
    """What stands for a museum's description in a step."""

    FULL = 0
    SUBSET = 1
    ROOM = 2
    SENTENCES = 3
    PHRASE = 4


class RoomText(IntEnum):
    """What stands for a room's text in a step."""

    PARAGRAPH = 0
    SUBSET = 1
    SENTENCE = 2
    PHRASE = 3


@dataclass(frozen=True, kw_only=True)
class TrainingBatch(TensorFields):
    """One step's museums, their texts, and a text for each of the T rooms with a paragraph.

    A ``share`` of it has some of the museums, while ``same_museum`` and ``same_room`` are those of
    all.
    """

    views: Tensor  # (ΣV, D_v): the views shown
    view_counts: Tensor  # (ΣR,)
    room_counts: Tensor  # (B,)
    sentences: Tensor  # (ΣS, D_t): of the museum texts
    sentence_counts: Tensor  # (ΣP,)
    paragraph_counts: Tensor  # (B,)
    is_introduction: Tensor  # (ΣP,) bool
    room_sentences: Tensor  # (ΣT, D_t): of the room texts; none where the museum texts have them
    room_sentence_counts: Tensor  # (T,), or (0,) where the room texts are ``text``'s paragraphs
    described_room: Tensor  # (T,) flat index of the room that the text describes
    same_museum: Tensor  # (B, B) bool: text i is also true of museum j
    same_room: Tensor  # (T, T) bool: room text i is also true of the room of text j

    @property
    def text(self) -> TextBatch:
        """The museum texts."""
        return TextBatch(
            sentences=self.sentences,
            sentence_counts=self.sentence_counts,
            paragraph_counts=self.paragraph_counts,
            is_introduction=self.is_introduction,
        )

    @property
    def vision(self) -> ViewBatch:
        """The views shown."""
        return ViewBatch(
            views=self.views, view_counts=self.view_counts, room_counts=self.room_counts
        )

    def share(self, part: int, parts: int) -> Self:
        """Return what one of ``parts`` processes encodes, from 0: museums and texts of rooms.

        Where there are fewer texts of rooms than processes, each has them all.
        """
        museums = _part(len(self.room_counts), part, parts)
        rooms = _rows(self.room_counts, museums)
        paragraphs = _rows(self.paragraph_counts, museums)
        texts = _part(len(self.room_sentence_counts), part, parts)
        if len(self.room_sentence_counts) < parts:
            texts = slice(0, len(self.room_sentence_counts))
        described = self.described_room
        own = (described >= rooms.start) & (described < rooms.stop)
        return replace(
            self,
            views=self.views[_rows(self.view_counts, rooms)],
            view_counts=self.view_counts[rooms],
            room_counts=self.room_counts[museums],
            sentences=self.sentences[_rows(self.sentence_counts, paragraphs)],
            sentence_counts=self.sentence_counts[paragraphs],
            paragraph_counts=self.paragraph_counts[museums],
            is_introduction=self.is_introduction[paragraphs],
            room_sentences=self.room_sentences[_rows(self.room_sentence_counts, texts)],
            room_sentence_counts=self.room_sentence_counts[texts],
            described_room=described[own] - rooms.start,
        )


@dataclass(frozen=True)
class _Pieces:
    """Chosen texts: rows of each, and which phrase each is (-1: none)."""

    rows: Array  # (Σ,) rows of ``TrainingData.select_text``
    counts: Array  # (G,)
    phrase: Array  # (G,)


class Sampler:
    """Draws ``TrainingBatch``es of a split according to the shares of a ``TrainConfig``."""

    def __init__(self, data: TrainingData, config: TrainConfig) -> None:
        self.data = data
        self.config = config
        self.room_start = starts(data.room_counts)
        self.view_start = starts(data.view_counts)
        self.paragraph_start = starts(data.paragraph_counts)
        self.sentence_start = starts(data.sentence_counts)
        rooms = len(data.view_counts)
        self.phrase_counts = np.bincount(data.phrase_room, minlength=rooms)
        self.phrase_start = starts(self.phrase_counts)
        self.room_paragraph = np.full(rooms, -1)  # a room without a paragraph keeps -1
        described = np.flatnonzero(data.paragraph_room >= 0)
        self.room_paragraph[data.paragraph_room[described]] = described
        self._whole = config.full == 1 and config.room_paragraph == 1

    def draw(
        self, museums: Array, rng: np.random.Generator, part: int = 0, parts: int = 1
    ) -> TrainingBatch:
        """Draw one batch of the museums (B,), and of it the share of one of several processes."""
        data = self.data
        rooms = ranges(self.room_start[museums], data.room_counts[museums])
        view_rows, view_counts = self._views(rooms, rng)
        paragraphs, paragraph_counts, pieces = self._museum_texts(museums, rng)
        described = np.flatnonzero(self.room_paragraph[rooms] >= 0)
        if self._whole:  # the museum texts have every room's text already
            described = self._local_rooms(data.paragraph_room[paragraphs], rooms)
        if self._whole or not len(described):
            room_pieces = _Pieces(*(np.zeros(0, np.int64),) * 2, np.full(len(described), -1))
        else:
            room_pieces = self._room_texts(rooms[described], rng)
        first_piece = starts(paragraph_counts)
        room_museum = np.repeat(np.arange(len(museums)), data.room_counts[museums])
        arrays = {
            "view_counts": view_counts,
            "room_counts": data.room_counts[museums],
            "sentence_counts": pieces.counts,
            "paragraph_counts": paragraph_counts,
            "is_introduction": data.paragraph_room[paragraphs] == INTRODUCTION,
            "room_sentence_counts": room_pieces.counts,
            "described_room": described,
            "same_museum": self._also_true(pieces.phrase[first_piece], rooms, room_museum),
            "same_room": self._also_true(
                room_pieces.phrase, rooms[described], np.arange(len(described))
            ),
        }
        arrays |= {
            "views": view_rows,
            "sentences": pieces.rows,
            "room_sentences": room_pieces.rows,
        }
        drawn = TrainingBatch(**{name: torch.from_numpy(array) for name, array in arrays.items()})
        own = drawn.share(part, parts)  # of the rows: their features are read here only
        return replace(
            own,
            views=data.select_views(own.views.numpy()),
            sentences=data.select_text(own.sentences.numpy()),
            room_sentences=data.select_text(own.room_sentences.numpy()),
        )

    def _local_rooms(self, described: Array, rooms: Array) -> Array:
        """Return the indices in ``rooms`` of those that paragraphs (ΣP,) describe: (T,)."""
        position = np.zeros(len(self.data.view_counts), np.int64)
        position[rooms] = np.arange(len(rooms))
        return position[described[described >= 0]]

    def _views(self, rooms: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Choose views of each room (ΣR,), at least one: rows (Σ,) and counts (ΣR,)."""
        counts = self.data.view_counts[rooms]
        rows = ranges(self.view_start[rooms], counts)
        share = np.where(
            rng.random(len(rooms)) < self.config.view_subset, rng.random(len(rooms)), 1
        )
        kept = _keep(rng.random(len(rows)), share, counts)
        return rows[kept], np.add.reduceat(kept.astype(np.int64), starts(counts))

    def _museum_texts(
        self, museums: Array, rng: np.random.Generator
    ) -> tuple[Array, Array, _Pieces]:
        """Choose paragraphs (ΣP,), how many each museum has (B,), and their sentences."""
        data, config = self.data, self.config
        mode = _choose(config.museum_shares, len(museums), rng)
        counts = data.paragraph_counts[museums]
        paragraphs = ranges(self.paragraph_start[museums], counts)
        owner = np.repeat(np.arange(len(museums)), counts)
        introduction = data.paragraph_room[paragraphs] == INTRODUCTION
        subset = mode == MuseumText.SUBSET
        share = np.select(
            [mode == MuseumText.FULL, subset],
            [2.0, rng.uniform(SMALLEST_SUBSET, 1, len(museums))],
            default=0.0,
        )
        # an introduction draws last, so that it never is the one paragraph kept of several; half
        # of the subsets keep it all the same
        draws = np.where(introduction, 2.0, rng.random(len(paragraphs)))
        kept = _keep(draws, share, counts)
        kept |= introduction & (subset & (rng.random(len(museums)) < 0.5))[owner]
        paragraphs, owner, introduction = paragraphs[kept], owner[kept], introduction[kept]

        shuffled = subset & (rng.random(len(museums)) < config.shuffle)
        position = np.where(shuffled[owner], rng.random(len(owner)), np.arange(len(owner)))
        order = np.lexsort((np.where(introduction, -1, position), owner))
        paragraphs = paragraphs[order]
        mode = mode[owner]
        rooms = data.paragraph_room[paragraphs]
        phrase = self._phrases(rooms, mode == MuseumText.PHRASE, rng)
        wanted = np.where(
            mode == MuseumText.SENTENCES,
            rng.integers(1, config.max_sentences + 1, len(mode)),
            np.where(mode == MuseumText.PHRASE, 1, np.iinfo(np.int64).max),
        )
        partial = (mode != MuseumText.FULL) & (rng.random(len(mode)) < config.shuffle)
        pieces = self._sentences(paragraphs, np.ones(len(mode)), wanted, partial, phrase, rng)
        return paragraphs, np.bincount(owner, minlength=len(museums)), pieces

    def _room_texts(self, rooms: Array, rng: np.random.Generator) -> _Pieces:
        """Choose a text for each room (T,), all of which have a paragraph."""
        mode = _choose(self.config.room_shares, len(rooms), rng)
        phrase = self._phrases(rooms, mode == RoomText.PHRASE, rng)
        subset = mode == RoomText.SUBSET
        share = np.where(subset, rng.uniform(SMALLEST_SUBSET, 1, len(rooms)), 1.0)
        single = (mode == RoomText.SENTENCE) | (mode == RoomText.PHRASE)
        wanted = np.where(single, 1, np.iinfo(np.int64).max)
        shuffled = subset & (rng.random(len(rooms)) < self.config.shuffle)
        return self._sentences(self.room_paragraph[rooms], share, wanted, shuffled, phrase, rng)

    def _phrases(self, rooms: Array, wanted: Array, rng: np.random.Generator) -> Array:
        """Choose a phrase for each room (G,) that wants one and has one; -1 elsewhere."""
        available = np.where(rooms < 0, 0, self.phrase_counts[rooms])
        chosen = self.phrase_start[rooms] + (rng.random(len(rooms)) * available).astype(np.int64)
        return np.where(wanted & (available > 0), chosen, -1)

    def _sentences(
        self,
        paragraphs: Array,
        share: Array,
        wanted: Array,
        shuffled: Array,
        phrase: Array,
        rng: np.random.Generator,
    ) -> _Pieces:
        """Choose sentences of each paragraph (G,).

        Each is kept with probability ``share`` and at most ``wanted`` are (but at least one), in
        order or ``shuffled``; where ``phrase`` is not -1, that phrase takes their place.
        """
        counts = self.data.sentence_counts[paragraphs]
        rows = ranges(self.sentence_start[paragraphs], counts)
        owner = np.repeat(np.arange(len(paragraphs)), counts)
        draws = rng.random(len(rows))
        by_draw = np.lexsort((draws, owner))
        rank = np.empty(len(rows), np.int64)
        rank[by_draw] = np.arange(len(rows)) - np.repeat(starts(counts), counts)
        kept = _keep(draws, share, counts) & (rank < wanted[owner])
        rows, owner, draws = rows[kept], owner[kept], draws[kept]
        # the draws of kept sentences are in random order already
        order = np.lexsort((np.where(shuffled[owner], draws, np.arange(len(rows))), owner))
        rows = rows[order]
        counts = np.bincount(owner, minlength=len(paragraphs))
        spoken = phrase >= 0
        rows[starts(counts)[spoken]] = len(self.data.sentences) + phrase[spoken]
        return _Pieces(rows, counts, phrase)

    def _also_true(self, phrase: Array, rooms: Array, column: Array) -> Array:
        """Return which columns each text is true of, beyond its own: (G, G) bool.

        Args:
            phrase: (G,) the phrase that each text is, -1 where it is none.
            rooms: (ΣR,) rooms of the batch.
            column: (ΣR,) the column that each room counts for.
        """
        size = len(phrase)
        ids = self.data.phrase_id
        texts = np.flatnonzero(phrase >= 0)
        if not len(texts):
            return np.zeros((size, size), bool)
        distinct, which = np.unique(ids[phrase[texts]], return_inverse=True)
        counts = self.phrase_counts[rooms]
        rows = ranges(self.phrase_start[rooms], counts)
        position = np.searchsorted(distinct, ids[rows]).clip(max=len(distinct) - 1)
        found = distinct[position] == ids[rows]
        true_of = np.zeros((len(distinct), size), bool)
        true_of[position[found], np.repeat(column, counts)[found]] = True
        result = np.zeros((size, size), bool)
        result[texts] = true_of[which]
        np.fill_diagonal(result, False)
        return result


def _part(size: int, part: int, parts: int) -> slice:
    """Return which of ``size`` neighbours one of ``parts`` has, about as many as each other."""
    return slice(size * part // parts, size * (part + 1) // parts)


def _rows(counts: Tensor, groups: slice) -> slice:
    """Return the rows of neighbouring groups, of which there are ``counts`` (G,) rows each."""
    ends = offsets(counts)
    return slice(int(ends[groups.start]), int(ends[groups.stop]))


def _choose(shares: tuple[float, ...], size: int, rng: np.random.Generator) -> Array:
    """Draw (size,) positions in ``shares`` with these probabilities."""
    edges = np.cumsum(shares)
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right")


def _keep(draws: Array, share: Array, counts: Array) -> Array:
    """Keep each of Σ items whose draw is at most its group's share (G,), or the smallest draw."""
    smallest = np.minimum.reduceat(draws, starts(counts))
    return draws <= np.repeat(np.maximum(share, smallest), counts)
