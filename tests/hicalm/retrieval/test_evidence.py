"""Evidence of a whole query: the maximum over its words, by hand."""

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.retrieval.evidence import Evidence, HeatMap

COUNTED = np.array([True, False, True])


def test_the_heat_map_of_a_query_is_the_maximum_over_its_words():
    heat = np.array(
        [
            [[0.5, 0.3], [0.2, 0.0]],
            [[0.0, 0.0], [0.0, 1.0]],
            [[0.1, 0.6], [0.1, 0.2]],
        ],
        np.float32,
    )
    found = HeatMap(("red", "of", "horse"), heat)
    whole = found.whole(COUNTED)
    assert whole.dtype == np.float32
    assert whole.tolist() == np.array([[0.5, 0.6], [0.2, 0.2]], np.float32).tolist()
    assert found.whole(np.zeros(3, bool)).tolist() == heat.max(axis=0).tolist()


def test_the_views_of_a_query_are_those_of_its_words():
    views = np.array([[0.7, 0.2, 0.1], [0.0, 0.0, 1.0], [0.1, 0.6, 0.3]], np.float32)
    found = Evidence(("red", "of", "horse"), COUNTED, views, np.ones(3, np.float32))
    assert found.whole(COUNTED).tolist() == np.array([0.7, 0.6, 0.3], np.float32).tolist()


def test_a_query_without_words_has_no_whole():
    with pytest.raises(HicalmError, match="no words"):
        HeatMap((), np.zeros((0, 2, 2), np.float32)).whole(np.zeros(0, bool))
