"""Nodes: what an image or a text is made of, a global node and then one for each region or word."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from hicalm.errors import HicalmError


@dataclass(frozen=True)
class Nodes:
    """The nodes of N images or N texts, padded to the longest.

    Attributes:
        vectors: (N, 1 + n, d) float32 of unit length; the first of each is the global node. Behind
            an item's own nodes they are zero.
        counts: (N,) int64, the number of regions or words of each, without the global node.
    """

    vectors: Tensor
    counts: Tensor

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, items: int | slice | Tensor) -> "Nodes":
        """Return the nodes of one item (then N = 1) or of some, no longer than they need."""
        if isinstance(items, int):
            items = slice(items, items + 1 or None)
        counts = self.counts[items]
        longest = int(counts.max()) if len(counts) else 0
        return Nodes(self.vectors[items, : 1 + longest], counts)

    @property
    def mask(self) -> Tensor:
        """Which nodes are there: (N, 1 + n) bool."""
        position = torch.arange(self.vectors.shape[1], device=self.counts.device)
        return position <= self.counts.unsqueeze(1)

    def to(self, device: torch.device | str) -> "Nodes":
        """Return the nodes on a device."""
        return Nodes(self.vectors.to(device), self.counts.to(device))


def join_nodes(parts: Sequence[Nodes]) -> Nodes:
    """Return the nodes of several parts, one after the other."""
    longest = max(part.vectors.shape[1] for part in parts)
    padded = [pad(part.vectors, (0, 0, 0, longest - part.vectors.shape[1])) for part in parts]
    return Nodes(torch.cat(padded), torch.cat([part.counts for part in parts]))


def pad_rows(rows: Tensor, counts: Tensor) -> Tensor:
    """Turn flat rows (ΣG, ...) in groups of ``counts`` (N,) into (N, longest, ...), with zeros."""
    if int(counts.sum()) != len(rows):
        raise HicalmError(f"Groups of {int(counts.sum())} rows in all cannot hold {len(rows)}.")
    return torch.nn.utils.rnn.pad_sequence(rows.split(counts.tolist()), batch_first=True)


def checked_counts(rows: Tensor, counts: Tensor | None, dims: int, width: int, name: str) -> Tensor:
    """Return the counts of padded features, all of them where ``counts`` is None.

    Raises HicalmError for features of another shape than ``dims`` dimensions with ``width`` last
    (0: any), and for counts that are not one for each item or not in 1..n.
    """
    if rows.ndim != dims or (width and rows.shape[-1] != width):
        wanted = f"(N, n, {width})" if width else "(N, n)"
        raise HicalmError(f"The {name} must have the shape {wanted}, not {tuple(rows.shape)}.")
    if counts is None:
        counts = torch.full((len(rows),), rows.shape[1], device=rows.device)
    if counts.shape != rows.shape[:1]:
        raise HicalmError(f"{len(rows)} items have {tuple(counts.shape)} counts of {name}.")
    if len(counts) and not 1 <= int(counts.min()) <= int(counts.max()) <= rows.shape[1]:
        raise HicalmError(
            f"The counts of {name} must lie in 1..{rows.shape[1]}, not in "
            f"{int(counts.min())}..{int(counts.max())}."
        )
    return counts.to(rows.device, torch.int64)
