"""Certainty by hand, and against scikit-learn and a reliability curve written out."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from hicalm.errors import HicalmError
from hicalm.evaluation.certainty import (
    JudgedSearch,
    auroc,
    calibration_error,
    certainty_metrics,
    reliability,
)
from hicalm.evaluation.product_tables import certainty_tables
from tests.hicalm.evaluation.answers import answer

THERE = np.array([1.0, 0.5, 0.4] + [0.0] * 9)  # the first two of twelve museums are relevant
NOTHING = np.zeros(12)


def test_auroc_is_that_of_scikit_learn_with_ties() -> None:
    random = np.random.default_rng(0)
    positive, negative = random.integers(2, 9, 40) / 10, random.integers(0, 7, 25) / 10
    labels = np.repeat([1, 0], [40, 25])
    expected = roc_auc_score(labels, np.concatenate([positive, negative]))
    assert auroc(positive, negative) == pytest.approx(expected)
    assert auroc(np.ones(3), np.zeros(2)) == 1 and auroc(np.ones(3), np.ones(2)) == 0.5


def test_bins_have_equal_mass_and_their_error_is_that_written_out() -> None:
    random = np.random.default_rng(1)
    fits = random.random(600)
    relevant = random.random(600) < fits**2
    found = reliability(fits, relevant)
    assert [one["count"] for one in found] == [40] * 15
    order = np.argsort(fits).reshape(15, 40)
    for one, rows in zip(found, order, strict=True):
        assert one["fit"] == pytest.approx(fits[rows].mean())
        assert one["share"] == pytest.approx(relevant[rows].mean())
        assert (one["low"], one["high"]) == (fits[rows[0]], fits[rows[-1]])
    expected = np.mean([abs(fits[rows].mean() - relevant[rows].mean()) for rows in order])
    assert calibration_error(found) == pytest.approx(expected)


def test_equal_fits_share_a_bin_whatever_their_order() -> None:
    fits, relevant = np.repeat([0.2, 0.8], 20), np.arange(40) % 4 == 0
    found = reliability(fits, relevant)
    assert [(one["low"], one["high"], one["count"]) for one in found] == [
        (0.2, 0.2, 20),
        (0.8, 0.8, 20),
    ]
    assert calibration_error(found) == pytest.approx((0.05 + 0.55) / 2)
    alone = reliability(np.array([0.3, 0.3]), np.array([True, False]))
    assert [(one["share"], one["count"]) for one in alone] == [(0.5, 2)]
    assert reliability(np.zeros(0), np.zeros(0)) == [] and np.isnan(calibration_error([]))


def judged() -> list[JudgedSearch]:
    return [
        JudgedSearch(answer([0.9, 0.7, 0.2], presence=0.4), "plain", THERE),
        JudgedSearch(answer([0.3, 0.2], found=False), "plain", THERE),
        JudgedSearch(answer([0.5]), "other things", NOTHING),
        JudgedSearch(answer([0.1], found=False), "other things", NOTHING),
        JudgedSearch(answer([], found=False), "gibberish", NOTHING),
    ]


def test_certainty_by_hand() -> None:
    found = certainty_metrics(judged())
    assert found["queries"] == {"present": 2, "absent": 3}
    assert found["auroc"] == pytest.approx(4 / 6)  # presences .4 and .3 are below .5, not .1 and 0
    assert found["absent_refused"] == {
        "all": {"share": 2 / 3, "queries": 3},
        "other things": {"share": 0.5, "queries": 2},
        "gibberish": {"share": 1.0, "queries": 1},
    }
    assert found["present_refused"]["all"] == {"share": 0.5, "queries": 2}
    assert sum(one["count"] for one in found["bins"]) == 7
    shown = certainty_tables(found, {"lists": 4, "rising": 0.0, "first_agrees": 1.0})
    assert "AUROC of presence, 2 queries for what is there against 3 for what is not" in shown
    assert "a score rises: 0.0 % of 4" in shown and "| gibberish" in shown and "66.7 %" in shown


def test_what_is_absent_is_what_no_museum_shows_any_of() -> None:
    assert JudgedSearch(answer([0.9]), "plain", NOTHING).is_absent
    little = np.array([0.01] + [0.0] * 11)  # in no museum half of it
    assert not JudgedSearch(answer([0.9]), "plain", little).is_absent


@pytest.mark.parametrize("kept", [slice(0, 2), slice(2, 5), slice(0, 0)])
def test_queries_of_both_kinds_are_needed(kept: slice) -> None:
    with pytest.raises(HicalmError, match="for what is there and for what is not"):
        certainty_metrics(judged()[kept])
