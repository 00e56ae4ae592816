"""Metrics of scores on a collection: retrieval by descriptions and by paraphrased queries.

A text of a description has one right museum. Paraphrased queries are short, written apart from the
descriptions, and judged by the ground truth (see ``world.relevance``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from hicalm.metrics import (
    bootstrap_interval,
    mean_rank,
    median_rank,
    ndcg_at,
    precision_at,
    ranks_of_targets,
    recalls,
)
from hicalm.retrieval.queries import Queries
from hicalm.world.relevance import PLAIN, LabelledQuery, Museum, expression_gains


def retrieval_metrics(scores: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Return R@1/5/10 (0 to 1) and the median and mean rank of the right museum, scores (Q, B)."""
    ranks = ranks_of_targets(scores, target)
    metrics = recalls(ranks)
    return metrics | {"median_rank": median_rank(ranks), "mean_rank": mean_rank(ranks)}


@dataclass(frozen=True)
class GradedQueries:
    """What labelled queries (Q) ask for: kinds (Q,), and gains (Q, B) of the museums, 0 to 1."""

    kinds: tuple[str, ...]
    gains: np.ndarray

    @classmethod
    def of(cls, labelled: Sequence[LabelledQuery], specifications: Sequence[Museum]) -> Self:
        """Judge museums by their specifications."""
        gains = [expression_gains(query.expression, specifications) for query in labelled]
        return cls(tuple(query.kind for query in labelled), np.stack(gains))


def paraphrase_metrics(scores: np.ndarray, graded: GradedQueries) -> dict[str, Any]:
    """Return nDCG@5 (with a 95 % bootstrap interval) and P@5 of scores (Q, B).

    Where queries are more than plain phrases, ``kinds`` has the same by kind of query.
    """
    ndcg = ndcg_at(scores, graded.gains, 5).per_query
    precision = precision_at(scores, graded.gains, 5).per_query
    metrics, kinds = _graded(ndcg, precision), np.array(graded.kinds)
    if set(graded.kinds) <= {PLAIN}:
        return metrics
    by_kind = {
        kind: _graded(ndcg[kinds == kind], precision[kinds == kind])
        for kind in dict.fromkeys(graded.kinds)
    }
    return metrics | {"kinds": by_kind}


def _graded(ndcg: np.ndarray, precision: np.ndarray) -> dict[str, Any]:
    """Return the means over some queries, by their nDCG@5 (NaN: left out) and P@5, (Q,) both."""
    interval = bootstrap_interval(ndcg, seed=0)
    return {
        "nDCG@5": interval.mean,
        "nDCG@5_interval": [interval.low, interval.high],
        "P@5": float(precision.mean()),
    }


def evaluate_scores(
    scores: dict[str, np.ndarray], queries: dict[str, Queries], graded: GradedQueries | None
) -> dict[str, dict]:
    """Return the metrics of one method for every length of query, and back from museum to text.

    scores (Q, B) and queries by the name of the length; ``graded`` has the gains for queries that
    have no right museum.
    """
    result: dict[str, dict] = {}
    for name, batch in queries.items():
        if batch.target is not None:
            result[name] = retrieval_metrics(scores[name], batch.target)
        elif graded is not None:
            result[name] = paraphrase_metrics(scores[name], graded)
        if name == "full":
            backwards = retrieval_metrics(scores[name].T, np.arange(len(scores[name])))
            result["museum_to_text"] = backwards
    return result
