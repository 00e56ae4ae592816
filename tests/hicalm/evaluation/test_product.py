"""Whether lists are true to their scores."""

import numpy as np

from hicalm.evaluation.product import order_metrics
from tests.hicalm.evaluation.answers import answer


def test_rising_scores_and_other_first_museums_are_counted() -> None:
    lists = [
        answer([0.9, 0.8]),
        answer([0.9, 0.8], shown=[0.5, 0.6]),  # rises, and the second is the best
        answer([0.9, 0.8, 0.7], shown=[0.5, 0.5, 0.4]),  # a tie does not rise
        answer([]),
    ]
    assert order_metrics(lists) == {"lists": 3, "rising": 1 / 3, "first_agrees": 2 / 3}


def test_without_lists_there_is_no_share() -> None:
    found = order_metrics([answer([])])
    assert found["lists"] == 0 and np.isnan([found["rising"], found["first_agrees"]]).all()
