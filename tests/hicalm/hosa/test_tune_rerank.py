"""How much HOSA's score counts in a ranking."""

import math

import numpy as np
import pytest

from hicalm.hosa.tune_rerank import RerankScores


def _found() -> RerankScores:
    """Return a query on four museums of which HOSA re-ranks the first three."""
    return RerankScores(
        scores=np.array([[0.4, 0.3, 0.2, 0.1]]),
        first=np.array([[0, 1, 2]]),
        hosa_scores=np.array([[-0.5, 0.0, 0.5]]),
        relevance=np.array([[0.0, 0.0, 1.0, 1.0]]),
    )


def test_the_weight_moves_the_first_museums_only() -> None:
    found, ideal = _found(), 1 + 1 / math.log2(3)

    def ndcg(*places: int) -> float:
        return sum(1 / math.log2(place + 1) for place in places) / ideal

    assert found.ndcg(0.0)[0] == pytest.approx(ndcg(3, 4), abs=1e-6)
    # 0.4 - 0.5, 0.3, 0.2 + 0.5: the third leads; the fourth, which was not read, stays fourth
    assert found.ndcg(1.0)[0] == pytest.approx(ndcg(1, 4), abs=1e-6)
    assert found.ndcg(100.0)[0] == pytest.approx(ndcg(1, 4), abs=1e-6)


def test_the_smallest_of_the_best_weights_is_chosen() -> None:
    found = _found()
    assert found.best_weight() == pytest.approx(0.4)
    improvement, interval = found.improvement(found.best_weight())
    assert improvement == pytest.approx(float(found.ndcg(0.4)[0] - found.ndcg(0.0)[0]))
    assert interval.low == interval.high == pytest.approx(improvement)
