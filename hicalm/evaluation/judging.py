"""Metrics of scores on a collection: retrieval by descriptions and by paraphrased queries.

A text of a description has one right museum. Paraphrased queries are short, written apart from the
descriptions, and judged by the ground truth (see ``world.relevance``).
"""

import numpy as np

from hicalm.data.collection import Collection
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
from hicalm.world.relevance import LabelledQuery, expression_gains


def retrieval_metrics(scores: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Return R@1/5/10 (0 to 1) and the median and mean rank of the right museum, scores (Q, B)."""
    ranks = ranks_of_targets(scores, target)
    metrics = recalls(ranks)
    return metrics | {"median_rank": median_rank(ranks), "mean_rank": mean_rank(ranks)}


def paraphrase_metrics(
    scores: np.ndarray, labelled: list[LabelledQuery], specifications: tuple[dict, ...]
) -> dict[str, float | list[float]]:
    """Return nDCG@5 (with a 95 % bootstrap interval) and P@5 by the ground truth."""
    relevance = np.stack([expression_gains(q.expression, specifications) for q in labelled])
    ndcg, precision = ndcg_at(scores, relevance, 5), precision_at(scores, relevance, 5)
    interval = bootstrap_interval(ndcg.per_query, seed=0)
    return {
        "nDCG@5": ndcg.mean,
        "nDCG@5_interval": [interval.low, interval.high],
        "P@5": precision.mean,
    }


def evaluate_scores(
    scores: dict[str, np.ndarray],
    queries: dict[str, Queries],
    labelled: list[LabelledQuery],
    collection: Collection,
) -> dict[str, dict]:
    """Return the metrics of one method for every length of query, and back from museum to text.

    scores (Q, B) and queries by the name of the length.
    """
    result: dict[str, dict] = {}
    for name, batch in queries.items():
        if batch.target is None:
            result[name] = paraphrase_metrics(scores[name], labelled, collection.specifications)
            continue
        result[name] = retrieval_metrics(scores[name], batch.target)
        if name == "full":
            backwards = retrieval_metrics(scores[name].T, np.arange(len(scores[name])))
            result["museum_to_text"] = backwards
    return result
