"""Counterparts of rooms."""

import numpy as np

from hicalm.explain.alignment import align_rooms

EYE = np.eye(4, dtype=np.float32)


def test_the_same_rooms_in_another_order_find_each_other():
    assert align_rooms(EYE, EYE[[2, 0, 3, 1]]) == ((0, 1), (1, 3), (2, 0), (3, 2))


def test_the_sum_of_cosines_counts_and_not_the_best_pair():
    first = np.array([[1.0, 0.0], [0.8, 0.6]])
    second = np.array([[0.96, 0.28], [0.0, 1.0]])
    # Room 1's best is room 0 of the other, but then room 0 would be left with a cosine of 0.
    assert (first @ second.T)[1].argmax() == 0
    assert align_rooms(first, second) == ((0, 0), (1, 1))


def test_rooms_left_over_have_no_counterpart():
    assert align_rooms(EYE[:3], EYE[[2]]) == ((0, None), (1, None), (2, 0))
    assert align_rooms(EYE[[2]], EYE[:3]) == ((0, 2), (None, 0), (None, 1))
    assert align_rooms(EYE[:0], EYE[:1]) == ((None, 0),)
