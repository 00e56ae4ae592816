"""Scores without hubs: some museums are near to every text, and would be found for any of them.

Cross-domain similarity local scaling (Conneau et al. 2018, "Word translation without parallel
data"), with known texts, those of training, in the place of the queries: half of the mean score
that the nearest of them reach in a museum is taken off all its scores. That is one number a museum,
so what a room or a view contributes is as before. Sizes: T known texts, Q queries, B museums.
"""

import numpy as np

from hicalm.errors import HicalmError

NEAREST = 10  # as published


def nearest_texts(known: np.ndarray, nearest: int = NEAREST) -> np.ndarray:
    """Return which known texts score highest in each museum, of scores (T, B): rows (K, B).

    Raises HicalmError without texts, and for fewer than one of them.
    """
    if known.ndim != 2 or not len(known) or nearest < 1:
        raise HicalmError(
            f"Hubs are found by the scores (T, B) of at least one known text, and at least one of "
            f"the nearest, not by {known.shape} and {nearest}."
        )
    kept = min(nearest, len(known))
    return np.argpartition(known, len(known) - kept, axis=0)[-kept:]


def hubness(known: np.ndarray, nearest: int = NEAREST) -> np.ndarray:
    """Return the mean of the highest scores of known texts (T, B) in each museum, (B,)."""
    return np.take_along_axis(known, nearest_texts(known, nearest), axis=0).mean(axis=0)


def without_hubs(scores: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return scores (Q, B) less half the hubness of each museum by known texts (T, B)."""
    return scores - hubness(known) / 2
