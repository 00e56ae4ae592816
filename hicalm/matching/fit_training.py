"""Calibrate fits on validation queries: labelled ones, and absent ones that no museum answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from hicalm.errors import HicalmError
from hicalm.matching.fit_calibration import FitCalibration, logit
from hicalm.metrics import RELEVANT_GAIN

SHOWN = 10  # museums of a query that a fit is shown for, and has to be right for
KNOTS = 40  # of the isotonic curve that are kept
# Of the queries for what is there, the most that may be called not found.
PRESENT_MISSED = 0.05
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
    """Fit both calibrations: of fits on the museums that queries for what is there would show, and
    of found on all queries, of which those for what is not there weigh `ABSENT_SHARE` together.

    Raises HicalmError without queries of both kinds, and without museums of both kinds.
    """
    absent = np.array([answer.is_absent for answer in answers])
    if absent.all() or not absent.any():
        raise HicalmError("Calibration needs queries for what is there and for what is not.")
    present = [answer for answer in answers if not answer.is_absent]
    values = np.concatenate([answer.values[answer.shown] for answer in present])
    relevant = np.concatenate([answer.gains[answer.shown] >= RELEVANT_GAIN for answer in present])
    if relevant.all() or not relevant.any():
        raise HicalmError("Calibration needs museums that answer and museums that do not.")
    lists = [len(answer.shown) for answer in present]
    known = np.repeat([answer.known for answer in present], lists)
    several = np.log(np.repeat([max(answer.phrases, 1) for answer in present], lists))
    inputs = [logit(values), logit(known), several, several * logit(values)]
    *of_inputs, constant = _logistic(inputs, relevant)
    curve = _isotonic(np.column_stack(inputs) @ np.array(of_inputs) + constant, relevant)
    weight = np.where(absent, ABSENT_SHARE / absent.mean(), (1 - ABSENT_SHARE) / (~absent).mean())
    best = np.array([answer.best_presence for answer in answers])
    knowledge = np.array([answer.known for answer in answers])
    number = np.log([max(answer.phrases, 1) for answer in answers])
    seen = [logit(best), logit(knowledge), number, number * logit(knowledge)]
    *of_seen, offset = _logistic(seen, ~absent, weight)
    presence = expit(np.column_stack(seen) @ np.array(of_seen) + offset)
    found_knots, found_fits = _isotonic(presence, ~absent, weight)
    return FitCalibration(
        (of_inputs[0], of_inputs[1], constant),
        (of_inputs[2], of_inputs[3]),
        *curve,
        (of_seen[0], of_seen[1], offset),
        (of_seen[2], of_seen[3]),
        _mark(presence, absent),
        found_knots,
        found_fits,
    )


def _isotonic(
    found: np.ndarray, true: np.ndarray, weight: np.ndarray | None = None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the knots of the rising curve from evidence (N,) to the share of true ones (N,)."""
    from sklearn.isotonic import IsotonicRegression

    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(found, true, weight)
    knots = np.unique(np.quantile(found, np.linspace(0, 1, KNOTS)))
    return tuple(knots.tolist()), tuple(curve.predict(knots).tolist())


def _logistic(
    inputs: Sequence[np.ndarray], true: np.ndarray, weight: np.ndarray | None = None
) -> list[float]:
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
