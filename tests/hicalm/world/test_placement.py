"""Placements: by hand, and against a search by thresholds and bipartite matching."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from hicalm.errors import HicalmError
from hicalm.world.placement import best_placement

# Three rooms (rows) and two things (columns).
SHARES = np.array([[[0.9, 0.8], [0.2, 0.1], [0.6, 0.3]]])


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ((0, 0), 0.6),  # the second thing in the first room, the first in the third
        ((0, 0b01), 0.3),  # the first thing before the second
        ((0b10, 0), 0.6),  # the second before the first
    ],
)
def test_by_hand(before: tuple[int, ...], expected: float) -> None:
    assert best_placement(SHARES, before).tolist() == [expected]


def test_one_room_answers_one_thing() -> None:
    assert best_placement(np.array([[[1.0, 1.0], [0.0, 0.0]]]), (0, 0)).tolist() == [0.0]


def test_more_things_than_rooms_cannot_be_placed() -> None:
    assert best_placement(np.ones((4, 1, 2)), (0, 0)).tolist() == [0.0] * 4


def test_no_museums() -> None:
    assert best_placement(np.zeros((0, 3, 2)), (0, 0)).shape == (0,)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(HicalmError, match=r"Expected shares \(B, R, 3\), got \(1, 3, 2\)"):
        best_placement(SHARES, (0, 0, 0))


def by_matching(shares: np.ndarray) -> float:
    """Return the highest threshold at which every thing (columns) gets a room (rows) of its own."""
    for threshold in sorted(np.unique(shares), reverse=True):
        matched = maximum_bipartite_matching(csr_matrix(shares >= threshold), perm_type="row")
        if (matched >= 0).sum() == shares.shape[1]:
            return float(threshold)
    return 0.0


@pytest.mark.parametrize(("rooms", "things"), [(1, 1), (5, 5), (7, 3), (20, 6)])
def test_without_order_as_by_matching(rooms: int, things: int) -> None:
    # Few different shares, so that thresholds tie.
    shares = np.random.default_rng(rooms).integers(0, 9, (30, rooms, things)) / 8
    expected = [by_matching(one) for one in shares]
    assert best_placement(shares, (0,) * things).tolist() == expected


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_a_row_of_one_thing_is_its_nth_largest_share(count: int) -> None:
    shares = np.random.default_rng(count).random((30, 20))
    before = [(1 << thing) - 1 for thing in range(count)]
    expected = np.sort(shares, axis=1)[:, -count]
    found = best_placement(np.repeat(shares[:, :, None], count, axis=2), before)
    assert np.array_equal(found, expected)


def test_swapping_rooms_and_order_together_changes_nothing() -> None:
    shares = np.random.default_rng(0).random((30, 6, 3))
    forwards = best_placement(shares, (0, 0b001, 0b011))
    backwards = best_placement(shares[:, ::-1], (0b110, 0b100, 0))
    assert np.array_equal(forwards, backwards)
    assert not np.array_equal(forwards, best_placement(shares, (0b110, 0b100, 0)))
