"""Rank any number of queries against any number of museums without the whole matrix of scores.

Sizes: Q queries, B museums, H dimensions. At most ``BLOCK`` columns of scores exist at once.
"""

import numpy as np
import torch
from torch import Tensor

from hicalm.data.rows import Rows
from hicalm.errors import HicalmError

BLOCK = 16_384  # museums at once: 450 queries take 30 MB of scores


@torch.inference_mode()
def best_museums(
    queries: Tensor, museums: Rows | Tensor, max_results: int
) -> tuple[Tensor, Tensor]:
    """Return the best museums of every query: scores (Q, K) falling, and rows (Q, K).

    Args:
        queries: (Q, H), normalised if cosines are wanted.
        museums: (B, H), in memory or still on disk; read block by block.
        max_results: K, at least 1; a smaller collection gives all its museums.

    Raises HicalmError for widths that differ and for ``max_results`` below 1.
    """
    _check(queries, museums)
    if max_results < 1:
        raise HicalmError(f"At least 1 museum has to be asked for, not {max_results}.")
    scores, rows = queries.new_zeros(len(queries), 0), torch.zeros(len(queries), 0).long()
    for first in range(0, len(museums), BLOCK):
        found = queries @ _block(museums, first).T
        kept, columns = found.topk(min(max_results, found.shape[1]), dim=1)
        scores = torch.cat([scores, kept], dim=1)
        rows = torch.cat([rows, columns + first], dim=1)
        scores, order = scores.topk(min(max_results, scores.shape[1]), dim=1)
        rows = rows.gather(1, order)
    return scores, rows


@torch.inference_mode()
def target_ranks(queries: Tensor, museums: Rows | Tensor, target: np.ndarray) -> np.ndarray:
    """Return the rank, from 1, of each query's museum ``target`` (Q,): int64 (Q,).

    As ``metrics.ranks_of_targets``: of equal scores the right museum comes last. Raises HicalmError
    for widths that differ and for targets that are not there.
    """
    _check(queries, museums)
    if len(target) != len(queries) or (
        len(target) and not 0 <= target.min() <= target.max() < len(museums)
    ):
        raise HicalmError(f"Every query needs a museum, from 0 to {len(museums) - 1}.")
    own = queries.new_empty(len(queries))
    blocks = range(0, len(museums), BLOCK)
    for first in blocks:  # by the same product as below, so that a museum equals itself
        here = np.flatnonzero((target >= first) & (target < first + BLOCK))
        if len(here):
            found = queries @ _block(museums, first).T
            own[here] = found[here, target[here] - first]
    ranks = np.zeros(len(queries), np.int64)
    for first in blocks:
        found = queries @ _block(museums, first).T
        ranks += (found >= own.unsqueeze(1)).sum(dim=1).numpy()
    return ranks


def _block(museums: Rows | Tensor, first: int) -> Tensor:
    return torch.as_tensor(museums[first : first + BLOCK]).float()


def _check(queries: Tensor, museums: Rows | Tensor) -> None:
    if queries.ndim != 2 or queries.shape[1] != museums.shape[1]:
        raise HicalmError(
            f"Queries of shape {tuple(queries.shape)} cannot be compared with museums of width "
            f"{museums.shape[1]}."
        )
