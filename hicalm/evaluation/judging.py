"""Metrics of scores on a collection: retrieval by descriptions and by labelled queries.

A text of a description has one right museum. Labelled queries are short, written apart from the
descriptions, and judged by the ground truth (see ``world.relevance``).
"""

from collections.abc import Mapping, Sequence
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


def labelled_metrics(scores: np.ndarray, graded: GradedQueries) -> dict[str, Any]:
    """Return nDCG@5 (with a 95 % bootstrap interval) and P@5 of scores (Q, B).

    Where queries are more than plain phrases, ``kinds`` has the same by kind of query.
    """
    ndcg = ndcg_by_query(scores, graded)
    precision = precision_at(scores, graded.gains, 5).per_query
    metrics, kinds = _graded(ndcg, precision), np.array(graded.kinds)
    if set(graded.kinds) <= {PLAIN}:
        return metrics
    by_kind = {
        kind: _graded(ndcg[kinds == kind], precision[kinds == kind])
        for kind in dict.fromkeys(graded.kinds)
    }
    return metrics | {"kinds": by_kind}


def ndcg_by_query(scores: np.ndarray, graded: GradedQueries) -> np.ndarray:
    """Return nDCG@5 of scores (Q, B) by query, (Q,); NaN where no museum has any gain."""
    return ndcg_at(scores, graded.gains, 5).per_query


def _graded(ndcg: np.ndarray, precision: np.ndarray) -> dict[str, Any]:
    """Return the means over some queries, by their nDCG@5 (NaN: left out) and P@5, (Q,) both."""
    interval = bootstrap_interval(ndcg, seed=0)
    return {
        "nDCG@5": interval.mean,
        "nDCG@5_interval": [interval.low, interval.high],
        "P@5": float(precision.mean()),
    }


def evaluate_scores(
    scores: Mapping[str, np.ndarray],
    queries: Mapping[str, Queries],
    graded: Mapping[str, GradedQueries],
) -> dict[str, dict]:
    """Return the metrics of one method for every set of queries, and back from museum to text.

    scores (Q, B) and queries by the name of the length or set; ``graded`` has the gains for queries
    that have no right museum. What has no scores is left out.
    """
    result: dict[str, dict] = {}
    for name, batch in queries.items():
        if name not in scores:
            continue
        if batch.target is not None:
            result[name] = retrieval_metrics(scores[name], batch.target)
        elif name in graded:
            result[name] = labelled_metrics(scores[name], graded[name])
        if name == "full":
            backwards = retrieval_metrics(scores[name].T, np.arange(len(scores[name])))
            result["museum_to_text"] = backwards
    return result
