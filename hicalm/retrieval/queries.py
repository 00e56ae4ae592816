"""Queries in batches: made of the descriptions of a collection, or of texts.

Queries of three lengths (``levels.LENGTHS``) are made of the descriptions: the whole one, each
room's paragraph, and single sentences of rooms; each has one right museum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.paragraphs import paragraphs_of
from hicalm.data.rows import Rows
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.levels import LENGTHS
from hicalm.ragged import ranges, segment_ids, starts
from hicalm.reading.query_text import split_rooms

MAX_SENTENCES = 2000  # single-sentence queries, drawn once with a fixed seed


@dataclass(frozen=True)
class Queries:
    """Queries of one length with the features of their sentences.

    sentences (ΣS, D), as stored; sentence_counts (ΣP,); paragraph_counts (Q,);
    is_introduction (ΣP,); target (Q,): the row of the right museum, or None where relevance comes
    from the ground truth.
    """

    sentences: Rows
    sentence_counts: np.ndarray
    paragraph_counts: np.ndarray
    is_introduction: np.ndarray
    target: np.ndarray | None

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Paragraphs and sentences of every query (Q); an introduction is not counted."""
        owner = segment_ids(self.paragraph_counts)
        kept = ~self.is_introduction
        paragraphs = np.bincount(owner[kept], minlength=len(self.paragraph_counts))
        sentences = np.bincount(
            owner[kept], self.sentence_counts[kept], minlength=len(self.paragraph_counts)
        )
        return list(zip(paragraphs.tolist(), sentences.astype(int).tolist(), strict=True))


@dataclass(frozen=True)
class Origins:
    """Where the text of every query of one length comes from: rows of museums, rooms and sentences.

    int64 (Q,): ``museum`` counts in the collection, ``room`` in its museum and ``sentence`` in its
    room, all from 0; None where the text is more than one of them.
    """

    museum: np.ndarray
    room: np.ndarray | None = None
    sentence: np.ndarray | None = None


def description_origins(collection: Collection) -> dict[str, Origins]:
    """Return where the queries ``full``, ``room`` and ``sentence`` come from."""
    museum = segment_ids(collection.room_counts)
    room = _numbered(collection.room_counts)
    counts = np.array([len(r.paragraph) for m in collection.museums for r in m.rooms])
    told = counts > 0  # discovered rooms have no text of their own
    owner, sentence = segment_ids(counts), _numbered(counts)
    chosen = np.arange(len(owner))
    if len(chosen) > MAX_SENTENCES:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, MAX_SENTENCES, replace=False))
    owner, sentence = owner[chosen], sentence[chosen]
    return {
        "full": Origins(np.arange(len(collection.museums))),
        "room": Origins(museum[told], room[told]),
        "sentence": Origins(museum[owner], room[owner], sentence),
    }


def _numbered(counts: np.ndarray) -> np.ndarray:
    """Number the members of every group from 0, e.g. counts [2, 3] to [0, 1, 0, 1, 2]."""
    return ranges(np.zeros_like(counts), counts)


def description_queries(
    collection: Collection, lengths: Sequence[str] = LENGTHS
) -> dict[str, Queries]:
    """Return queries made of the descriptions: ``full``, ``room`` and ``sentence``, as asked.

    Raises HicalmError where texts of rooms are asked for and no room has one.
    """
    features = collection.features.rows("sentence")
    texts = paragraphs_of(collection)
    counts, of_room = texts.sentence_counts, texts.room >= 0
    queries = {}
    if "full" in lengths:
        museums = np.arange(len(texts.paragraph_counts))
        queries["full"] = Queries(
            features, counts, texts.paragraph_counts, texts.is_introduction, museums
        )
    if not {"room", "sentence"} & set(lengths):
        return queries
    if not of_room.any():
        raise HicalmError(
            f"No room of the collection '{collection.name}' has a text of its own: ask for the "
            "length 'full' alone."
        )
    origins = description_origins(collection)
    if "room" in lengths:
        rows = np.flatnonzero(np.repeat(of_room, counts))
        ones = np.ones(int(of_room.sum()), np.int64)
        target = origins["room"].museum
        queries["room"] = Queries(features[rows], counts[of_room], ones, ones == 0, target)
    if "sentence" in lengths:
        single = origins["sentence"]
        room = starts(collection.room_counts)[single.museum] + single.room
        first = np.zeros(len(collection.view_counts), np.int64)
        first[texts.room[of_room]] = starts(counts)[of_room]
        chosen = first[room] + single.sentence
        one_each = np.ones(len(chosen), np.int64)
        queries["sentence"] = Queries(
            features[chosen], one_each, one_each, one_each == 0, single.museum
        )
    return queries


def text_queries(texts: Sequence[str], encoder: Encoder) -> Queries:
    """Return texts as queries, split into rooms and sentences as the app does."""
    rooms = [split_rooms(text) for text in texts]
    counts = [len(room) for query in rooms for room in query]
    features = encoder.encode_texts([s for query in rooms for room in query for s in room])
    return Queries(
        sentences=features,
        sentence_counts=np.array(counts),
        paragraph_counts=np.array([len(query) for query in rooms]),
        is_introduction=np.zeros(len(counts), bool),
        target=None,
    )
