"""Rooms matched with phrases by cosines alone: for any encoder, without labels.

Cosines of different phrases have different scales, and some rooms are near to everything (hubs). So
the cosine of a phrase and a room is measured against what background sentences, which speak of
things that museums hardly have, reach in the same room, and that against the best room that a
background sentence finds in this collection:

    z(room, phrase) = (cosine - mean of the background there) / deviation of the background there
    p(room, phrase) = 1 / (1 + exp(-(z - high) * log(19) / (high - middle)))

where ``middle`` and ``high`` are the median and the 95th percentile of the best z of background
sentences. So p is .5 where only one in twenty of them comes, and .05 where half of them do. Sizes:
M rooms, G background sentences, P phrases, H dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from hicalm.data.rows import Rows
from hicalm.matching.room_matcher import Match

HIGH = 95  # percentile of the background's best rooms
STEEPNESS = float(np.log(19))  # from .05 at the middle to .5 at the high mark
BLOCK = 8192  # rooms compared at once, where they are not in memory
LEAST_DEVIATION = 1e-3  # of cosines; less says that the background reads nothing there


@dataclass(frozen=True)
class Background:
    """What background sentences reach: ``mean`` and ``deviation`` (M,) of their cosines with each
    room, and the ``middle`` and ``high`` mark of their best z in the collection."""

    mean: np.ndarray
    deviation: np.ndarray
    middle: float
    high: float

    @classmethod
    def of(cls, sentences: np.ndarray, rooms: Rows) -> "Background":
        """Compare background sentences (G, H) with rooms (M, H), which are read in blocks.

        All are normalised.
        """
        firsts = range(0, len(rooms), BLOCK)
        blocks = (rooms[first : first + BLOCK].astype(np.float32, copy=False) for first in firsts)
        means, deviations, best = zip(
            *(_compared(sentences, block) for block in blocks), strict=True
        )
        middle, high = _marks(np.maximum.reduce(best))
        return cls(np.concatenate(means), np.concatenate(deviations), middle, high)

    def select(self, rooms: np.ndarray) -> "Background":
        """Return that of some rooms (N,)."""
        return Background(self.mean[rooms], self.deviation[rooms], self.middle, self.high)

    def probability(self, cosines: np.ndarray) -> np.ndarray:
        """Return p for cosines (..., M) of phrases and rooms, float64."""
        z = (cosines - self.mean) / self.deviation
        return expit((z - self.high) * STEEPNESS / (self.high - self.middle))


def _compared(
    sentences: np.ndarray, rooms: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean and deviation of the cosines in each room (M,), each sentence's best z."""
    cosines = sentences @ rooms.T
    mean = cosines.mean(axis=0)
    deviation = np.maximum(cosines.std(axis=0), LEAST_DEVIATION)
    return mean, deviation, ((cosines - mean) / deviation).max(axis=1)


def _marks(best: np.ndarray) -> tuple[float, float]:
    middle, high = np.percentile(best, (50, HIGH))
    return float(middle), float(max(high, middle + LEAST_DEVIATION))


class SimilarityMatcher:
    """Rooms of a model's space, matched with the phrases of one query."""

    def __init__(self, background: Background, rooms: np.ndarray) -> None:
        """``rooms`` (M, H), normalised, in the order of the background's."""
        self._background, self._rooms = background, rooms

    def match(self, wanted: np.ndarray, unwanted: Sequence[np.ndarray]) -> Match:
        """Match rooms with a phrase's vector (H,), without others: p * product of (1 - p other)."""
        share = self._background.probability(self._rooms @ wanted)
        for vector in unwanted:
            share = share * (1 - self._background.probability(self._rooms @ vector))
        return Match(share, share)
