"""Shapley values against every order, and games with known answers."""

import numpy as np
import pytest

from hicalm.explain.shapley import best_match_shares, shapley, subset_weights, subsets
from tests.hicalm.explain.brute import shares_by_orders


def test_subsets_count_in_binary():
    assert subsets(2).tolist() == [[False, False], [True, False], [False, True], [True, True]]
    assert subsets(0).shape == (1, 0)


@pytest.mark.parametrize("others", [0, 1, 3, 11])
def test_the_weights_of_what_comes_before_add_up(others):
    assert subset_weights(others).sum() == pytest.approx(1)


def test_the_gloves_game():
    # Player 0 has a left glove, players 1 and 2 a right one; only a pair is worth anything.
    worth = [float(row[0] and (row[1] or row[2])) for row in subsets(3)]
    assert shapley(np.array(worth)[:, None])[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_any_game_agrees_with_all_orders():
    random = np.random.default_rng(0)
    values = random.standard_normal((16, 2))

    def value(present: frozenset) -> np.ndarray:
        return values[sum(2**player for player in present)]

    assert shapley(values) == pytest.approx(shares_by_orders([1] * 4, value))


def test_a_landing_strip_is_paid_by_those_who_need_its_length():
    # Three planes that need 1, 2 and 4: 1/3; 1/3 + 1/2; 1/3 + 1/2 + 2.
    assert best_match_shares(np.array([2.0, 4.0, 1.0])) == pytest.approx([5 / 6, 17 / 6, 1 / 3])


@pytest.mark.parametrize("low", [-1.0, 0.0, 0.5])
def test_the_best_match_agrees_with_all_orders_below_zero_too(low):
    random = np.random.default_rng(1)
    for players in (1, 2, 5):
        cosines = random.uniform(low, low + 1, players)

        def value(present: frozenset, cosines: np.ndarray = cosines) -> np.ndarray:
            return np.float64(max(cosines[list(present)]) if present else 0)

        assert best_match_shares(cosines) == pytest.approx(shares_by_orders([1] * players, value))


def test_equal_players_share_and_every_row_is_its_own_game():
    rows = np.array([[0.3, 0.7, 0.7], [0.7, 0.3, 0.3]])
    shares = best_match_shares(rows)
    assert shares[0, 1] == shares[0, 2] and shares[1, 1] == shares[1, 2]
    assert shares.sum(axis=1) == pytest.approx(rows.max(axis=1))
