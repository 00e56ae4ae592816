"""Answers made by hand, for the tests of what is measured of the product."""

from collections.abc import Sequence

import numpy as np

from hicalm.evaluation.product import Answer


def answer(
    fits: Sequence[float],
    found: bool = True,
    rows: Sequence[int] | None = None,
    shown: Sequence[float] | None = None,
    museums: int = 12,
    presence: float | None = None,
) -> Answer:
    """Return an answer whose list has ``fits``: museums in order, their scores falling from 1.

    Its presence is its best fit unless it is given.
    """
    rows = range(len(fits)) if rows is None else rows
    shown = 1 - np.arange(len(fits)) / 100 if shown is None else np.array(shown)
    scores = np.zeros(museums)
    scores[list(rows)] = shown
    presence = max(fits, default=0.0) if presence is None else presence
    listed = np.array(rows, np.int64)
    return Answer(scores, listed, shown, np.array(fits, np.float64), found, presence)
