"""Metrics: numbers checked by hand, an independent loop version, scikit-learn, and properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hicalm import metrics
from hicalm.errors import HicalmError

SCORES = np.array([[0.9, 0.5, 0.1], [0.2, 0.2, 0.2], [-3.0, -2.0, -1.0]])


def test_ranks_by_hand_with_ties_counted_against() -> None:
    ranks = metrics.ranks_of_targets(SCORES)
    assert ranks.dtype == np.int64
    assert ranks.tolist() == [1, 3, 1]
    assert metrics.ranks_of_targets(SCORES, np.array([1, 0, 0])).tolist() == [2, 3, 3]


def test_recall_median_and_mean_by_hand() -> None:
    ranks = np.array([1, 2, 5, 40])
    assert [metrics.recall_at(ranks, k) for k in (1, 5, 10, 40)] == [0.25, 0.75, 0.75, 1.0]
    assert metrics.median_rank(ranks) == 3.5
    assert metrics.mean_rank(ranks) == 12.0


def test_ndcg_by_hand() -> None:
    gains = np.array([[0.0, 1.0, 0.5]])
    found = metrics.ndcg_at(np.array([[3.0, 2.0, 1.0]]), gains, k=2)
    ideal = 1.0 + 0.5 / math.log2(3)
    assert found.mean == pytest.approx((1.0 / math.log2(3)) / ideal, abs=1e-12)
    assert (found.counted, found.left_out) == (1, 0)


def test_ndcg_leaves_out_queries_without_a_relevant_museum() -> None:
    gains = np.array([[1.0, 0.0], [0.0, 0.0]])
    found = metrics.ndcg_at(np.array([[1.0, 0.0], [1.0, 0.0]]), gains, k=5)
    assert (found.mean, found.counted, found.left_out) == (1.0, 1, 1)
    assert found.per_query[0] == 1.0
    assert np.isnan(found.per_query[1])


def test_precision_by_hand() -> None:
    scores = np.array([[4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0]])
    gains = np.array([[0.5, 0.49, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    found = metrics.precision_at(scores, gains, k=2)
    assert found.per_query.tolist() == [0.5, 0.0]
    assert (found.mean, found.counted, found.left_out) == (0.25, 2, 0)
    assert metrics.precision_at(scores, gains, k=8).per_query.tolist() == [3 / 8, 0.0]
    assert metrics.precision_at(scores, gains, k=2, threshold=0.4).mean == 0.5


def test_constant_scores_earn_nothing() -> None:
    scores, gains = np.zeros((1, 10)), np.array([[1.0, 1.0] + [0.0] * 8])
    assert metrics.ndcg_at(scores, gains, k=5).mean == 0.0
    assert metrics.precision_at(scores, gains, k=5).mean == 0.0
    assert metrics.ranks_of_targets(scores).tolist() == [10]


# An independent version: plain loops, no array operation shared with the code under test.


def looped_order(scores: list[float], gains: list[float]) -> list[float]:
    return [
        gain for _, gain in sorted(zip(scores, gains, strict=True), key=lambda p: (-p[0], p[1]))
    ]


def looped_ndcg(scores: list[float], gains: list[float], k: int) -> float:
    def dcg(ordered: list[float]) -> float:
        return sum(gain / math.log2(place + 2) for place, gain in enumerate(ordered[:k]))

    ideal = dcg(sorted(gains, reverse=True))
    return dcg(looped_order(scores, gains)) / ideal if ideal else math.nan


def looped_precision(scores: list[float], gains: list[float], k: int) -> float:
    return sum(1 for gain in looped_order(scores, gains)[:k] if gain >= 0.5) / k


def looped_rank(scores: list[float], target: int) -> int:
    others = [score for item, score in enumerate(scores) if item != target]
    return 1 + sum(1 for score in others if score >= scores[target])


@st.composite
def problems(draw, distinct: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Draw scores and gains (Q, B); few different values, so that ties are common."""
    queries, pool = draw(st.integers(1, 5)), draw(st.integers(1, 9))
    if distinct:
        rows = [draw(st.permutations(range(pool))) for _ in range(queries)]
        scores = np.array(rows, dtype=np.float64) - pool
    else:
        scores = draw(arrays(np.float64, (queries, pool), elements=st.integers(-3, 3)))
    gains = draw(arrays(np.float64, (queries, pool), elements=st.sampled_from([0, 0.25, 0.5, 1])))
    return scores, gains


@given(problems(), st.integers(1, 12))
def test_against_loops(problem: tuple[np.ndarray, np.ndarray], k: int) -> None:
    scores, gains = problem
    rows = list(zip(scores.tolist(), gains.tolist(), strict=True))
    found = metrics.ndcg_at(scores, gains, k)
    expected = [looped_ndcg(s, g, k) for s, g in rows]
    np.testing.assert_allclose(found.per_query, expected, rtol=1e-12)
    assert found.left_out == sum(math.isnan(value) for value in expected)
    precision = metrics.precision_at(scores, gains, k).per_query
    np.testing.assert_allclose(precision, [looped_precision(s, g, k) for s, g in rows])
    targets = np.arange(len(scores)) % scores.shape[1]
    ranks = metrics.ranks_of_targets(scores, targets)
    expected_ranks = [looped_rank(s, t) for (s, _), t in zip(rows, targets, strict=True)]
    assert ranks.tolist() == expected_ranks


def test_ndcg_against_scikit_learn() -> None:
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(5)
    scores, gains = rng.normal(size=(20, 50)), rng.choice([0.0, 0.2, 0.5, 1.0], size=(20, 50))
    for k in (1, 5, 50):
        expected = sklearn_metrics.ndcg_score(gains, scores, k=k)
        assert metrics.ndcg_at(scores, gains, k).mean == pytest.approx(expected, abs=1e-12)


@given(problems(), st.integers(1, 6), st.data())
def test_permuting_museums_changes_nothing(problem, k: int, data: st.DataObject) -> None:
    scores, gains = problem
    order = np.array(data.draw(st.permutations(range(scores.shape[1]))))
    shuffled = scores[:, order], gains[:, order]
    for metric in (metrics.ndcg_at, metrics.precision_at):
        np.testing.assert_array_equal(
            metric(*shuffled, k).per_query, metric(scores, gains, k).per_query
        )
    targets = np.zeros(len(scores), dtype=int)
    moved = np.full(len(scores), int(np.flatnonzero(order == 0)[0]))
    assert np.array_equal(
        metrics.ranks_of_targets(shuffled[0], moved), metrics.ranks_of_targets(scores, targets)
    )


@given(problems(distinct=True), st.integers(1, 6))
def test_only_the_order_of_scores_matters(problem, k: int) -> None:
    scores, gains = problem
    moved = 0.25 * scores - 100
    for metric in (metrics.ndcg_at, metrics.precision_at):
        np.testing.assert_array_equal(
            metric(moved, gains, k).per_query, metric(scores, gains, k).per_query
        )


@given(problems(), st.integers(1, 6))
def test_perfect_ranking_scores_one_even_when_all_scores_are_negative(problem, k: int) -> None:
    _, gains = problem
    found = metrics.ndcg_at(gains - 10, gains, k)
    assert np.all(found.per_query[gains.any(axis=1)] == 1.0)
    perfect = np.eye(4) - 7
    assert metrics.recall_at(metrics.ranks_of_targets(perfect), 1) == 1.0


def test_no_queries_give_nan() -> None:
    none = np.zeros((0, 3))
    assert metrics.ranks_of_targets(none).shape == (0,)
    for value in (
        metrics.recall_at(np.zeros(0), 1),
        metrics.median_rank(np.zeros(0)),
        metrics.mean_rank(np.zeros(0)),
        metrics.ndcg_at(none, none, 5).mean,
        metrics.precision_at(none, none, 5).mean,
        metrics.bootstrap_interval(np.array([np.nan]), seed=0).mean,
    ):
        assert math.isnan(value)


def test_bootstrap_interval() -> None:
    values = np.array([0.0, 1.0] * 50 + [np.nan])
    interval = metrics.bootstrap_interval(values, seed=1)
    assert interval.mean == 0.5
    # The standard error of this mean is 0.05: the 95 % interval is close to 0.5 +- 0.098.
    assert interval.low == pytest.approx(0.402, abs=0.02)
    assert interval.high == pytest.approx(0.598, abs=0.02)
    assert interval == metrics.bootstrap_interval(values, seed=1)
    constant = metrics.bootstrap_interval(np.full(7, 0.25), seed=1)
    assert (constant.low, constant.high) == (0.25, 0.25)


SQUARE = np.zeros((2, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.ranks_of_targets(np.zeros(3)), r"\(Q, B\), got shape \(3,\)"),
        (lambda: metrics.ranks_of_targets(SQUARE, np.array([0])), r"2 targets.*shape \(1,\)"),
        (lambda: metrics.ranks_of_targets(SQUARE, np.array([0, 2])), "Target 2 .* pool of 2"),
        (lambda: metrics.ranks_of_targets(SQUARE, np.array([-1, 0])), "Target -1 .* pool of 2"),
        (lambda: metrics.ranks_of_targets(SQUARE, np.array([0.5, 1])), "whole-number targets"),
        (lambda: metrics.ranks_of_targets(np.zeros((3, 2))), "Target 2 .* pool of 2"),
        (lambda: metrics.ranks_of_targets(SQUARE * np.nan), "scores hold NaN"),
        (lambda: metrics.ranks_of_targets(np.zeros((2, 0))), "2 queries but 0 museums"),
        (lambda: metrics.recall_at(np.array([0, 1]), 1), "Ranks start at 1, got 0"),
        (lambda: metrics.recall_at(np.array([1]), 0), "at least 1, got 0"),
        (lambda: metrics.mean_rank(np.ones((1, 2))), r"\(Q,\), got shape \(1, 2\)"),
        (lambda: metrics.ndcg_at(SQUARE, np.zeros((2, 3)), 5), r"scores \(2, 2\), gains \(2, 3\)"),
        (lambda: metrics.ndcg_at(SQUARE, SQUARE - 1, 5), "not be negative, got -1"),
        (lambda: metrics.ndcg_at(SQUARE, SQUARE + np.inf, 5), "gains hold NaN or infinite"),
        (lambda: metrics.ndcg_at(SQUARE, SQUARE, 0), "at least 1, got 0"),
        (lambda: metrics.precision_at(SQUARE, SQUARE, 5, 0.0), "above 0, got 0"),
        (lambda: metrics.precision_at(SQUARE, SQUARE[:1], 5), r"\(2, 2\), gains \(1, 2\)"),
        (lambda: metrics.bootstrap_interval(SQUARE, 0), r"\(Q,\), got shape \(2, 2\)"),
        (lambda: metrics.bootstrap_interval(np.ones(2), 0, 1.0), "between 0 and 1, got 1"),
        (lambda: metrics.bootstrap_interval(np.ones(2), 0, 0.9, 0), "1 resample"),
    ],
)
def test_bad_input(call, message: str) -> None:
    with pytest.raises(HicalmError, match=message):
        call()
