"""Calibrate fits on validation queries: labelled ones, and absent ones that no museum answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hicalm.errors import HicalmError
from hicalm.matching.fit import FitCalibration
from hicalm.metrics import RELEVANT_GAIN

SHOWN = 10  # museums of a query that a fit is shown for, and has to be right for
KNOTS = 40  # of the isotonic curve that are kept
PRESENT_MISSED = 0.05  # of the queries for what is there, the most that may be called not found


@dataclass(frozen=True)
class JudgedAnswer:
    """A query with the plan values of museums (B,), how surely it names what is known, and the
    museums' gains (B,): all 0 for what is not there."""

    values: np.ndarray
    known: float
    gains: np.ndarray

    @property
    def is_absent(self) -> bool:
        """Whether no museum answers."""
        return not (self.gains >= RELEVANT_GAIN).any()

    @property
    def shown(self) -> np.ndarray:
        """The rows of the best museums, as a list shows them."""
        return np.argsort(-self.values, kind="stable")[:SHOWN]


def calibrate_fits(answers: Sequence[JudgedAnswer]) -> FitCalibration:
    """Fit the calibration: logistic in value and knowledge, then isotonic; and where it is found.

    Every query weighs the same, by the museums that it would show. Raises HicalmError without
    queries of both kinds.
    """
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    absent = np.array([answer.is_absent for answer in answers])
    if absent.all() or not absent.any():
        raise HicalmError("Calibration needs queries for what is there and for what is not.")
    flat = FitCalibration((1.0, 0.0, 0.0), (0.0,), (0.0,), 0.0)
    knowledge = FitCalibration((0.0, 1.0, 0.0), (0.0,), (0.0,), 0.0)
    shown = [answer.shown for answer in answers]
    inputs = np.concatenate(
        [
            np.stack([
                flat.evidence(answer.values[rows], answer.known),
                knowledge.evidence(answer.values[rows], answer.known),
            ], axis=1)
            for answer, rows in zip(answers, shown, strict=True)
        ]
    )  # fmt: skip
    relevant = np.concatenate(
        [answer.gains[rows] >= RELEVANT_GAIN for answer, rows in zip(answers, shown, strict=True)]
    )
    if relevant.all() or not relevant.any():
        raise HicalmError("Calibration needs museums that answer and museums that do not.")
    logistic = LogisticRegression().fit(inputs, relevant)
    value, known = map(float, logistic.coef_[0])
    weights = value, known, float(logistic.intercept_[0])
    evidence = inputs @ np.array(weights[:2]) + weights[2]
    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(evidence, relevant)
    knots = np.unique(np.quantile(evidence, np.linspace(0, 1, KNOTS)))
    fits = curve.predict(knots)
    found = FitCalibration(weights, tuple(knots.tolist()), tuple(fits.tolist()), 0.0)
    return FitCalibration(found.weights, found.knots, found.fits, _found_from(found, answers))


def best_fit(calibration: FitCalibration, answer: JudgedAnswer) -> float:
    """Return the fit of an answer: that of its best museum."""
    return float(calibration.fit(answer.values[answer.shown[:1]], answer.known)[0])


def _found_from(calibration: FitCalibration, answers: Sequence[JudgedAnswer]) -> float:
    """Return the best fit from which an answer counts as found.

    The mark that tells most of both kinds rightly, as long as few present ones are missed.
    """
    fits = np.array([best_fit(calibration, answer) for answer in answers])
    absent = np.array([answer.is_absent for answer in answers])
    marks = np.unique(np.concatenate([fits, [0.0, 1.0]]))
    middles = np.append(0.0, (marks[1:] + marks[:-1]) / 2)
    missed = (fits[~absent][:, None] < middles).mean(axis=0)
    refused = (fits[absent][:, None] < middles).mean(axis=0)
    worth = np.where(missed <= PRESENT_MISSED, refused - missed, -1 - missed)
    return float(middles[worth.argmax()])
