"""Retrieval metrics over score matrices, in numpy.

Scores are (Q, B): Q queries by B museums, any finite real numbers, larger is better; their sign
and scale play no part. Ranks start at 1. **Ties are broken against the system**: among equal
scores the museum that would help the metric least comes first, so that constant scores never look
good. Fractions lie in [0, 1] (not percent). A score that is NaN or infinite is an error.

Empty cases: no queries (Q = 0, or none with a relevant museum) gives a mean of NaN; queries on an
empty pool (Q > 0, B = 0) are an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hicalm.errors import HicalmError

RECALL_CUTOFFS = (1, 5, 10)
RELEVANT_GAIN = 0.5  # precision counts museums whose best room is at least half what was asked


@dataclass(frozen=True)
class MeanOverQueries:
    """A metric averaged over the queries that count."""

    mean: float  # in [0, 1]; NaN if no query counts
    per_query: np.ndarray  # (Q,) float64; NaN where the query is left out
    counted: int  # queries in the mean
    left_out: int  # queries without any relevant museum


@dataclass(frozen=True)
class Interval:
    """A mean with its bootstrap confidence interval."""

    mean: float
    low: float
    high: float


def ranks_of_targets(scores: np.ndarray, targets: np.ndarray | None = None) -> np.ndarray:
    """Return the rank of the right item of every query.

    A rank is the number of items that score at least as much, the right one included: in a tie the
    right item comes last (pessimistic).

    Args:
        scores: (Q, B), larger is better.
        targets: (Q,) integer column of each query's right item; None for 0, 1, ... Q - 1 (paired
            collections, where Q <= B).

    Returns:
        (Q,) int64 in 1..B.

    Raises:
        HicalmError: a shape mismatch, a target outside 0..B - 1, or a score that is not finite.
    """
    scores = checked_scores(scores)
    count, pool = scores.shape
    targets = np.arange(count) if targets is None else np.asarray(targets)
    if targets.shape != (count,):
        raise HicalmError(f"Expected {count} targets, one a query, got shape {targets.shape}.")
    if count and not np.issubdtype(targets.dtype, np.integer):
        raise HicalmError(f"Expected whole-number targets, got {targets.dtype}.")
    if count and (targets.min() < 0 or targets.max() >= pool):
        wrong = targets.min() if targets.min() < 0 else targets.max()
        raise HicalmError(f"Target {wrong} is outside the pool of {pool} items (0 to {pool - 1}).")
    right = scores[np.arange(count), targets.astype(np.int64)]
    return (scores >= right[:, None]).sum(axis=1, dtype=np.int64)


def recall_at(ranks: np.ndarray, k: int) -> float:
    """Return the share in [0, 1] of ranks (Q,) that are at most `k`; NaN for no queries."""
    ranks = _checked_ranks(ranks)
    _check_cutoff(k)
    return float((ranks <= k).mean()) if ranks.size else float("nan")


def recalls(ranks: np.ndarray, cutoffs: Sequence[int] = RECALL_CUTOFFS) -> dict[str, float]:
    """Return ``{"R@k": share}`` of ranks (Q,) for every cutoff k, in [0, 1]; NaN for no queries."""
    return {f"R@{k}": recall_at(ranks, k) for k in cutoffs}


def mean_reciprocal_rank(ranks: np.ndarray) -> float:
    """Return the mean of 1 / rank of ranks (Q,), in (0, 1]; NaN for no queries."""
    ranks = _checked_ranks(ranks)
    return float((1 / ranks).mean()) if ranks.size else float("nan")


def median_rank(ranks: np.ndarray) -> float:
    """Return the median of ranks (Q,), at least 1, lower is better; NaN for no queries."""
    ranks = _checked_ranks(ranks)
    return float(np.median(ranks)) if ranks.size else float("nan")


def mean_rank(ranks: np.ndarray) -> float:
    """Return the mean of ranks (Q,), at least 1, lower is better; NaN for no queries."""
    ranks = _checked_ranks(ranks)
    return float(ranks.mean()) if ranks.size else float("nan")


def ndcg_at(scores: np.ndarray, gains: np.ndarray, k: int) -> MeanOverQueries:
    """Return nDCG@k with linear gain (Järvelin and Kekäläinen, 2002).

    DCG@k = sum over the first k places i = 1..k of gain_i / log2(i + 1), divided by the DCG@k of
    the best order of the whole pool. A pool smaller than k is used whole.

    Args:
        scores: (Q, B), larger is better.
        gains: (Q, B), not negative.
        k: places that count, at least 1.

    Returns:
        Mean in [0, 1] over the queries with some gain above 0; the others, for which the ratio is
        not defined, are left out and counted in `left_out`.

    Raises:
        HicalmError: shapes that differ, a negative or non-finite entry, or k below 1.
    """
    scores, gains = _checked_pair(scores, gains)
    _check_cutoff(k)
    achieved = _discounted_sum(_gains_by_rank(scores, gains, k))
    ideal = _discounted_sum(_gains_by_rank(gains, gains, k))
    counts = ideal > 0
    per_query = np.full(len(scores), np.nan)
    per_query[counts] = achieved[counts] / ideal[counts]
    return _mean_over(per_query, counts)


def precision_at(
    scores: np.ndarray, gains: np.ndarray, k: int, threshold: float = RELEVANT_GAIN
) -> MeanOverQueries:
    """Return precision@k: the share of the first k places with a gain of at least `threshold`.

    The divisor is always k, so that a query with fewer than k relevant museums cannot reach 1.
    Unlike nDCG, every query counts: one without a relevant museum has precision 0.

    Args:
        scores: (Q, B), larger is better.
        gains: (Q, B), not negative.
        k: places that count, at least 1.
        threshold: smallest gain of a relevant museum, above 0.

    Raises:
        HicalmError: shapes that differ, a negative or non-finite entry, k below 1, threshold <= 0.
    """
    scores, gains = _checked_pair(scores, gains)
    _check_cutoff(k)
    if not threshold > 0:
        raise HicalmError(f"The threshold has to be above 0, got {threshold}.")
    per_query = (_gains_by_rank(scores, gains, k) >= threshold).sum(axis=1) / k
    return _mean_over(per_query, np.ones(len(scores), dtype=bool))


def average_precision(
    scores: np.ndarray, gains: np.ndarray, threshold: float = RELEVANT_GAIN
) -> MeanOverQueries:
    """Return average precision: the mean, over the relevant museums, of the precision there.

    Museums with a gain of at least `threshold` are relevant; queries without one are left out.

    Args:
        scores: (Q, B), larger is better.
        gains: (Q, B), not negative.

    Raises:
        HicalmError: shapes that differ, or a negative or non-finite entry.
    """
    scores, gains = _checked_pair(scores, gains)
    relevant = _gains_by_rank(scores, gains, scores.shape[1]) >= threshold
    precision = np.cumsum(relevant, axis=1) / np.arange(1, scores.shape[1] + 1)
    found = relevant.sum(axis=1)
    counts = found > 0
    per_query = np.full(len(scores), np.nan)
    total = (precision * relevant).sum(axis=1)
    per_query[counts] = total[counts] / found[counts]
    return _mean_over(per_query, counts)


def first_relevant_ranks(
    scores: np.ndarray, gains: np.ndarray, threshold: float = RELEVANT_GAIN
) -> np.ndarray:
    """Return the rank, from 1, of the first relevant museum of each query that has one.

    Raises:
        HicalmError: shapes that differ, or a negative or non-finite entry.
    """
    scores, gains = _checked_pair(scores, gains)
    relevant = _gains_by_rank(scores, gains, scores.shape[1]) >= threshold
    return relevant[relevant.any(axis=1)].argmax(axis=1).astype(np.int64) + 1


def bootstrap_interval(
    values: np.ndarray, seed: int, confidence: float = 0.95, samples: int = 2000
) -> Interval:
    """Return the percentile bootstrap interval of a mean over queries (Efron, 1979).

    Args:
        values: (Q,) one value a query; NaN entries (queries left out) are dropped.
        seed: of the resampling; the same seed gives the same interval.
        confidence: between 0 and 1, both excluded.
        samples: resamples with replacement, at least 1.

    Returns:
        Mean, low and high; all NaN if no value is left.

    Raises:
        HicalmError: values not one-dimensional, or an option outside its range.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1:
        raise HicalmError(f"Expected values of shape (Q,), got shape {values.shape}.")
    if not 0 < confidence < 1:
        raise HicalmError(f"The confidence has to lie between 0 and 1, got {confidence}.")
    if samples < 1:
        raise HicalmError(f"At least 1 resample is needed, got {samples}.")
    values = values[~np.isnan(values)]
    if not values.size:
        return Interval(float("nan"), float("nan"), float("nan"))
    drawn = np.random.default_rng(seed).integers(values.size, size=(samples, values.size))
    tail = (1 - confidence) / 2
    low, high = np.quantile(values[drawn].mean(axis=1), (tail, 1 - tail))
    return Interval(float(values.mean()), float(low), float(high))


def _gains_by_rank(scores: np.ndarray, gains: np.ndarray, k: int) -> np.ndarray:
    """Return the gains (Q, min(k, B)) of the first places; in ties the smallest gain is first."""
    order = np.lexsort((gains, -scores), axis=1)[:, :k]
    return np.take_along_axis(gains, order, axis=1)


def _discounted_sum(ordered: np.ndarray) -> np.ndarray:
    """Return the DCG (Q,) of gains (Q, places) in ranked order."""
    discounts = 1.0 / np.log2(np.arange(2, ordered.shape[1] + 2))
    # One memory layout, so that equal orders give equal sums to the last bit.
    return np.ascontiguousarray(ordered) @ discounts


def _mean_over(per_query: np.ndarray, counts: np.ndarray) -> MeanOverQueries:
    counted = int(counts.sum())
    mean = float(per_query[counts].mean()) if counted else float("nan")
    return MeanOverQueries(mean, per_query, counted, len(per_query) - counted)


def checked_scores(scores: np.ndarray, name: str = "scores") -> np.ndarray:
    """Return scores (Q, B) as float64. Raises HicalmError for another shape or odd numbers."""
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 2:
        raise HicalmError(f"Expected {name} of shape (Q, B), got shape {scores.shape}.")
    if scores.shape[0] and not scores.shape[1]:
        raise HicalmError(f"There are {scores.shape[0]} queries but 0 museums to rank.")
    if not np.isfinite(scores).all():
        raise HicalmError(f"The {name} hold NaN or infinite numbers.")
    return scores


def _checked_pair(scores: np.ndarray, gains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scores, gains = checked_scores(scores), checked_scores(gains, "gains")
    if scores.shape != gains.shape:
        raise HicalmError(
            f"Scores and gains have to match: scores {scores.shape}, gains {gains.shape}."
        )
    if (gains < 0).any():
        raise HicalmError(f"Gains must not be negative, got {gains.min()}.")
    return scores, gains


def _checked_ranks(ranks: np.ndarray) -> np.ndarray:
    ranks = np.asarray(ranks)
    if ranks.ndim != 1:
        raise HicalmError(f"Expected ranks of shape (Q,), got shape {ranks.shape}.")
    if ranks.size and ranks.min() < 1:
        raise HicalmError(f"Ranks start at 1, got {ranks.min()}.")
    return ranks


def _check_cutoff(k: int) -> None:
    if k < 1:
        raise HicalmError(f"The cutoff k has to be at least 1, got {k}.")
