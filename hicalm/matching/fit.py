"""How sure an answer is: the probability that a museum shows what was asked, and whether any does.

A plan's value is an expected share, and it is blind to what the encoder does not know: a query for
dinosaurs may be read as one for birds. So ``fit`` is calibrated on validation queries with ground
truth and on background queries (things that are not there), from the value v and from how surely
the query names anything known, k (the least of its phrases):

    fit = isotonic(a logit v + b logit k + c)            probability of a gain of at least a half

An answer is *found* where its best fit reaches ``found_from``, chosen on the same validation
queries. For encoders without labels there is the value alone, whose scale comes from background
sentences (``similarity_matcher``); it is taken as it is.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from hicalm.errors import HicalmError
from hicalm.files import write_text

FIT_FILE = "fit.json"  # beside the share networks
EDGE = 1e-4  # of values before their logit


@dataclass(frozen=True)
class FitCalibration:
    """Weights of logit v, logit k and 1; the isotonic knots; where an answer counts as found."""

    weights: tuple[float, float, float]
    knots: tuple[float, ...]
    fits: tuple[float, ...]
    found_from: float

    def fit(self, values: np.ndarray, known: float) -> np.ndarray:
        """Return the fit of museums of plan values (N,), float64, in 0..1."""
        return np.interp(self.evidence(values, known), self.knots, self.fits)

    def evidence(self, values: np.ndarray, known: float) -> np.ndarray:
        """Return what the fit rises with: a logit v + b logit k + c, (N,)."""
        value, knowledge, constant = self.weights
        return value * _logit(values) + knowledge * _logit(np.asarray(known)) + constant

    def save(self, folder: Path) -> None:
        """Write ``fit.json``."""
        write_text(Path(folder) / FIT_FILE, json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "FitCalibration":
        """Read ``fit.json``. Raises HicalmError for one that is missing or holds other things."""
        path = Path(folder) / FIT_FILE
        try:
            content: Mapping = json.loads(path.read_text(encoding="utf-8"))
            value, knowledge, constant = (float(weight) for weight in content["weights"])
            knots = tuple(float(knot) for knot in content["knots"])
            fits = tuple(float(fit) for fit in content["fits"])
            found_from = float(content["found_from"])
        except (
            OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError
        ) as error:  # fmt: skip
            raise HicalmError(
                f"'{path}' does not hold a calibration of fits: {error}. Make it with "
                "'python -m hicalm match calibrate'."
            ) from error
        numbers = np.array([value, knowledge, constant, found_from, *knots, *fits])
        if not np.isfinite(numbers).all() or not 0 <= found_from <= 1:
            raise HicalmError(f"'{path}' must hold finite numbers, and a mark from 0 to 1.")
        rising = all(np.all(np.diff(own) >= 0) for own in (knots, fits))
        if not knots or len(knots) != len(fits) or not rising or fits[0] < 0 or fits[-1] > 1:
            raise HicalmError(f"'{path}' must hold rising knots with fits from 0 to 1.")
        return cls((value, knowledge, constant), knots, fits, found_from)


def unlabelled() -> FitCalibration:
    """Return the calibration without labels: a value is the probability that it is made to be."""
    knots = np.linspace(_logit(np.zeros(())), _logit(np.ones(())), 201)
    return FitCalibration(
        (1.0, 0.0, 0.0), tuple(knots), tuple(1 / (1 + np.exp(-knots))), found_from=0.5
    )


def _logit(values: np.ndarray) -> np.ndarray:
    inside = np.clip(values, EDGE, 1 - EDGE)
    return np.log(inside / (1 - inside))
