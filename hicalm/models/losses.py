"""Contrastive losses on a square similarity matrix S (n, n): S_ii is the matching pair.

Both work at every level. ``also_positive`` (n, n) bool marks pairs i != j that match as well
(duplicates): they are left out, so that nothing pushes them apart. ``late_interaction`` makes such
a matrix of the pieces of texts and of museums.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from hicalm.errors import HicalmError
from hicalm.geometry import cosine
from hicalm.ragged import segment_ids, segment_max, segment_mean

MARGIN = 0.25  # published margin of the hinge
INITIAL_TEMPERATURE = 0.07  # as in CLIP
MAXIMUM_SCALE = 100.0  # as in CLIP: sharper than 1/100 makes training unstable


def _negatives(similarity: Tensor, also_positive: Tensor | None) -> Tensor:
    """Return the mask (n, n) of pairs that must come apart; HicalmError for a wrong shape."""
    if similarity.ndim != 2 or similarity.shape[0] != similarity.shape[1]:
        raise HicalmError(
            f"A contrastive loss needs a square similarity matrix, not {tuple(similarity.shape)}."
        )
    apart = ~torch.eye(len(similarity), dtype=torch.bool, device=similarity.device)
    return apart if also_positive is None else apart & ~also_positive


def hinge_loss(
    similarity: Tensor, margin: float | Tensor = MARGIN, also_positive: Tensor | None = None
) -> Tensor:
    """Return the published loss, a scalar of at least 0.

    max(0, margin + S_ij - S_ii) over all i != j, in both directions, each summed and divided by
    n (n - 1); the mean of the two. A single pair has no negatives: the loss is 0.

    Args:
        similarity: S (n, n), cosines.
        margin: one number, or one for each pair (n, n).
        also_positive: (n, n) bool, pairs to leave out.
    """
    apart = _negatives(similarity, also_positive)
    matching = similarity.diagonal()
    by_row = torch.relu(margin + similarity - matching.unsqueeze(1))
    by_column = torch.relu(margin + similarity - matching.unsqueeze(0))
    pairs = max(len(similarity) * (len(similarity) - 1), 1)  # n = 1: nothing to sum, not 0 / 0
    # row by row: one long sum would depend on the number of threads in its last digits
    return ((by_row + by_column) * apart).sum(dim=1).sum() / (2 * pairs)


class HingeLoss(nn.Module):
    """``hinge_loss`` with a fixed margin, callable like ``InfoNCE``."""

    def __init__(self, margin: float = MARGIN) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, similarity: Tensor, also_positive: Tensor | None = None) -> Tensor:
        """Return the loss of S (n, n), a scalar."""
        return hinge_loss(similarity, self.margin, also_positive)


class InfoNCE(nn.Module):
    """Symmetric cross-entropy over the softmax of S times a learned scale (1 / temperature).

    Differences from the published loss: every negative counts by its softmax weight instead of by
    a margin, and the scale is learned. A single pair gives 0.
    """

    def __init__(self, temperature: float = INITIAL_TEMPERATURE) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))

    def forward(self, similarity: Tensor, also_positive: Tensor | None = None) -> Tensor:
        """Return the loss of S (n, n), a scalar; ``also_positive`` (n, n) bool is left out."""
        return _cross_entropy(similarity * _scale(self.log_scale), also_positive)


class ScoreLoss(nn.Module):
    """``InfoNCE`` of the levels added up, each times a learned scale of its own.

    That is the score by which museums are ranked, but for a factor: its weights are the scales'
    shares of their sum.
    """

    def __init__(self, levels: Sequence[str], temperature: float = INITIAL_TEMPERATURE) -> None:
        super().__init__()
        self.log_scales = nn.ParameterDict(
            {level: torch.tensor(-math.log(temperature)) for level in levels}
        )

    def forward(
        self, similarity: Mapping[str, Tensor], also_positive: Tensor | None = None
    ) -> Tensor:
        """Return the loss of S (n, n) of each level, a scalar; ``also_positive`` is left out."""
        scaled = [similarity[name] * _scale(log) for name, log in self.log_scales.items()]
        return _cross_entropy(torch.stack(scaled).sum(dim=0), also_positive)

    def weights(self) -> dict[str, float]:
        """Return the weight of each level in the score; they add up to 1."""
        scales = {name: float(_scale(log.detach())) for name, log in self.log_scales.items()}
        return {name: scale / sum(scales.values()) for name, scale in scales.items()}


def _scale(log_scale: Tensor) -> Tensor:
    # without the clamp the scale can run away once all pairs of a batch are separated
    return log_scale.clamp(max=math.log(MAXIMUM_SCALE)).exp()


def _cross_entropy(logits: Tensor, also_positive: Tensor | None) -> Tensor:
    """Return the mean over both directions of the cross-entropy of logits (n, n)."""
    apart = _negatives(logits, also_positive)
    if len(logits) == 0:
        return logits.sum()
    kept = apart | torch.eye(len(apart), dtype=torch.bool, device=apart.device)
    matching = logits.diagonal()
    logits = logits.masked_fill(~kept, float("-inf"))
    by_row = (logits.logsumexp(dim=1) - matching).mean()
    by_column = (logits.logsumexp(dim=0) - matching).mean()
    return (by_row + by_column) / 2


def late_interaction(
    pieces: Tensor, piece_counts: Tensor, items: Tensor, item_counts: Tensor
) -> Tensor:
    """Return the mean over each text's pieces of their best item in each museum, (T, B) in -1..1.

    Late interaction as in ColBERT (Khattab and Zaharia 2020), with the mean instead of the sum over
    the pieces, so that texts of any length compare. Nothing is padded: the maxima are those of
    ragged segments. The gradient of a maximum goes to the best item alone, or to all that tie.

    Args:
        pieces: (ΣS, H), sentences or paragraphs, text after text.
        piece_counts: (T,) long, each at least 1.
        items: (ΣV, H), views or rooms, museum after museum.
        item_counts: (B,) long, each at least 1.
    """
    best = _BestRow.apply(cosine(items, pieces), item_counts)  # (B, ΣS)
    return segment_mean(best.T, piece_counts)


class _BestRow(torch.autograd.Function):
    """``segment_max`` of many rows and columns, of whose gradient torch takes much longer."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, counts: Tensor) -> Tensor:
        best = segment_max(rows, counts)
        ctx.save_for_backward(rows, best, segment_ids(counts))
        return best

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        rows, best, group = ctx.saved_tensors
        return gradients[0][group].mul_(rows == best[group]), None
