"""Owen values against every order that tears no group apart."""

import numpy as np
import pytest

from hicalm.explain.owen import owen
from tests.hicalm.explain.brute import as_table, shares_by_orders

COUNTS = [2, 1, 3]


def random_game(seed: int, members: int) -> tuple:
    values = np.random.default_rng(seed).standard_normal((2**members, 2))
    values[0] = 0

    def value(present: frozenset) -> np.ndarray:
        return values[sum(2**member for member in present)]

    return value, values[-1]


def test_enumerated_shares_agree_with_all_orders():
    value, total = random_game(0, 6)
    shares = owen(np.array(COUNTS), as_table(value), budget=10_000)
    assert shares.member == pytest.approx(shares_by_orders(COUNTS, value))
    assert shares.member.sum(axis=0) == pytest.approx(total)
    assert not shares.error.any()


def test_groups_get_what_their_members_get():
    value, _ = random_game(1, 6)
    for budget in (10_000, 60):
        shares = owen(np.array(COUNTS), as_table(value), budget)
        assert np.add.reduceat(shares.member, [0, 2, 3]) == pytest.approx(shares.group, abs=1e-12)


def test_sampled_shares_come_as_near_as_they_say():
    value, total = random_game(2, 6)
    exact = shares_by_orders(COUNTS, value)
    shares = owen(np.array(COUNTS), as_table(value), budget=47, max_groups=3)
    assert (shares.error > 0).any()
    assert np.abs(shares.member - exact).max() < 5 * shares.error.max()
    more = owen(np.array(COUNTS), as_table(value), budget=40, max_groups=0)  # groups sampled too
    assert more.member.sum(axis=0) == pytest.approx(total)
    assert (more.error > 0).any()
    assert np.abs(more.member - exact).max() < 5 * more.error.max()


def test_more_orders_come_nearer():
    value, _ = random_game(3, 6)
    exact = shares_by_orders(COUNTS, value)
    errors = [
        np.abs(owen(np.array(COUNTS), as_table(value), budget, 0).member - exact).max()
        for budget in (24, 6000)
    ]
    assert errors[1] < errors[0] / 3


def test_more_than_twelve_groups_are_sampled_and_add_up():
    weights = np.arange(1.0, 14.0)

    def value(present: frozenset) -> np.ndarray:
        return np.array([weights[list(present)].sum() if present else 0])

    shares = owen(np.ones(13, int), as_table(value), budget=200)
    assert shares.member.sum() == pytest.approx(weights.sum())
    assert np.abs(shares.member[:, 0] - weights).max() < 5 * shares.error.max()


def test_a_member_that_changes_nothing_gets_nothing_even_sampled():
    def value(present: frozenset) -> np.ndarray:
        return np.array([float(len(present & {0, 2}))])

    for budget in (12, 11):  # the second one is too small to enumerate
        shares = owen(np.array([2, 1]), as_table(value), budget)
        assert shares.member[:, 0] == pytest.approx([1, 0, 1])


def test_the_same_seed_gives_the_same_shares():
    value, _ = random_game(4, 6)
    shares = [owen(np.array(COUNTS), as_table(value), 24, 0, seed=s).member for s in (1, 1, 2)]
    assert (shares[0] == shares[1]).all() and (shares[0] != shares[2]).any()


def test_a_group_of_very_many_members_is_sampled_without_overflow():
    count = 1100
    with np.errstate(over="raise"):
        shares = owen(np.array([count]), lambda rows: 1.0 * rows.any(1, keepdims=True), budget=60)
    assert shares.member[:, 0] == pytest.approx(np.full(count, 1 / count))
