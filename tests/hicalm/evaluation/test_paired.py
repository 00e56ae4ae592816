"""Paired tests on differences whose answer is known, and against sign flips written out."""

from itertools import product

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.evaluation.paired import paired_difference


def test_a_constant_lead_is_shown() -> None:
    own = np.linspace(0.4, 0.9, 20)
    found = paired_difference(own, own - 0.25)
    assert found.difference == found.low == found.high == pytest.approx(0.25)
    assert found.shows and found.queries == 20
    assert found.p < 0.001  # all signs alike: 2 of 2 ** 20 flips


def test_leads_that_cancel_out_show_nothing() -> None:
    other = np.array([0.5, 0.5, 0.5, 0.5])
    found = paired_difference(other + np.array([0.2, -0.2, 0.1, -0.1]), other)
    assert found.difference == pytest.approx(0) and found.low < 0 < found.high
    assert not found.shows and found.p == pytest.approx(1)


def test_p_is_that_of_all_flips_where_there_are_few() -> None:
    differences = np.array([0.5, 0.3, -0.1, 0.4, 0.2, 0.05])
    means = [np.mean(differences * signs) for signs in product((-1, 1), repeat=6)]
    expected = np.mean(np.abs(means) >= differences.mean() - 1e-12)
    assert paired_difference(differences, np.zeros(6)).p == pytest.approx(expected)


def test_many_flips_are_drawn_and_repeatable() -> None:
    random = np.random.default_rng(3)
    own, other = random.random(100), random.random(100)
    found, again = paired_difference(own, other), paired_difference(own, other)
    differences = own - other
    flips = random.choice((-1, 1), (20_000, 100)) * differences
    expected = np.mean(np.abs(flips.mean(axis=1)) >= abs(differences.mean()))
    assert found == again and found.p == pytest.approx(expected, abs=0.02)
    error = differences.std() / 10
    assert found.low == pytest.approx(differences.mean() - 1.96 * error, abs=0.01)
    assert found.high == pytest.approx(differences.mean() + 1.96 * error, abs=0.01)


def test_queries_left_out_play_no_part_and_equal_methods_do_not_differ() -> None:
    own = np.array([0.5, np.nan, 0.7])
    same = paired_difference(own, own)
    assert (same.queries, same.difference, same.p, same.shows) == (2, 0, 1, False)
    none = paired_difference(np.array([np.nan]), np.array([np.nan]))
    assert none.queries == 0 and np.isnan(none.p) and not none.shows


def test_other_queries_are_refused() -> None:
    with pytest.raises(HicalmError, match=r"of the same queries, got \(2,\) and \(3,\)"):
        paired_difference(np.zeros(2), np.zeros(3))
