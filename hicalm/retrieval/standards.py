"""What any text reaches in a museum, so that a level can be measured against it.

A museum with many views has a better best view for every text, and some museums are near to
everything. With background texts t, a level's cosine c of a museum becomes

    (c - mean over t of c(t)) / deviation over t of c(t) / 10

so that all three levels have one scale: a tenth for each deviation above what texts reach there.
Sizes: B museums, G texts, H dimensions.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hicalm.retrieval.index import MuseumIndex

DEVIATIONS = 10.0  # of a cosine that count 1: no level then leaves -1..1 by much
LEAST_DEVIATION = 1e-3  # of cosines; less says that the texts reach the same there
BLOCK = 256  # texts compared with all views at once; bounds the memory


@dataclass(frozen=True)
class LevelStandards:
    """By museum and level a factor and a shift, float32 (B, 3): a level is factor * cosine + shift.

    Where nothing is standardised the factors are 1 and the shifts 0.
    """

    factor: np.ndarray
    shift: np.ndarray

    def select(self, museums: np.ndarray) -> "LevelStandards":
        """Return those of some museums (M,)."""
        return LevelStandards(self.factor[museums], self.shift[museums])

    @classmethod
    def of(cls, texts: np.ndarray, index: "MuseumIndex") -> "LevelStandards":
        """Compare texts (G, H) with an index, all normalised."""
        total = squares = np.zeros((len(index.museum), 3))
        for start in range(0, len(texts), BLOCK):
            own = texts[start : start + BLOCK]
            cosines = np.stack(
                [
                    own @ index.museum.T,
                    np.maximum.reduceat(own @ index.room.T, index.room_starts, axis=1),
                    np.maximum.reduceat(own @ index.view.T, index.view_starts, axis=1),
                ],
                axis=-1,
            ).astype(np.float64)
            total, squares = total + cosines.sum(axis=0), squares + (cosines**2).sum(axis=0)
        mean = total / len(texts)
        deviation = np.sqrt(np.maximum(squares / len(texts) - mean**2, LEAST_DEVIATION**2))
        factor = 1 / (DEVIATIONS * deviation)
        return cls(factor.astype(np.float32), (-mean * factor).astype(np.float32))
