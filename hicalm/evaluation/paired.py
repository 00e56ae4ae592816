"""Paired tests: does one method answer the same queries better than another?

The difference per query is bootstrapped (percentile interval of its mean), and its signs are
flipped at random: under the hypothesis that neither method is better, each is as likely as the
other. p is not corrected for the number of comparisons.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hicalm.errors import HicalmError
from hicalm.metrics import bootstrap_interval

DRAWS = 10_000  # resamples of the bootstrap, and flips of all signs
SEED = 0


@dataclass(frozen=True)
class PairedDifference:
    """How much more a method reaches than another on the same queries.

    The mean ``difference`` with its 95 % interval, the two-sided ``p``, and how many ``queries``
    count in both; all numbers are not a number without any.
    """

    difference: float
    low: float
    high: float
    p: float
    queries: int

    @property
    def shows(self) -> bool:
        """Whether a difference is shown: the interval does not hold 0."""
        return self.low > 0 or self.high < 0

    def to_json(self) -> dict[str, Any]:
        """Return the numbers as JSON has them."""
        return {
            "difference": self.difference,
            "interval": [self.low, self.high],
            "p": self.p,
            "queries": self.queries,
            "difference_shown": self.shows,
        }


def paired_difference(own: np.ndarray, other: np.ndarray) -> PairedDifference:
    """Compare two methods by their values per query, (Q,) both; NaN where a query is left out.

    Raises HicalmError for values of different numbers of queries.
    """
    own, other = (np.asarray(values, np.float64) for values in (own, other))
    if own.ndim != 1 or own.shape != other.shape:
        raise HicalmError(
            f"Paired values must be (Q,) of the same queries, got {own.shape} and {other.shape}."
        )
    differences = own - other
    differences = differences[~np.isnan(differences)]
    interval = bootstrap_interval(differences, SEED, samples=DRAWS)
    return PairedDifference(
        interval.mean, interval.low, interval.high, _sign_flip_p(differences), len(differences)
    )


def _sign_flip_p(differences: np.ndarray) -> float:
    """Return the two-sided p of a mean (N,) by flips of signs; 1 where nothing differs."""
    from scipy.stats import permutation_test  # its import takes about a second

    if not len(differences):
        return float("nan")
    if not differences.any():
        return 1.0
    found = permutation_test(
        (differences,),
        lambda values, axis: values.mean(axis=axis),
        permutation_type="samples",  # of one sample: its signs
        vectorized=True,
        n_resamples=DRAWS,
        batch=1000,
        rng=np.random.default_rng(SEED),
    )
    return float(found.pvalue)
