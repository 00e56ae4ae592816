"""How sure an answer is: the probability that a museum shows what was asked, and whether any does.

A plan's value is an expected share, and it is blind to what the encoder does not know: a query for
dinosaurs may be read as one for birds. So both are calibrated on validation queries with ground
truth and on background queries (things that are not there), from how surely the query names what is
known, k (the least of its phrases), and

    fit    v, the plan's value in the museum, and n, its phrases: isotonic(a logit v + b logit k + c
           + (g + h logit v) log n) is the probability of a gain of at least a half ("relevant"). A
           value of several phrases is a product of shares, a gain mostly the smallest of them
    found  w, the plan's best value by presence (any painting is enough): an answer is found where
           sigmoid(d logit w + e logit k + f) reaches a mark, chosen on the same queries

For encoders without labels there are the values alone, whose scale comes from background sentences
(``similarity_matcher``); they are taken as they are, and found from a half.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.special import expit

from hicalm.errors import HicalmError
from hicalm.files import write_text

FIT_FILE = "fit.json"  # beside the share networks
EDGE = 1e-4  # of values before their logit
Weights = tuple[float, float, float]  # of the logit of a value, of that of knowledge, and of 1


@dataclass(frozen=True)
class FitCalibration:
    """The calibration of fits (``weights``, those of ``several`` phrases, and the knots of the
    isotonic curve) and of found."""

    weights: Weights
    several: tuple[float, float]  # of log n, and of log n times the logit of a value
    knots: tuple[float, ...]
    fits: tuple[float, ...]
    found_weights: Weights
    found_from: float

    def fit(self, values: np.ndarray, known: float, phrases: int) -> np.ndarray:
        """Return the fit of museums of plan values (N,), float64, in 0..1."""
        return np.interp(
            evidence(self.weights, values, known)
            + evidence_of_several(self.several, values, phrases),
            self.knots,
            self.fits,
        )

    def presence(self, best: float, known: float) -> float:
        """Return the probability, 0..1, that the collection has what was asked, by ``w``."""
        return float(expit(evidence(self.found_weights, np.asarray(best), known)))

    def save(self, folder: Path) -> None:
        """Write ``fit.json``."""
        write_text(Path(folder) / FIT_FILE, json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "FitCalibration":
        """Read ``fit.json``. Raises HicalmError for one that is missing or holds other things."""
        path = Path(folder) / FIT_FILE
        try:
            content: Mapping = json.loads(path.read_text(encoding="utf-8"))
            found = cls(
                _weights(content["weights"]),
                _pair(content["several"]),
                tuple(float(knot) for knot in content["knots"]),
                tuple(float(fit) for fit in content["fits"]),
                _weights(content["found_weights"]),
                float(content["found_from"]),
            )
        except (
            OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError
        ) as error:  # fmt: skip
            raise HicalmError(
                f"'{path}' does not hold a calibration of fits: {error}. Make it with "
                "'python -m hicalm match calibrate'."
            ) from error
        numbers = [*found.weights, *found.several, *found.knots, *found.fits, *found.found_weights]
        if not np.isfinite([*numbers, found.found_from]).all() or not 0 <= found.found_from <= 1:
            raise HicalmError(f"'{path}' must hold finite numbers, and a mark from 0 to 1.")
        rising = all(np.all(np.diff(own) >= 0) for own in (found.knots, found.fits))
        fits = found.fits
        if not fits or len(fits) != len(found.knots) or not rising or fits[0] < 0 or fits[-1] > 1:
            raise HicalmError(f"'{path}' must hold rising knots with fits from 0 to 1.")
        return found


def unlabelled() -> FitCalibration:
    """Return the calibration without labels: a value is the probability that it is made to be."""
    knots = np.linspace(logit(np.zeros(())), logit(np.ones(())), 201)
    fits = tuple(expit(knots))
    return FitCalibration((1.0, 0.0, 0.0), (0.0, 0.0), tuple(knots), fits, (1.0, 0.0, 0.0), 0.5)


def evidence(weights: Weights, values: np.ndarray, known: float) -> np.ndarray:
    """Return what a probability rises with: a logit v + b logit k + c, (N,)."""
    value, knowledge, constant = weights
    return value * logit(values) + knowledge * logit(np.asarray(known)) + constant


def evidence_of_several(
    weights: tuple[float, float], values: np.ndarray, phrases: int
) -> np.ndarray:
    """Return what is added for a plan of several phrases, (N,): nothing for one."""
    constant, value = weights
    return (constant + value * logit(values)) * np.log(max(phrases, 1))


def logit(values: np.ndarray) -> np.ndarray:
    """Return the logits of probabilities, which stay finite at both ends."""
    inside = np.clip(values, EDGE, 1 - EDGE)
    return np.log(inside / (1 - inside))


def _weights(content: object) -> Weights:
    value, knowledge, constant = (float(one) for one in content)  # type: ignore[attr-defined]
    return value, knowledge, constant


def _pair(content: object) -> tuple[float, float]:
    constant, value = (float(one) for one in content)  # type: ignore[attr-defined]
    return constant, value
