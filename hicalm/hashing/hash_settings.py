"""What decides how codes are learnt: vision-guided text mining for unsupervised hashing (VTM-UCH).

The defaults are those of the paper (AAAI 2025).
"""

from dataclasses import asdict, dataclass
from typing import Any

from hicalm.errors import HicalmError

BITS = (16, 32, 64, 128)


@dataclass(frozen=True)
class HashSettings:
    """Settings of one run. Raises HicalmError for values that cannot be."""

    bits: int = 64  # of a code, k
    clusters: int = 32  # of all objects, by k-means; the published README has 14 for 16 bits
    deviations: float = 1.1  # similar pictures lie so many standard deviations above the mean
    resolution: float = 1.0  # of communities: more than 1 finds smaller ones; 1 is modularity
    hidden: int = 2048  # width of a head's hidden layer
    rho: float = 0.1  # share of the texts' own loss; the pictures' own has 1 - rho
    alpha: float = 1.0  # weight of the losses that make the two kinds of codes agree
    learning_rate: float = 1e-4  # of the heads
    warm_up: float = 0.05  # share of the steps over which the learning rate rises
    weight_decay: float = 0.01
    batch_size: int = 128
    epochs: int = 30
    seed: int = 1

    def __post_init__(self) -> None:
        if self.bits not in BITS:
            raise HicalmError(
                f"Codes have {', '.join(map(str, BITS[:-1]))} or {BITS[-1]} bits, not {self.bits}."
            )
        for name in ("clusters", "hidden", "batch_size", "epochs"):
            if getattr(self, name) < 1:
                raise HicalmError(f"'{name}' must be at least 1, not {getattr(self, name)}.")
        if self.resolution <= 0:
            raise HicalmError(f"'resolution' must be above 0, not {self.resolution}.")
        if not 0 <= self.rho <= 1 or not 0 <= self.warm_up < 1 or self.learning_rate <= 0:
            raise HicalmError(
                "'rho' must lie in 0 to 1, 'warm_up' in 0 to below 1 and 'learning_rate' above 0; "
                f"they are {self.rho}, {self.warm_up} and {self.learning_rate}."
            )

    def to_json(self) -> dict[str, Any]:
        """Return the settings by name."""
        return asdict(self)
