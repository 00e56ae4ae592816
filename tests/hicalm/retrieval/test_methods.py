"""A ranking by any method."""

import numpy as np

from hicalm.retrieval.methods import Ranking


def test_museums_are_sorted_and_equal_ones_keep_their_order() -> None:
    ranking = Ranking.of("flat", ("a", "b", "c", "d"), np.array([0.1, 0.5, 0.1, 0.9], np.float32))
    assert ranking.museum_ids == ("d", "b", "a", "c")
    assert ranking.ranks == {"d": 1, "b": 2, "a": 3, "c": 4}
    assert ranking.scores.tolist() == sorted(ranking.scores.tolist(), reverse=True)
