"""What decides how codes are learnt: vision-guided text mining for unsupervised hashing (VTM-UCH).

The defaults are those of the paper (AAAI 2025).
"""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from hicalm.settings import Count, Positive, Share, one_of, settings

BITS = (16, 32, 64, 128)


@settings
class HashSettings:
    """Settings of one run. Raises HicalmError for values that cannot be."""

    bits: Annotated[int, one_of(*BITS)] = 64  # of a code, k
    clusters: Count = 32  # of all objects, by k-means; the published README has 14 for 16 bits
    deviations: float = 1.1  # similar pictures lie so many standard deviations above the mean
    resolution: Positive = 1.0  # of communities: more than 1 finds smaller ones; 1 is modularity
    hidden: Count = 2048  # width of a head's hidden layer
    rho: Share = 0.1  # share of the texts' own loss; the pictures' own has 1 - rho
    alpha: float = 1.0  # weight of the losses that make the two kinds of codes agree
    learning_rate: Positive = 1e-4  # of the heads
    warm_up: Annotated[float, Field(ge=0, lt=1)] = (
        0.05  # share of the steps over which the learning rate rises
    )
    weight_decay: float = 0.01
    batch_size: Count = 128
    epochs: Count = 30
    seed: int = 1

    def to_json(self) -> dict[str, float]:
        """Return the settings by name."""
        return asdict(self)
