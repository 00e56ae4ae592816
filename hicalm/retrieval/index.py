"""A collection's museums, rooms and views in the model's space: embed once, query often."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from tqdm import tqdm

from hicalm.data.batches import ViewBatch
from hicalm.data.collection import Collection
from hicalm.data.rows import Rows
from hicalm.errors import HicalmError
from hicalm.geometry import normalise
from hicalm.models import DualEncoder
from hicalm.ragged import offsets, ranges, starts
from hicalm.retrieval.standards import LevelStandards

MUSEUMS_AT_ONCE = 64


class Layout:
    """What belongs to what: ``room_counts`` (B,) rooms of each museum, ``view_counts`` (ΣR,)."""

    room_counts: np.ndarray
    view_counts: np.ndarray

    @cached_property
    def room_starts(self) -> np.ndarray:
        """The first room of each museum (B,)."""
        return starts(self.room_counts)

    @cached_property
    def room_view_starts(self) -> np.ndarray:
        """The first view of each room (ΣR,)."""
        return starts(self.view_counts)

    @cached_property
    def view_starts(self) -> np.ndarray:
        """The first view of each museum (B,)."""
        return self.room_view_starts[self.room_starts]

    def rooms_of(self, museum: int) -> slice:
        """Return the rows of a museum's rooms."""
        start = int(self.room_starts[museum])
        return slice(start, start + int(self.room_counts[museum]))

    def views_of(self, room: int) -> slice:
        """Return the rows of a room's views; ``room`` counts over the whole collection."""
        start = int(self.room_view_starts[room])
        return slice(start, start + int(self.view_counts[room]))

    def views_of_museum(self, museum: int) -> slice:
        """Return the rows of all views of a museum."""
        start = int(self.view_starts[museum])
        return slice(start, start + int(self.view_counts[self.rooms_of(museum)].sum()))

    def room_rows(self, museums: np.ndarray) -> np.ndarray:
        """Return the rows of all rooms of some museums (M,)."""
        return ranges(self.room_starts[museums], self.room_counts[museums])

    def view_rows(self, rooms: np.ndarray) -> np.ndarray:
        """Return the rows of all views of some rooms (N,)."""
        return ranges(self.room_view_starts[rooms], self.view_counts[rooms])


@dataclass(frozen=True)
class MuseumIndex(Layout):
    """Normalised vectors, float32: museum (B, H), room (ΣR, H), view (ΣV, H), all in one order.

    ``view`` holds each view alone through the room head, so views compare with texts of rooms.
    ``standards`` say what a level's cosine is measured against, None: it counts as it is.
    """

    museum: np.ndarray
    room: np.ndarray
    view: np.ndarray
    room_counts: np.ndarray
    view_counts: np.ndarray
    standards: LevelStandards | None = None

    def select(self, museums: np.ndarray) -> "MuseumIndex":
        """Return the index of some museums (M,), in their order."""
        rooms = self.room_rows(museums)
        return MuseumIndex(
            self.museum[museums],
            self.room[rooms],
            self.view[self.view_rows(rooms)],
            self.room_counts[museums],
            self.view_counts[rooms],
            None if self.standards is None else self.standards.select(museums),
        )

    def mapped(self, change: Callable[[np.ndarray], np.ndarray]) -> "MuseumIndex":
        """Return the same items with the rows of every level changed, (N, H) -> (N, any)."""
        museum, room, view = change(self.museum), change(self.room), change(self.view)
        return MuseumIndex(museum, room, view, self.room_counts, self.view_counts)


def check_encoder(collection: Collection, model: DualEncoder) -> None:
    """Raise HicalmError unless the model was trained on features of the collection's encoder.

    A model that does not name its encoder reads any features of the right width.
    """
    fingerprint, wanted = collection.features.fingerprints.get("view"), model.config.encoder
    if fingerprint is not None and wanted and wanted != fingerprint.label:
        raise HicalmError(
            f"The model reads features of the encoder {wanted}, but the collection "
            f"'{collection.name}' was encoded with {fingerprint.label}. Encode it again, or "
            "train a model on it."
        )


def view_batches(
    views: Rows, view_counts: np.ndarray, room_counts: np.ndarray
) -> Iterator[ViewBatch]:
    """Return all museums as batches of 64: views (ΣV, D), view_counts (ΣR,), room_counts (B,).

    Features that lie on disk are read a batch at a time.
    """
    room, view = offsets(room_counts), offsets(view_counts)
    for first in range(0, len(room_counts), MUSEUMS_AT_ONCE):
        museums = slice(first, min(first + MUSEUMS_AT_ONCE, len(room_counts)))
        rooms = slice(room[museums.start], room[museums.stop])
        yield ViewBatch(
            views=torch.as_tensor(views[view[rooms.start] : view[rooms.stop]]).float(),
            view_counts=torch.as_tensor(view_counts[rooms]),
            room_counts=torch.as_tensor(room_counts[museums]),
        )


@torch.inference_mode()
def build_index(
    model: DualEncoder,
    views: Rows,
    view_counts: np.ndarray,
    room_counts: np.ndarray,
    progress: bool = False,
) -> MuseumIndex:
    """Embed museums: views (ΣV, D), view_counts (ΣR,), room_counts (B,).

    A model that says what its levels are measured against, or what texts it knows, gets standards.
    """
    museums, rooms, single_views = [], [], []
    batches = view_batches(views, view_counts, room_counts)
    total = -(-len(room_counts) // MUSEUMS_AT_ONCE)
    for batch in tqdm(batches, desc="embedding museums", total=total, disable=not progress):
        embedding = model.encode_vision(batch)
        museums.append(normalise(embedding.museum).numpy())
        rooms.append(normalise(embedding.room).numpy())
        single_views.append(normalise(embedding.view_room).numpy())
    index = MuseumIndex(
        np.concatenate(museums),
        np.concatenate(rooms),
        np.concatenate(single_views),
        np.asarray(room_counts),
        np.asarray(view_counts),
    )
    levels = (
        (index.museum, np.arange(len(index.museum))),
        (index.room, index.room_starts),
        (index.view, index.view_starts),
    )
    if model.known_texts is not None:
        standards = LevelStandards.without_hubs(model.known_texts, levels)
    elif model.level_texts is not None:
        standards = LevelStandards.of(model.level_texts.numpy(), levels)
    else:
        return index
    return replace(index, standards=standards)
