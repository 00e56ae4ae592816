"""The methods that can rank a collection, by their names, and what a ranking by one of them holds.

Apart from the computation (see ``search.method_ranker``), so that it is used without loading torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hicalm.data.home import ZERO_SHOT
from hicalm.errors import HicalmError

HICALM, MUSEUM_VECTOR, MEAN_FEATURES = "hicalm", "hicalm-museum", "clip-mean"
DEFAULT = "default"
HOSA, VTM_UCH = "hosa", "vtm-uch"
BASELINES = ("flat", "hierartex")  # ranked by the museum's vector alone

# In the order in which they are listed. One that is not here is a model that somebody trained.
DESCRIPTIONS = {
    DEFAULT: "What this app does with a query: it reads a plan, mends misspelt words, adds up the "
    "levels and the plan's value and, for the 50 best by them, the words.",
    HICALM: "The model of this app: the museum, room and view levels added up, without the rest.",
    MUSEUM_VECTOR: "The same model, by the vector of the whole museum alone, as in the paper.",
    "flat": "Averages all views and all sentences and knows nothing of rooms.",
    "hierartex": "HiCALM's predecessor: rooms and museums are averages, in no order.",
    "hicalm-without-art": "The model of this app, trained without the art expert's features.",
    HOSA: "The words of the query against the views of each room, and nothing else.",
    VTM_UCH: "Short binary codes of sentences and views: 64 bits each, learnt without labels.",
    ZERO_SHOT: "The encoder's own features at all three levels, centred by this collection.",
    MEAN_FEATURES: "Averages the encoder's own features; nothing was trained on museums.",
}
OTHER = "Another trained model, kept beside this app's."
# What people read; machines read the keys.
NAMES = {
    DEFAULT: "HiCALM Explorer (default)",
    HICALM: "HiCALM, levels only",
    MUSEUM_VECTOR: "HiCALM, museum vector",
    "flat": "Flat",
    "hierartex": "HierArtEx",
    "hicalm-without-art": "HiCALM without art expert",
    HOSA: "HOSA, words only",
    VTM_UCH: "VTM-UCH, binary codes",
    ZERO_SHOT: "Zero-shot hierarchy",
    MEAN_FEATURES: "Mean features (CLIP-style)",
}


def describe(method: str) -> str:
    """Return one plain sentence about a method."""
    return DESCRIPTIONS.get(method, OTHER)


def readable(method: str) -> str:
    """Return a method's name for people; a model that somebody trained keeps its own."""
    return NAMES.get(method, method)


def check_method(method: str, methods: Sequence[str]) -> None:
    """Raise HicalmError for a method that is not among ``methods``."""
    if method not in methods:
        raise HicalmError(f"There is no method '{method}'. Choose one of {', '.join(methods)}.")


@dataclass(frozen=True)
class Ranking:
    """All museums of a collection in the order of a method, the best first.

    museum_ids (B,); scores float32 (B,), higher is better: they compare museums, not methods.
    """

    method: str
    museum_ids: tuple[str, ...]
    scores: np.ndarray

    @classmethod
    def of(cls, method: str, museum_ids: Sequence[str], scores: np.ndarray) -> "Ranking":
        """Sort museums by their scores (B,); of equal ones the earlier comes first."""
        order = np.argsort(-scores, kind="stable")
        return cls(method, tuple(museum_ids[row] for row in order), scores[order])

    @property
    def ranks(self) -> dict[str, int]:
        """The rank, from 1, of every museum by its id."""
        return {museum: rank for rank, museum in enumerate(self.museum_ids, start=1)}
