"""Codes read back: vectors near those of which the codes of museums, rooms and views were made.

A code alone keeps little of a vector. What stands beside it gives some of the rest back: views side
by side show the same paintings, a room is what its views are, and a museum what its rooms are.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hicalm.data.collection import Fingerprint
from hicalm.geometry import normalise
from hicalm.hashing.codes import unpack
from hicalm.hashing.network_files import load_network, save_network
from hicalm.ragged import offsets, segment_ids, segment_mean
from hicalm.retrieval.index import MuseumIndex

DECODER_FILE = "decoder.safetensors"
NEIGHBOUR_STEPS = (1, -1, 2, -2)  # which other views of a room a view is read with, around the room
VIEWS_AT_ONCE = 4096


class Decoder(nn.Module):
    """Reads codes of ``bits`` bits back to vectors of the model ``fingerprint``."""

    def __init__(self, fingerprint: Fingerprint, bits: int, hidden: int, heads: str) -> None:
        """``heads`` is the hash of the heads whose codes are read."""
        super().__init__()
        self.fingerprint, self.bits, self.hidden, self.heads = fingerprint, bits, hidden, heads
        self.read = nn.Linear(
            (1 + len(NEIGHBOUR_STEPS)) * bits, hidden
        )  # a view's code, those beside it
        self.around = nn.Linear(2 * bits, hidden)  # the mean of a room's views, the room's code
        self.residual = nn.Linear(hidden, hidden)
        self.view = nn.Linear(hidden, fingerprint.dim)
        self.read_room = nn.Linear(hidden + bits, hidden)
        self.room = nn.Linear(hidden, fingerprint.dim)
        self.read_museum = nn.Linear(hidden + bits, hidden)
        self.museum = nn.Linear(hidden, fingerprint.dim)

    def forward(
        self, view: Tensor, room: Tensor, museum: Tensor, view_counts: Tensor, room_counts: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return normalised vectors of views (ΣV, D), rooms (ΣR, D) and museums (B, D).

        Codes are signs, -1 or 1: view (ΣV, bits), room (ΣR, bits), museum (B, bits); view_counts
        (ΣR,), room_counts (B,).
        """
        owner = segment_ids(view_counts)
        neighbours = [view[others] for others in _neighbour_rows(view_counts, owner)]
        around = self.around(torch.cat([segment_mean(view, view_counts), room], dim=1))
        seen = (self.read(torch.cat([view, *neighbours], dim=1)) + around[owner]).relu()
        seen = seen + self.residual(seen).relu()
        rooms = torch.cat([segment_mean(seen, view_counts), room], dim=1)
        rooms = self.read_room(rooms).relu()
        museums = torch.cat([segment_mean(rooms, room_counts), museum], dim=1)
        museums = self.read_museum(museums).relu()
        return (
            normalise(self.view(seen)),
            normalise(self.room(rooms)),
            normalise(self.museum(museums)),
        )

    @torch.inference_mode()
    def vectors(self, codes: MuseumIndex) -> MuseumIndex:
        """Return the vectors of museums, rooms and views, from their packed codes (N, bits / 8)."""
        parts = [self(*tensors(part, signs)) for part in _blocks(codes)]
        view, room, museum = (torch.cat(level).numpy() for level in zip(*parts, strict=True))
        return MuseumIndex(museum, room, view, codes.room_counts, codes.view_counts)


def tensors(index: MuseumIndex, change: Callable[[np.ndarray], Tensor]) -> tuple[Tensor, ...]:
    """Return what ``forward`` takes, the rows of every level changed by ``change``."""
    levels = (change(level) for level in (index.view, index.room, index.museum))
    counts = (torch.from_numpy(index.view_counts), torch.from_numpy(index.room_counts))
    return (*levels, *counts)


def signs(codes: np.ndarray) -> Tensor:
    """Return packed codes (N, bits / 8) as -1 or 1, float32 (N, bits)."""
    return torch.from_numpy(2 * unpack(codes).astype(np.float32) - 1)


def save_decoder(decoder: Decoder, folder: Path) -> None:
    """Write ``folder/decoder.safetensors`` in half precision, which loading brings back."""
    description = {
        "encoder": asdict(decoder.fingerprint),
        "bits": decoder.bits,
        "hidden": decoder.hidden,
        "heads": decoder.heads,
    }
    save_network(deepcopy(decoder).half(), description, Path(folder) / DECODER_FILE)


def load_decoder(folder: Path) -> Decoder:
    """Load a decoder, for evaluation. Raises HicalmError as ``load_network`` does."""
    path = Path(folder) / DECODER_FILE
    return load_network(path, _described, "decoder weights", "python -m hicalm hash shortlist")


def _described(description: dict[str, Any]) -> Decoder:
    fingerprint = Fingerprint(**description["encoder"])
    return Decoder(fingerprint, description["bits"], description["hidden"], description["heads"])


def _neighbour_rows(counts: Tensor, owner: Tensor) -> list[Tensor]:
    """Return for each of ``NEIGHBOUR_STEPS`` the row of that view of the room, for all views."""
    first, size = offsets(counts)[owner], counts[owner]
    position = torch.arange(len(owner)) - first
    return [first + (position + step) % size for step in NEIGHBOUR_STEPS]


def _blocks(codes: MuseumIndex) -> Iterator[MuseumIndex]:
    """Return consecutive museums, of about ``VIEWS_AT_ONCE`` views; this bounds the memory."""
    ends = np.cumsum(np.add.reduceat(codes.view_counts, codes.room_starts))
    numbers = np.arange(len(ends))
    for block in np.unique(ends // VIEWS_AT_ONCE):
        yield codes.select(numbers[ends // VIEWS_AT_ONCE == block])
