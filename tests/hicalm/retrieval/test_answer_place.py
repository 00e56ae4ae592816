"""The place of a heat map, by hand."""

import numpy as np
import pytest

from hicalm.retrieval.answer_place import AnswerPlace, answer_place
from hicalm.retrieval.evidence import HeatMap


def heat_map(*maps: list[list[float]], words: tuple[str, ...] = ("horses",)) -> HeatMap:
    return HeatMap(words, np.array(maps, np.float32))


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ([[0, 0, 0, 0], [0, 0, 1, 0]], AnswerPlace(0.5, 0.5, 0.25, 0.5)),
        ([[0.1, 0.2, 0.25, 0], [0, 0, 0.45, 0]], AnswerPlace(0.5, 0.0, 0.25, 1.0)),
        ([[0.4, 0, 0, 0.3], [0, 0, 0, 0.3]], AnswerPlace(0.0, 0.0, 0.25, 0.5)),  # not joined
        ([[0.3, 0, 0.2, 0], [0, 0.3, 0, 0.2]], AnswerPlace(0.0, 0.0, 0.25, 0.5)),  # by a corner
        ([[0.125] * 4] * 2, AnswerPlace(0.0, 0.0, 1.0, 1.0)),
    ],
)
def test_the_brightest_cells_that_are_joined(cells, place):
    assert answer_place(heat_map(cells)) == place


def test_stop_words_say_nothing_of_the_place():
    the, horses = [[1, 0, 0, 0]], [[0, 0, 0.4, 0.6]]
    expected = AnswerPlace(0.5, 0.0, 0.5, 1.0)
    assert answer_place(heat_map(the, horses, words=("The", "horses"))) == expected
    assert answer_place(heat_map(the, words=("the",))) == AnswerPlace(0.0, 0.0, 0.25, 1.0)


def test_words_count_together():
    found = heat_map([[0.6, 0.4, 0, 0]], [[0, 0.5, 0.5, 0]], words=("red", "horses"))
    assert answer_place(found) == AnswerPlace(0.0, 0.0, 0.75, 1.0)
