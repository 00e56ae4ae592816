"""The place in a view that answers a phrase: the brightest part of its heat map.

Sizes: W words of the phrase, h x w cells of a view.
"""

from dataclasses import dataclass

import numpy as np

from hicalm.retrieval.evidence import HeatMap
from hicalm.retrieval.words import load_stop_words

HALF = 0.5  # of the brightest cell: what has at least so much heat belongs to the place


@dataclass(frozen=True)
class AnswerPlace:
    """A rectangle of a view in shares of its width and height, 0..1, from the top left corner."""

    left: float
    top: float
    width: float
    height: float


def answer_place(found: HeatMap) -> AnswerPlace:
    """Return the place that answers all words of a phrase.

    It bounds the brightest cell and all those joined to it (by their sides) with at least half of
    its heat, summed over the words but for stop words; without other words, over all.
    """
    stop_words = load_stop_words()
    spoken = [word.lower() not in stop_words for word in found.words]
    heat = found.heat[spoken if any(spoken) else slice(None)].sum(axis=0)
    rows, columns = _joined(heat)
    height, width = heat.shape
    left, top = columns.min() / width, rows.min() / height
    return AnswerPlace(
        float(left),
        float(top),
        float((columns.max() + 1) / width - left),
        float((rows.max() + 1) / height - top),
    )


def _joined(heat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns of the cells of the place."""
    warm = heat >= HALF * heat.max()
    place = np.zeros_like(warm)
    place[np.unravel_index(heat.argmax(), heat.shape)] = True
    while True:
        wider = place.copy()
        wider[1:] |= place[:-1]
        wider[:-1] |= place[1:]
        wider[:, 1:] |= place[:, :-1]
        wider[:, :-1] |= place[:, 1:]
        wider &= warm
        if (wider == place).all():
            rows, columns = np.nonzero(place)
            return rows, columns
        place = wider
