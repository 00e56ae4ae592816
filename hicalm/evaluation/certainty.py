"""How sure the product is, and how rightly: of queries for what is there and for what is not.

- auroc: the probability that a query for what is there has a higher presence than one for what is
  not (ties count half);
- absent_refused: the share of queries for what is not there that are answered "nothing here", by
  kind; present_refused: the same of those for what is there, wrongly so, by set of queries;
- calibration_error: the expected calibration error of the fits of the museums shown, the first ten
  of each query: the mean distance of fit and share of museums whose gain is at least a half, over
  at most 15 bins of about the same number of museums (equal fits share a bin), each weighing as its
  museums do;
- bins: of each bin its lowest and highest fit, the mean fit, the share observed and the museums.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hicalm.errors import HicalmError
from hicalm.evaluation.product import Answer
from hicalm.metrics import RELEVANT_GAIN

BINS = 15
UNANSWERABLE = "labelled, in no museum"  # the kind of a labelled query that no museum answers


@dataclass(frozen=True, eq=False)
class JudgedSearch:
    """An answer, the kind of its query, and the museums' gains (B,): 0 for what is not there."""

    answer: Answer
    kind: str
    gains: np.ndarray

    @property
    def is_absent(self) -> bool:
        """Whether no museum shows any of it."""
        return not self.gains.any()


def certainty_metrics(judged: Sequence[JudgedSearch]) -> dict[str, Any]:
    """Return the metrics above. Raises HicalmError without queries of both kinds."""
    absent = [one for one in judged if one.is_absent]
    present = [one for one in judged if not one.is_absent]
    if not absent or not present:
        raise HicalmError("Certainty needs queries for what is there and for what is not.")
    fits = np.concatenate([one.answer.fits for one in judged])
    relevant = np.concatenate([one.gains[one.answer.rows] >= RELEVANT_GAIN for one in judged])
    bins = reliability(fits, relevant)
    return {
        "queries": {"present": len(present), "absent": len(absent)},
        "auroc": auroc(
            np.array([one.answer.presence for one in present]),
            np.array([one.answer.presence for one in absent]),
        ),
        "absent_refused": _refused(absent),
        "present_refused": _refused(present),
        "calibration_error": calibration_error(bins),
        "binning": f"at most {BINS} bins of equal mass; equal fits share a bin",
        "bins": bins,
    }


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Return the area under the ROC curve of scores (P,) and (N,): Mann and Whitney's U / PN."""
    from scipy.stats import mannwhitneyu  # its import takes about a second

    found = mannwhitneyu(positive, negative, method="asymptotic")
    return float(found.statistic) / (len(positive) * len(negative))


def reliability(fits: np.ndarray, relevant: np.ndarray, bins: int = BINS) -> list[dict[str, Any]]:
    """Return the bins of fits (N,), by rising fit, with the share of relevant ones (N,) in each."""
    if not len(fits):
        return []
    below = np.searchsorted(
        np.sort(fits), fits
    )  # how many fits are smaller: the same for equal ones
    number = below * bins // len(fits)
    found = []
    for one in np.unique(number):
        own = number == one
        found.append(
            {
                "low": float(fits[own].min()),
                "high": float(fits[own].max()),
                "fit": float(fits[own].mean()),
                "share": float(relevant[own].mean()),
                "count": int(own.sum()),
            }
        )
    return found


def calibration_error(bins: Sequence[dict[str, Any]]) -> float:
    """Return the expected calibration error of bins, 0..1; not a number without any."""
    total = sum(one["count"] for one in bins)
    if not total:
        return float("nan")
    return sum(one["count"] * abs(one["fit"] - one["share"]) for one in bins) / total


def _refused(judged: Sequence[JudgedSearch]) -> dict[str, dict[str, float]]:
    """Return by kind, and of ``all``, the share of queries answered "nothing here", and them."""
    kinds = ["all", *dict.fromkeys(one.kind for one in judged)]
    found: dict[str, dict[str, float]] = {}
    for kind in kinds:
        refused = [not one.answer.found for one in judged if kind in ("all", one.kind)]
        found[kind] = {"share": float(np.mean(refused)), "queries": len(refused)}
    return found
