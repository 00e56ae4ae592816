"""Calibrate fits on validation queries: labelled ones, and absent ones that no museum answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from hicalm.errors import HicalmError
from hicalm.matching.fit_calibration import FitCalibration, evidence, logit
from hicalm.metrics import RELEVANT_GAIN

SHOWN = 10  # museums of a query that a fit is shown for, and has to be right for
KNOTS = 40  # of the isotonic curve that are kept
# Of the queries for what is there, the most that may be called not found: half of the goal of 5 %,
# as the wordings of validation queries are better known to the encoder than those of others.
PRESENT_MISSED = 0.025
# Of all queries, how many ask for what is not there: so many as in ``assets/queries``, where a fit
# is judged. What a probability means depends on that, whatever queries there are to learn from.
ABSENT_SHARE = 0.24


@dataclass(frozen=True)
class JudgedAnswer:
    """A query with the plan values of museums (B,), the best value by presence, how surely it
    names what is known, the museums' gains (B,): all 0 for what is not there, and its phrases."""

    values: np.ndarray
    best_presence: float
    known: float
    gains: np.ndarray
    phrases: int = 1

    @property
    def is_absent(self) -> bool:
        """Whether no museum shows any of it."""
        return not self.gains.any()

    @property
    def shown(self) -> np.ndarray:
        """The rows of the best museums, as a list shows them."""
        return np.argsort(-self.values, kind="stable")[:SHOWN]


def calibrate_fits(answers: Sequence[JudgedAnswer]) -> FitCalibration:
    """Fit both calibrations. Of the queries for what is there all weigh the same, by the museums
    that they would show, and so do those for what is not, which weigh `ABSENT_SHARE` together.

    Raises HicalmError without queries of both kinds, and without museums of both kinds.
    """
    from sklearn.isotonic import IsotonicRegression

    absent = np.array([answer.is_absent for answer in answers])
    if absent.all() or not absent.any():
        raise HicalmError("Calibration needs queries for what is there and for what is not.")
    shown = [answer.shown for answer in answers]
    pairs = list(zip(answers, shown, strict=True))
    values = np.concatenate([answer.values[rows] for answer, rows in pairs])
    known = np.concatenate([np.full(len(rows), answer.known) for answer, rows in pairs])
    relevant = np.concatenate([answer.gains[rows] >= RELEVANT_GAIN for answer, rows in pairs])
    if relevant.all() or not relevant.any():
        raise HicalmError("Calibration needs museums that answer and museums that do not.")
    query_weight = np.where(
        absent, ABSENT_SHARE / absent.mean(), (1 - ABSENT_SHARE) / (~absent).mean()
    )
    weight = np.concatenate(
        [np.full(len(rows), one) for one, rows in zip(query_weight, shown, strict=True)]
    )
    several = np.log(np.concatenate([np.full(len(rows), max(a.phrases, 1)) for a, rows in pairs]))
    inputs = [logit(values), logit(known), several, several * logit(values)]
    *of_inputs, constant = _logistic(inputs, relevant, weight)
    found = np.column_stack(inputs) @ np.array(of_inputs) + constant
    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(found, relevant, weight)
    knots = np.unique(np.quantile(found, np.linspace(0, 1, KNOTS)))
    best = np.array([answer.best_presence for answer in answers])
    knowledge = np.array([answer.known for answer in answers])
    value, sure, offset = _logistic([logit(best), logit(knowledge)], ~absent, query_weight)
    found_weights = (value, sure, offset)
    odds = [evidence(found_weights, one, float(k)) for one, k in zip(best, knowledge, strict=True)]
    presence = expit(np.array(odds))
    return FitCalibration(
        (of_inputs[0], of_inputs[1], constant),
        (of_inputs[2], of_inputs[3]),
        tuple(knots.tolist()),
        tuple(curve.predict(knots).tolist()),
        found_weights,
        _mark(presence, absent),
    )


def _logistic(inputs: Sequence[np.ndarray], true: np.ndarray, weight: np.ndarray) -> list[float]:
    """Return the weights of a logistic regression on inputs (N,) each, and last its constant; the
    examples have weights (N,)."""
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(max_iter=1_000).fit(np.column_stack(inputs), true, weight)
    return [*(float(weight) for weight in found.coef_[0]), float(found.intercept_[0])]


def _mark(presence: np.ndarray, absent: np.ndarray) -> float:
    """Return the probability from which an answer counts as found.

    The mark that tells most of both kinds rightly, as long as few present ones are missed.
    """
    marks = np.unique(np.concatenate([presence, [0.0, 1.0]]))
    middles = np.append(0.0, (marks[1:] + marks[:-1]) / 2)
    missed = (presence[~absent][:, None] < middles).mean(axis=0)
    refused = (presence[absent][:, None] < middles).mean(axis=0)
    worth = np.where(missed <= PRESENT_MISSED, refused - missed, -1 - missed)
    return float(middles[worth.argmax()])
