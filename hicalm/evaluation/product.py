"""What the product does with a query, as an evaluation sees it; ``search.evaluation_scorer`` asks.

The evaluation lies below the search: whoever starts it passes a ``Product`` in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

SHOWN = 10  # museums of a list that are judged


@dataclass(frozen=True, eq=False)
class Answer:
    """What a search that names no stages answers to a text, and the score of every museum.

    scores float64 (B,) of all museums, higher is better, those that are not listed below all
    others. Of the list: rows (N,), at most ``SHOWN``, in the order shown; shown float64 (N,), their
    scores; fits float64 (N,) in 0..1. ``found``: whether it says that any museum shows what was
    asked, and ``presence`` 0..1 how probably. A text that is refused has an empty list, constant
    scores, and is not found.
    """

    scores: np.ndarray
    rows: np.ndarray
    shown: np.ndarray
    fits: np.ndarray
    found: bool
    presence: float


class Product(Protocol):
    """Answers texts as the product does by default."""

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """Return the answer to each text."""
        ...


def order_metrics(answers: Sequence[Answer]) -> dict[str, float]:
    """Return how true lists are to their scores.

    ``lists``: their number, without empty ones; ``rising``: the share of lists in which a score
    shown is higher than the one above it; ``first_agrees``: the share whose first museum has the
    highest score of all. Both shares are not a number without lists.
    """
    lists = [answer for answer in answers if len(answer.rows)]
    rising = [bool((np.diff(answer.shown) > 0).any()) for answer in lists]
    agrees = [answer.scores[answer.rows[0]] >= answer.scores.max() for answer in lists]
    nothing = float("nan")
    return {
        "lists": len(lists),
        "rising": float(np.mean(rising)) if lists else nothing,
        "first_agrees": float(np.mean(agrees)) if lists else nothing,
    }
