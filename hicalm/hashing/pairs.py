"""Pictures with their texts: what codes are learnt from, and what is searched with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from hicalm.errors import HicalmError

SPLIT_SEED = 1  # as published


@dataclass(frozen=True)
class Pairs:
    """N pairs of a picture and a text, with features of one encoder.

    images, texts: float32 (N, D), of length 1; words: the words (or tags) of each text; labels:
    kind -> bool (N, L), what two items must share to be relevant to each other; names: what each
    item is, for people and for what a run remembers; lengths: (N,) those of the pictures' features
    as the encoder gave them, None for 1.
    """

    images: np.ndarray
    texts: np.ndarray
    words: tuple[tuple[str, ...], ...]
    labels: Mapping[str, np.ndarray]
    names: tuple[str, ...]
    lengths: np.ndarray | None = None

    def __post_init__(self) -> None:
        sizes = {len(self.images), len(self.texts), len(self.words), len(self.names)}
        if len(sizes | {len(labels) for labels in self.labels.values()}) > 1:
            raise HicalmError("Pictures, texts, words, labels and names must be equally many.")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def raw_images(self) -> np.ndarray:
        """Return the pictures' features (N, D) as the encoder gave them."""
        return self.images if self.lengths is None else self.images * self.lengths[:, None]

    def select(self, rows: Sequence[int] | np.ndarray) -> Self:
        """Return some of the pairs, in this order."""
        return type(self)(
            self.images[rows],
            self.texts[rows],
            tuple(self.words[row] for row in rows),
            {kind: labels[rows] for kind, labels in self.labels.items()},
            tuple(self.names[row] for row in rows),
            None if self.lengths is None else self.lengths[rows],
        )


def draw_split(count: int, queries: int, draw: str = "new") -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the queries (Q,) and of the retrieval set (the rest), in random order.

    ``draw``: "legacy" for NumPy's legacy generator, which drew the published split; both are seeded
    with ``SPLIT_SEED``. Raises HicalmError unless both get at least one of the ``count`` items.
    """
    if not 0 < queries < count:
        raise HicalmError(
            f"{queries:,} queries cannot be drawn from {count:,} items, of which some must be left "
            "to be found: change --queries."
        )
    legacy = draw == "legacy"
    chance = np.random.RandomState(SPLIT_SEED) if legacy else np.random.default_rng(SPLIT_SEED)
    order = chance.permutation(count)
    return order[:queries], order[queries:]
