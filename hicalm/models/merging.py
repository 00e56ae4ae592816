"""Merging the room level into the museum vector, as the variants `merge-rooms-museum` do.

`max` and `mean` put the best or mean room vector before the museum's (twice as wide); `max-sum` and
`mean-sum` add them.
"""

import torch
from torch import Tensor

from hicalm.ragged import segment_max, segment_mean

MERGES = ("none", "max", "mean", "max-sum", "mean-sum")


def room_summary(
    merge: str, rooms: Tensor, counts: Tensor, padding: Tensor | None = None
) -> Tensor:
    """Return the best or mean room of each museum: rooms (ΣR, H), counts (B,) -> (B, H).

    ``padding`` (H,) is what the published code takes for rooms that are not there, up to the
    largest number of rooms in the batch.
    """
    best = merge.startswith("max")
    summary = segment_max(rooms, counts) if best else segment_mean(rooms, counts)
    if padding is None:
        return summary
    missing = (counts.max() - counts).unsqueeze(1)
    if best:
        return torch.where(missing > 0, torch.maximum(summary, padding), summary)
    # published: their sum takes part, their number does not
    return summary + missing * padding / counts.unsqueeze(1)


def merge_rooms(merge: str, summary: Tensor, museum: Tensor) -> Tensor:
    """Merge the rooms' summary (B, H) into the museum's vector (B, H): -> (B, H) or (B, 2 H)."""
    return summary + museum if merge.endswith("-sum") else torch.cat([summary, museum], dim=1)
