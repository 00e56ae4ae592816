"""Pictures with their texts: what codes are learnt from, and what is searched with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from hicalm.errors import HicalmError

SPLIT_SEED = 1  # the published split


@dataclass(frozen=True)
class Pairs:
    """N pairs of a picture and a text, with features of one encoder.

    images, texts: float32 (N, D), of length 1; words: the words (or tags) of each text; labels:
    kind -> bool (N, L), what two items must share to be relevant to each other; names: what each
    item is, for people.
    """

    images: np.ndarray
    texts: np.ndarray
    words: tuple[tuple[str, ...], ...]
    labels: Mapping[str, np.ndarray]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        sizes = {len(self.images), len(self.texts), len(self.words), len(self.names)}
        if len(sizes | {len(labels) for labels in self.labels.values()}) > 1:
            raise HicalmError("Pictures, texts, words, labels and names must be equally many.")

    def __len__(self) -> int:
        return len(self.images)

    def select(self, rows: Sequence[int] | np.ndarray) -> Self:
        """Return some of the pairs, in this order."""
        return type(self)(
            self.images[rows],
            self.texts[rows],
            tuple(self.words[row] for row in rows),
            {kind: labels[rows] for kind, labels in self.labels.items()},
            tuple(self.names[row] for row in rows),
        )


def draw_split(count: int, queries: int, seed: int = SPLIT_SEED) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the queries (Q,) and of the retrieval set (the rest), in random order.

    Raises HicalmError unless both get at least one of the ``count`` items.
    """
    if not 0 < queries < count:
        raise HicalmError(
            f"{queries:,} queries cannot be drawn from {count:,} items, of which some must be left "
            "to be found: change --queries."
        )
    order = np.random.default_rng(seed).permutation(count)
    return order[:queries], order[queries:]
