"""The triplet loss on a square score matrix S (n, n): S_ii is the matching pair."""

import torch
from torch import Tensor

from hicalm.errors import HicalmError


def triplet_loss(
    scores: Tensor, margin: float, hardest: bool = True, also_positive: Tensor | None = None
) -> Tensor:
    """Return the triplet loss, a scalar of at least 0: the mean of both directions.

    max(0, margin + S_ij - S_ii) for an image i against the texts j != i, and the same for a text
    against images, averaged over i (Faghri et al., VSE++, 2018). A batch of one pair has no loss.

    Args:
        scores: (n, n), images in rows.
        margin: how much better the matching pair must be.
        hardest: of all negatives only the one with the highest score; False for their mean, which
            is easier to begin with.
        also_positive: (n, n) bool, pairs that match as well and are no negatives.

    Raises HicalmError for scores that are not square.
    """
    if scores.ndim != 2 or scores.shape[0] != scores.shape[1]:
        raise HicalmError(f"The loss needs a square score matrix, not {tuple(scores.shape)}.")
    negative = ~torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    if also_positive is not None:
        negative &= ~also_positive
    right = scores.diagonal()
    total = scores.new_zeros(())
    for direction, mask in ((scores, negative), (scores.T, negative.T)):
        violation = (margin + direction - right[:, None]).relu() * mask
        if hardest:
            total = total + violation.amax(dim=1).mean()
        else:
            total = total + (violation.sum(dim=1) / mask.sum(dim=1).clamp(min=1)).mean()
    return total / 2
