"""The paragraphs of a collection that have sentences, and what each describes."""

from dataclasses import dataclass

import numpy as np

from hicalm.data.batches import INTRODUCTION, SOMEWHERE
from hicalm.data.collection import Collection
from hicalm.ragged import Array, segment_ids, starts


@dataclass(frozen=True)
class Paragraphs:
    """Paragraphs with at least one sentence, museum after museum, int64.

    sentence_counts (ΣP,); paragraph_counts (B,); room (ΣP,): the flat index of the room that a
    paragraph describes, INTRODUCTION or SOMEWHERE.
    """

    sentence_counts: Array
    paragraph_counts: Array
    room: Array
    rooms: int  # in the collection

    @property
    def tell_each_room(self) -> bool:
        """Return whether each room has a paragraph of its own."""
        return int((self.room >= 0).sum()) == self.rooms

    @property
    def is_introduction(self) -> Array:
        """Return which paragraphs describe no room, bool (ΣP,)."""
        return self.room == INTRODUCTION


def paragraphs_of(collection: Collection) -> Paragraphs:
    """Return the paragraphs that have sentences.

    Where no room of a museum has a text of its own, the introduction describes its rooms, nobody
    knows which of them: it is SOMEWHERE.
    """
    counts, owner = collection.sentence_counts, segment_ids(collection.paragraph_counts)
    room = np.full(len(counts), INTRODUCTION)
    of_room = np.ones(len(counts), bool)
    of_room[starts(collection.paragraph_counts)] = False
    rooms, museums = len(collection.view_counts), len(collection.museums)
    room[of_room] = np.arange(rooms)
    described = np.bincount(owner[of_room], counts[of_room], minlength=museums) > 0
    room[~of_room & ~described[owner]] = SOMEWHERE
    kept = counts > 0
    in_museum = np.bincount(owner[kept], minlength=museums)
    return Paragraphs(counts[kept], in_museum, room[kept], rooms)
