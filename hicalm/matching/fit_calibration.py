"""How sure an answer is: the probability that a museum shows what was asked, and whether any does.

A plan's value is an expected share, and it is blind to what the encoder does not know: a query for
dinosaurs may be read as one for birds. So both are calibrated on validation queries with ground
truth and on background queries (things that are not there), from how surely the query names what is
known, k (the least of its phrases), and

    found  w, the plan's best value by presence (any painting is enough), in all museums:
           presence = sigmoid(d logit w + e logit k + f + (i + j logit k) log n) with the plan's n
           phrases, of which k is the least known, and an answer is found where it reaches a mark,
           chosen on the same queries
    fit    v, the plan's value in the museum: the probability of a gain of at least a half
           ("relevant") is that any museum has what is asked, isotonic(presence), times that of this
           museum where one has it, isotonic(a logit v + b logit k + c + (g + h logit v) log n). A
           value of several phrases is a product of shares, a gain mostly the smallest of them

For encoders without labels there are the values alone, whose scale comes from background sentences
(``similarity_matcher``); they are taken as they are, and found from a half.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.special import expit

from hicalm.errors import HicalmError
from hicalm.files import read_json, to_json, write_text

FIT_FILE = "fit.json"  # beside the share networks
Pair = tuple[float, float]
EDGE = 1e-4  # of values before their logit
Weights = tuple[float, float, float]  # of the logit of a value, of that of knowledge, and of 1


@dataclass(frozen=True)
class FitCalibration:
    """The calibration of fits and of found: ``weights``, those of ``several`` phrases, and the
    knots of the isotonic curve of each factor of a fit. Without ``found_knots`` there is one."""

    weights: Weights
    several: Pair  # of log n, and of log n times the logit of a value
    knots: tuple[float, ...]
    fits: tuple[float, ...]
    found_weights: Weights
    found_several: Pair  # of log n, and of log n times the logit of knowledge
    found_from: float
    found_knots: tuple[float, ...] = ()  # of presence, 0..1
    found_fits: tuple[float, ...] = ()

    def fit(self, values: np.ndarray, known: float, phrases: int, presence: float) -> np.ndarray:
        """Return the fit of museums of plan values (N,), float64, in 0..1; ``presence`` is that of
        the whole collection."""
        own = np.interp(
            evidence(self.weights, values, known)
            + evidence_of_several(self.several, values, phrases),
            self.knots,
            self.fits,
        )
        if not self.found_knots:
            return own
        return own * np.interp(presence, self.found_knots, self.found_fits)

    def presence(self, best: float, known: float, phrases: int) -> float:
        """Return the probability, 0..1, that the collection has what was asked, by ``w``."""
        return float(
            expit(
                evidence(self.found_weights, np.asarray(best), known)
                + evidence_of_several(self.found_several, np.asarray(known), phrases)
            )
        )

    def save(self, folder: Path) -> None:
        """Write ``fit.json``."""
        write_text(Path(folder) / FIT_FILE, to_json(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "FitCalibration":
        """Read ``fit.json``. Raises HicalmError for one that is missing or holds other things."""
        path = Path(folder) / FIT_FILE
        try:
            content: Mapping = read_json(path)
            found = cls(
                _weights(content["weights"]),
                _pair(content["several"]),
                tuple(float(knot) for knot in content["knots"]),
                tuple(float(fit) for fit in content["fits"]),
                _weights(content["found_weights"]),
                _pair(content["found_several"]),
                float(content["found_from"]),
                tuple(float(knot) for knot in content["found_knots"]),
                tuple(float(fit) for fit in content["found_fits"]),
            )
        except (
            OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError
        ) as error:  # fmt: skip
            raise HicalmError(
                f"'{path}' does not hold a calibration of fits: {error}. Make it with "
                "'python -m hicalm match calibrate'."
            ) from error
        numbers = [*found.weights, *found.several, *found.found_weights, *found.found_several]
        if not np.isfinite([*numbers, found.found_from]).all() or not 0 <= found.found_from <= 1:
            raise HicalmError(f"'{path}' must hold finite numbers, and a mark from 0 to 1.")
        curves = [(found.knots, found.fits), (found.found_knots, found.found_fits)]
        if not found.knots or not all(_is_curve(*curve) for curve in curves):
            raise HicalmError(f"'{path}' must hold rising knots with fits from 0 to 1.")
        return found


def unlabelled() -> FitCalibration:
    """Return the calibration without labels: a value is the probability that it is made to be."""
    knots = np.linspace(logit(np.zeros(())), logit(np.ones(())), 201)
    fits = tuple(expit(knots))
    return FitCalibration(
        (1.0, 0.0, 0.0), (0.0, 0.0), tuple(knots), fits, (1.0, 0.0, 0.0), (0.0, 0.0), 0.5
    )


def evidence(weights: Weights, values: np.ndarray, known: float) -> np.ndarray:
    """Return what a probability rises with: a logit v + b logit k + c, (N,)."""
    value, knowledge, constant = weights
    return value * logit(values) + knowledge * logit(np.asarray(known)) + constant


def evidence_of_several(weights: Pair, values: np.ndarray, phrases: int) -> np.ndarray:
    """Return what is added for a plan of several phrases, (N,): nothing for one."""
    constant, value = weights
    return (constant + value * logit(values)) * np.log(max(phrases, 1))


def logit(values: np.ndarray) -> np.ndarray:
    """Return the logits of probabilities, which stay finite at both ends."""
    inside = np.clip(values, EDGE, 1 - EDGE)
    return np.log(inside / (1 - inside))


def _is_curve(knots: tuple[float, ...], fits: tuple[float, ...]) -> bool:
    rising = all(np.isfinite(one).all() and np.all(np.diff(one) >= 0) for one in (knots, fits))
    return rising and len(knots) == len(fits) and all(0 <= fit <= 1 for fit in fits)


def _weights(content: object) -> Weights:
    value, knowledge, constant = (float(one) for one in content)  # type: ignore[attr-defined]
    return value, knowledge, constant


def _pair(content: object) -> Pair:
    constant, value = (float(one) for one in content)  # type: ignore[attr-defined]
    return constant, value
