"""What a phrase asks for, as attributes: by kind a mix of values, and how surely it is asked for.

Sizes: A attribute values in all (``encoders.attributes``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from hicalm.encoders.attributes import KINDS, PAINTING_KINDS, anchors, kind_slices
from hicalm.geometry import unit

LEAST_PROBABILITY = 0.2  # that a phrase mentions an attribute; below, it is taken for noise
# The text encoder's cosine with an anchor as a probability: fitted to 1,500 generated texts.
TEXT_SLOPE, TEXT_MIDDLE = 27.0, 0.28


@dataclass(frozen=True)
class Asked:
    """One thing that is asked for: one of some values of a kind.

    ``columns`` (k,) of the attribute values, ``mix`` float32 (k,) how much each is meant, adding up
    to 1; ``weight`` 0..1, the probability that the phrase asks for any of them.
    """

    kind: str
    columns: np.ndarray
    mix: np.ndarray
    weight: float

    @property
    def of_paintings(self) -> bool:
        """Whether paintings have it, not the room itself."""
        return self.kind in PAINTING_KINDS


@dataclass(frozen=True)
class PhraseMeaning:
    """What a phrase asks for; empty where no word of it is an attribute that the encoder knows."""

    asked: tuple[Asked, ...]

    @property
    def of_paintings(self) -> tuple[Asked, ...]:
        """What paintings are to have."""
        return tuple(one for one in self.asked if one.of_paintings)

    @property
    def of_rooms(self) -> tuple[Asked, ...]:
        """What the room itself is to have."""
        return tuple(one for one in self.asked if not one.of_paintings)


def phrase_meaning(probabilities: np.ndarray) -> PhraseMeaning:
    """Read what a phrase asks for off the probabilities (A,) that it mentions each attribute.

    Several values of one kind are alternatives ("red or blue walls", "ponies and sparrows"): a
    painting has one subject. Objects are no alternatives: all that are named have to stand there.
    """
    asked: list[Asked] = []
    for kind, columns in kind_slices().items():
        own = np.arange(columns.start, columns.stop)
        chosen = own[probabilities[own] >= LEAST_PROBABILITY]
        if not len(chosen):
            continue
        weights = probabilities[chosen].astype(np.float32)
        if kind == "object":
            groups: Sequence[np.ndarray] = np.split(np.arange(len(chosen)), len(chosen))
        else:
            groups = [np.arange(len(chosen))]
        for group in groups:
            total = float(weights[group].sum())
            mix = weights[group] / total
            asked.append(Asked(kind, chosen[group], mix, min(total, 1.0)))
    return PhraseMeaning(tuple(asked))


def text_probabilities(features: np.ndarray) -> np.ndarray:
    """Return how surely texts mention each attribute, float32 (N, A), by the text encoder's own
    features (N, D), which read descriptions; what people type is read by the query encoder."""
    cosines = unit(features) @ anchors().numpy().T
    return expit(TEXT_SLOPE * (cosines - TEXT_MIDDLE)).astype(np.float32)


def attribute_names() -> tuple[tuple[str, str], ...]:
    """Return the kind and value of every attribute column (A)."""
    return tuple((kind, value) for kind, values in KINDS.items() for value in values)
