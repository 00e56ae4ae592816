"""What any text reaches in a museum, so that a level can be measured against it.

A museum with many views has a better best view for every text, and some museums are near to
everything. With background texts t, a level's cosine c of a museum becomes

    (c - mean over t of c(t)) / deviation over t of c(t) / 10

so that all three levels have one scale: a tenth for each deviation above what texts reach there.
Sizes: B museums, G texts, H dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from hicalm.models.known_texts import KnownTexts
from hicalm.ragged import starts
from hicalm.retrieval.hubness import nearest_texts

DEVIATIONS = 10.0  # of a cosine that count 1: no level then leaves -1..1 by much
LEAST_DEVIATION = 1e-3  # of cosines; less says that the texts reach the same there
BLOCK = 1024  # texts compared with all views at once; bounds the memory
Items = tuple[np.ndarray, np.ndarray]  # of a level: (N, H), each museum's from firsts (B,) on


@dataclass(frozen=True)
class LevelStandards:
    """By museum and level a factor and a shift, float32 (B, 3): a level is factor * cosine + shift.

    Where nothing is standardised the factors are 1 and the shifts 0. ``descriptions``: only those
    are measured so, and shorter queries count as they are.
    """

    factor: np.ndarray
    shift: np.ndarray
    descriptions: bool = False

    def select(self, museums: np.ndarray) -> "LevelStandards":
        """Return those of some museums (M,)."""
        return LevelStandards(self.factor[museums], self.shift[museums], self.descriptions)

    @classmethod
    def of(cls, texts: np.ndarray, levels: Sequence[Items]) -> Self:
        """Compare texts (G, H) with the items of each level: museums, rooms and views.

        All are normalised.
        """
        total = squares = np.zeros((len(levels[0][0]), len(levels)))
        for start in range(0, len(texts), BLOCK):
            own = texts[start : start + BLOCK]
            best = [np.maximum.reduceat(own @ rows.T, firsts, axis=1) for rows, firsts in levels]
            cosines = np.stack(best, axis=-1).astype(np.float64)
            total, squares = total + cosines.sum(axis=0), squares + (cosines**2).sum(axis=0)
        mean = total / len(texts)
        deviation = np.sqrt(np.maximum(squares / len(texts) - mean**2, LEAST_DEVIATION**2))
        factor = 1 / (DEVIATIONS * deviation)
        return cls(factor.astype(np.float32), (-mean * factor).astype(np.float32))

    @classmethod
    def without_hubs(cls, known: KnownTexts, levels: Sequence[Items]) -> Self:
        """Compare known texts with the items of each level: museums, rooms and views."""
        counts = np.ones(len(known.museum), int), known.room_counts, known.sentence_counts
        texts = zip((known.museum, known.room, known.sentence), counts, strict=True)
        cosines = np.stack(
            [
                best_matches(rows, own_counts, *items)
                for (rows, own_counts), items in zip(texts, levels, strict=True)
            ],
            axis=-1,
        )
        nearest = nearest_texts(cosines @ known.weights)  # (K, B)
        shift = np.take_along_axis(cosines, nearest[:, :, None], axis=0).mean(axis=0) / -2
        return cls(np.ones_like(shift), shift, descriptions=True)


def best_matches(
    texts: np.ndarray, counts: np.ndarray, items: np.ndarray, firsts: np.ndarray
) -> np.ndarray:
    """Return the mean over each query's texts of their best item in each museum, (Q, B).

    texts (N, H) with counts (Q,) >= 1; items (M, H), each museum's from firsts (B,) on.
    """
    best = np.empty((len(texts), len(firsts)), np.float32)
    for start in range(0, len(texts), BLOCK):
        cosines = texts[start : start + BLOCK] @ items.T
        best[start : start + BLOCK] = np.maximum.reduceat(cosines, firsts, axis=1)
    return np.add.reduceat(best, starts(counts), axis=0) / counts[:, None].astype(np.float32)
