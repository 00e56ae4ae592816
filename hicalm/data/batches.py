"""Museums of a batch as flat tensors with counts: ragged everywhere, padded nowhere.

Sizes: B museums, ΣR rooms, ΣV views, ΣP paragraphs and ΣS sentences in the whole batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Self

import torch
from torch import Tensor

from hicalm.errors import HicalmError
from hicalm.ragged import segment_ids

INTRODUCTION = -1  # ``paragraph_room`` of a paragraph that describes no room
SOMEWHERE = -2  # ``paragraph_room`` of a paragraph that describes a room, nobody knows which


def _check_counts(name: str, counts: Tensor, total: int, of: str) -> None:
    if counts.dtype != torch.long or counts.ndim != 1:
        raise HicalmError(
            f"{name} must be a vector of type long, but it is {counts.dtype} of shape "
            f"{tuple(counts.shape)}."
        )
    if len(counts) and int(counts.min()) < 1:
        raise HicalmError(f"{name} has an empty group: every one needs at least one of {of}.")
    if int(counts.sum()) != total:
        raise HicalmError(f"{name} adds up to {int(counts.sum())}, but there are {total} {of}.")


@dataclass(frozen=True, kw_only=True)
class TensorFields:
    """What the batches share: all fields are tensors, and are moved at once."""

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Self:
        """Return the same batch on ``device``."""
        return self._map(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Self:
        """Return the same batch in page-locked memory, from where copies to CUDA overlap."""
        return self._map(lambda tensor: tensor.pin_memory())

    def _map(self, function: Callable[[Tensor], Tensor]) -> Self:
        return replace(self, **{f.name: function(getattr(self, f.name)) for f in fields(self)})


@dataclass(frozen=True, kw_only=True)
class TextBatch(TensorFields):
    """The text side: sentences in paragraphs in museums. Raises HicalmError if inconsistent."""

    sentences: Tensor  # (ΣS, D_t) float: sentence features
    sentence_counts: Tensor  # (ΣP,) long: sentences per paragraph
    paragraph_counts: Tensor  # (B,) long: paragraphs per museum, the introduction included
    is_introduction: Tensor  # (ΣP,) bool: the paragraph describes no room

    def __post_init__(self) -> None:
        _check_counts("sentence_counts", self.sentence_counts, len(self.sentences), "sentences")
        paragraphs = len(self.sentence_counts)
        _check_counts("paragraph_counts", self.paragraph_counts, paragraphs, "paragraphs")
        if self.is_introduction.dtype != torch.bool or len(self.is_introduction) != paragraphs:
            raise HicalmError(
                f"is_introduction must hold one bool for each of {paragraphs} paragraphs, but it "
                f"is {self.is_introduction.dtype} of length {len(self.is_introduction)}."
            )


@dataclass(frozen=True, kw_only=True)
class ViewBatch(TensorFields):
    """The visual side: views in rooms in museums. Raises HicalmError if inconsistent."""

    views: Tensor  # (ΣV, D_v) float: view features
    view_counts: Tensor  # (ΣR,) long: views per room
    room_counts: Tensor  # (B,) long: rooms per museum

    def __post_init__(self) -> None:
        _check_counts("view_counts", self.view_counts, len(self.views), "views")
        _check_counts("room_counts", self.room_counts, len(self.view_counts), "rooms")


@dataclass(frozen=True, kw_only=True)
class Batch(ViewBatch, TextBatch):
    """Both sides of the same B museums; a description may leave out rooms or the introduction."""

    paragraph_room: Tensor  # (ΣP,) long: flat index of the described room, or one of the above

    def __post_init__(self) -> None:
        ViewBatch.__post_init__(self)
        TextBatch.__post_init__(self)
        if len(self.room_counts) != len(self.paragraph_counts):
            raise HicalmError(
                f"The batch has {len(self.room_counts)} museums with views but "
                f"{len(self.paragraph_counts)} with a description: they must be the same."
            )
        self._check_paragraph_room()

    def _check_paragraph_room(self) -> None:
        if self.paragraph_room.shape != self.is_introduction.shape:
            raise HicalmError(
                f"paragraph_room must hold one index for each of {len(self.is_introduction)} "
                f"paragraphs, but its shape is {tuple(self.paragraph_room.shape)}."
            )
        if bool(((self.paragraph_room == INTRODUCTION) != self.is_introduction).any()):
            raise HicalmError("paragraph_room must be -1 exactly where is_introduction is true.")
        known = ~self.is_introduction & (self.paragraph_room != SOMEWHERE)
        described = self.paragraph_room[known]
        own = segment_ids(self.paragraph_counts)[known]
        room_museum = segment_ids(self.room_counts)
        inside = (described >= 0) & (described < len(room_museum))
        if not bool(inside.all()) or bool((room_museum[described] != own).any()):
            raise HicalmError("paragraph_room names a room that is not in the paragraph's museum.")
