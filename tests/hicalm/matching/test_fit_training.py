"""Calibrations of queries drawn from a known law: what they tell that no constant can.

A museum of value v is relevant to a query that names what is known with k with the probability
v * k; to every third query no museum is, and its k is small.
"""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from hicalm.errors import HicalmError
from hicalm.matching.fit_calibration import FitCalibration
from hicalm.matching.fit_training import (
    PRESENT_MISSED,
    SHOWN,
    JudgedAnswer,
    calibrate_fits,
)

MUSEUMS = 25


def drawn(seed: int, count: int) -> list[JudgedAnswer]:
    random = np.random.default_rng(seed)
    answers = []
    for query in range(count):
        values = random.beta(1, 3, MUSEUMS)
        best = float(values.max() ** 0.5)
        if query % 3 == 0:
            known = random.uniform(0.02, 0.4)
            answers.append(JudgedAnswer(values, best, known, np.zeros(MUSEUMS)))
            continue
        known = random.uniform(0.5, 1)
        relevant = random.random(MUSEUMS) < values * known
        relevant[values.argmax()] |= not relevant.any()
        # Gains above or below a half.
        gains = np.where(relevant, random.uniform(0.5, 1, MUSEUMS), random.uniform(0, 0.49))
        answers.append(JudgedAnswer(values, best, known, gains))
    return answers


@pytest.fixture(scope="module")
def calibration() -> FitCalibration:
    return calibrate_fits(drawn(0, 900))


def presence(calibration: FitCalibration, answer: JudgedAnswer) -> float:
    return calibration.presence(answer.best_presence, answer.known, answer.phrases)


def fit(calibration: FitCalibration, answer: JudgedAnswer) -> np.ndarray:
    values, chance = answer.values[answer.shown], presence(calibration, answer)
    return calibration.fit(values, answer.known, answer.phrases, chance)


def told(calibration: FitCalibration, answer: JudgedAnswer) -> bool:
    """Tell whether an answer counts as found."""
    return presence(calibration, answer) >= calibration.found_from


def fits_and_truth(fits: list[np.ndarray], answers: list[JudgedAnswer]) -> tuple:
    truth = [answer.gains[answer.shown] >= 0.5 for answer in answers]
    return np.concatenate(fits), np.concatenate(truth)


def calibration_error(fits: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean distance, over ten bins of fits, of their mean from the share of truth."""
    bins = np.minimum((fits * 10).astype(int), 9)
    errors = [
        (bins == one).sum() * abs(fits[bins == one].mean() - truth[bins == one].mean())
        for one in np.unique(bins)
    ]
    return sum(errors) / len(fits)


def satisfied(fits: np.ndarray, truth: np.ndarray) -> bool:
    return calibration_error(fits, truth) < 0.05 and roc_auc_score(truth, fits) > 0.75


def test_fits_of_other_queries_of_the_law_are_right(calibration: FitCalibration) -> None:
    answers = drawn(1, 900)
    fits = [fit(calibration, a) for a in answers]
    assert satisfied(*fits_and_truth(fits, answers))


def test_no_constant_satisfies(calibration: FitCalibration) -> None:
    answers = drawn(1, 900)
    _, truth = fits_and_truth([a.values[a.shown] for a in answers], answers)
    for constant in (*np.linspace(0, 1, 21), truth.mean()):
        fits = np.full(len(truth), constant)
        assert not satisfied(fits, truth)
        assert roc_auc_score(truth, fits) == 0.5
    assert calibration_error(np.full(len(truth), 0.9), truth) > 0.3


def test_values_alone_are_no_fits(calibration: FitCalibration) -> None:
    answers = drawn(1, 900)
    values, truth = fits_and_truth([a.values[a.shown] for a in answers], answers)
    fits = np.concatenate([fit(calibration, a) for a in answers])
    assert calibration_error(values, truth) > 2 * calibration_error(fits, truth)
    assert roc_auc_score(truth, fits) > roc_auc_score(truth, values) + 0.05


def test_fits_rise_with_the_value_and_with_knowledge(calibration: FitCalibration) -> None:
    values = np.linspace(0, 1, 101)
    fits = np.array([calibration.fit(values, known, 1, 1.0) for known in np.linspace(0, 1, 21)])
    assert (np.diff(fits, axis=0) >= 0).all() and (np.diff(fits, axis=1) >= 0).all()
    assert np.ptp(fits) > 0.5
    assert calibration.weights[0] > 0 and calibration.weights[1] > 0


@pytest.mark.parametrize("seed", range(4))
def test_few_present_ones_are_called_not_found(seed: int) -> None:
    answers = drawn(seed, 600)
    found = calibrate_fits(answers)
    present = [not told(found, a) for a in answers if not a.is_absent]
    absent = [not told(found, a) for a in answers if a.is_absent]
    assert np.mean(present) <= PRESENT_MISSED
    assert np.mean(absent) > 0.6
    later = drawn(seed + 50, 600)
    missed = [not told(found, a) for a in later if not a.is_absent]
    assert np.mean(missed) <= 2 * PRESENT_MISSED


def test_what_is_not_there_weighs_the_same_however_many_queries_ask_for_it() -> None:
    answers = drawn(3, 900)
    absent = [a for a in answers if a.is_absent]
    more = calibrate_fits([*answers, *absent, *absent])
    once = calibrate_fits(answers)
    for best, known in ((0.2, 0.3), (0.5, 0.4), (0.8, 0.6)):
        assert more.presence(best, known, 1) == pytest.approx(
            once.presence(best, known, 1), abs=0.05
        )
    assert more.knots == once.knots and more.fits == once.fits


def test_the_mark_keeps_both_kinds_apart_where_it_can() -> None:
    random = np.random.default_rng(0)
    answers = []
    for query in range(60):
        values = random.uniform(0.6, 0.9, MUSEUMS) if query % 2 else random.uniform(0, 0.1, MUSEUMS)
        gains = (query % 2) * (np.arange(MUSEUMS) % 2.0)
        answers.append(JudgedAnswer(values, float(values.max()), 0.5, gains))
    found = calibrate_fits(answers)
    assert [told(found, answer) for answer in answers] == [query % 2 == 1 for query in range(60)]
    assert 0 < found.found_from < 1


def test_only_museums_that_are_shown_count() -> None:
    answers = drawn(2, 90)
    behind = [
        JudgedAnswer(
            np.concatenate([a.values, np.full(500, -1.0)]),
            a.best_presence,
            a.known,
            np.concatenate([a.gains, np.ones(500) * (not a.is_absent)]),
        )
        for a in answers
    ]
    assert calibrate_fits(behind) == calibrate_fits(answers)
    assert len(behind[0].shown) == SHOWN
    best = answers[0].shown
    assert answers[0].values[best].tolist() == sorted(answers[0].values, reverse=True)[:SHOWN]


def test_an_absent_thing_is_one_that_no_museum_shows_any_of() -> None:
    values = np.zeros(3)
    assert JudgedAnswer(values, 0.5, 1, np.array([0, 0, 0])).is_absent
    assert not JudgedAnswer(values, 0.5, 1, np.array([0, 0.01, 0])).is_absent


@pytest.mark.parametrize("kinds", [[], [True], [False]])
def test_queries_of_both_kinds_are_needed(kinds: list[bool]) -> None:
    answers = [answer for answer in drawn(0, 30) if answer.is_absent in kinds]
    with pytest.raises(HicalmError, match="for what is there and for what is not"):
        calibrate_fits(answers)


def test_relevant_museums_that_are_never_shown() -> None:
    gains = np.append(np.zeros(MUSEUMS - 1), 1.0)
    values = np.linspace(0.9, 0.1, MUSEUMS)
    absent = JudgedAnswer(values, 0.9, 0.1, np.zeros(MUSEUMS))
    answers = [JudgedAnswer(values, 0.9, 0.9, gains), absent]
    with pytest.raises(HicalmError, match="museums that answer and museums that do not"):
        calibrate_fits(answers)


def test_present_ones_that_look_absent_are_not_called_not_found() -> None:
    # To one present query in eight the right museum has the least value, and is not shown.
    random = np.random.default_rng(0)
    answers = []
    for query in range(160):
        present = query % 2 == 1
        hidden = query % 16 == 1
        low, high = (0.6, 0.9) if present and not hidden else (0, 0.1)
        values = np.sort(random.uniform(low, high, MUSEUMS))[::-1]
        gains = np.zeros(MUSEUMS)
        gains[-1 if hidden else slice(None)] = float(present)
        answers.append(JudgedAnswer(values, float(values.max()), 0.5, gains))
    found = calibrate_fits(answers)
    missed = [not told(found, a) for a in answers if not a.is_absent]
    assert np.mean(missed) <= PRESENT_MISSED
