"""What decides how codes are learnt: vision-guided text mining for unsupervised hashing (VTM-UCH).

The numbers are those of the paper (AAAI 2025). Where the published code does something else than we
do, the piece has a name here: the defaults are our protocol, ``PUBLISHED`` is theirs.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from hicalm.settings import Count, NonNegative, Positive, Share, Whole, one_of, settings

BITS = (16, 32, 64, 128)


@settings
class HashSettings:
    """Settings of one run. Raises HicalmError for values that cannot be."""

    bits: Annotated[int, one_of(*BITS)] = 64  # of a code, k
    clusters: Count = 32  # of all objects, by k-means; the published README has 14 for 16 bits
    deviations: float = 1.1  # similar pictures lie so many standard deviations above the mean
    resolution: Positive = 1.0  # of communities: more than 1 finds smaller ones; 1 is modularity
    detection_score: Share = 0.3  # least score of an object that a detector finds
    hidden: Count = 2048  # width of a head's hidden layer
    rho: Share = 0.1  # share of the texts' own loss; the pictures' own has 1 - rho
    alpha: float = 1.0  # weight of the losses that make the two kinds of codes agree
    learning_rate: Positive = 1e-4  # of the heads
    warm_up: Annotated[float, Field(ge=0, lt=1)] = (
        0.05  # share of the steps over which the learning rate rises
    )
    weight_decay: NonNegative = 0.01
    batch_size: Count = 128
    epochs: Count = 30
    seed: int = 1
    # the pieces of the protocol
    draw: Annotated[str, one_of("new", "legacy")] = "new"  # NumPy's generator that draws the split
    tags: Annotated[str, one_of("whole", "tokens")] = "whole"  # what is a word, of .mat files
    cluster_starts: Annotated[str, one_of("spread", "random")] = (
        "spread"  # of k-means: k-means++ on directions; random: ten random ones on raw vectors
    )
    matching: Annotated[str, one_of("clusters", "grounded")] = (
        "clusters"  # what makes S_T and S_I: clusters of objects, or words that are seen
    )
    image_similarity: Annotated[str, one_of("both-ways", "pooled")] = "both-ways"  # of objects
    centres: Annotated[str, one_of("joint", "pictures")] = (
        "joint"  # of communities: picture and text side by side, or raw pictures alone
    )
    lone_centres: bool = False  # a community of one pair has a centre too
    move_centres: bool = False  # centres move to their points before pairs are assigned
    clip_gradients: bool = False  # each parameter's gradient to norm 1
    valid_freq: Whole = 0  # epochs between two validations, the best of which stays; 0: none

    def to_json(self) -> dict[str, float]:
        """Return the settings by name."""
        return asdict(self)

    @property
    def pieces(self) -> dict[str, object]:
        """Return the pieces of the protocol by name."""
        return {name: getattr(self, name) for name in PUBLISHED}


PUBLISHED: Mapping[str, object] = {
    "draw": "legacy",
    "tags": "tokens",
    "cluster_starts": "random",
    "matching": "clusters",
    "image_similarity": "pooled",
    "centres": "pictures",
    "lone_centres": True,
    "move_centres": True,
    "clip_gradients": True,
    "valid_freq": 1,
}
