"""How relevant images are to captions, for nDCG: given as in TERAN's layout, or computed here.

A given file, ``relevances/NAME-SPLIT-rougeL.npy`` (or ``spice``) beside the annotations, has no
header: float32, captions x images, row after row. What is computed is ROUGE-L as that layout's:
the words of a caption and of an image's five are compared by their longest common subsequence; the
best precision P and the best recall R of the five make (1 + b²) P R / (R + b² P), b = 1.2 (Lin
2004). Words are what lies between blanks, in lower case.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hicalm.errors import HicalmError
from hicalm.hosa.hosa_config import DataConfig
from hicalm.hosa.precomputed import TEXTS_PER_IMAGE
from hicalm.metrics import ndcg_at

ROUGE, SPICE = "rougeL", "spice"
BETA = 1.2
PLACES = 25  # that count
CAPTIONS_AT_ONCE = 256
FIRST_CHARACTER = 0x10000  # words as single characters, away from surrogates


def given_relevances(data: DataConfig, split: str, kind: str, images: int) -> np.ndarray | None:
    """Return the given relevances of a split, float32 (T, I), mapped; None where there is no file.

    Raises HicalmError for an unknown kind, a file of another size, and one not wholly computed.
    """
    if kind not in (ROUGE, SPICE):
        raise HicalmError(f"Relevances are {ROUGE} or {SPICE}, not '{kind}'.")
    root = Path(data.folder) / data.name if data.layout == "teran" else Path(data.folder)
    path = root / "relevances" / f"{data.name}-{split}-{kind}.npy"
    if not path.is_file():
        return None
    shape = (TEXTS_PER_IMAGE * images, images)
    if path.stat().st_size != 4 * shape[0] * shape[1]:
        raise HicalmError(
            f"'{path}' must have {4 * shape[0] * shape[1]:,} bytes, float32 of {shape[0]:,} "
            f"captions by {shape[1]:,} images without a header, not {path.stat().st_size:,}."
        )
    found = np.memmap(path, np.float32, "r", shape=shape)
    for start in range(0, len(found), CAPTIONS_AT_ONCE):
        part = found[start : start + CAPTIONS_AT_ONCE]
        if not (np.isfinite(part).all() and (part >= 0).all()):
            raise HicalmError(
                f"'{path}' has negative or no numbers: it was not computed to its end."
            )
    return found


def rouge_relevances(captions: Sequence[str], workers: int = 1) -> np.ndarray:
    """Return the ROUGE-L of captions (T) with the five of every image, float32 (T, T / 5), 0 to 1.

    ``workers``: threads that compare.
    """
    from rapidfuzz.distance import LCSseq
    from rapidfuzz.process import cdist

    words = [caption.lower().split(" ") for caption in captions]
    numbers: dict[str, int] = {}
    coded = [
        "".join(chr(FIRST_CHARACTER + numbers.setdefault(word, len(numbers))) for word in own)
        for own in words
    ]
    lengths = np.array([len(own) for own in words], np.float32)
    found = np.empty((len(captions), len(captions) // TEXTS_PER_IMAGE), np.float32)
    for start in range(0, len(captions), CAPTIONS_AT_ONCE):
        rows = slice(start, start + CAPTIONS_AT_ONCE)
        common = cdist(
            coded[rows], coded, scorer=LCSseq.similarity, dtype=np.uint16, workers=workers
        ).astype(np.float32)
        groups = (len(common), -1, TEXTS_PER_IMAGE)
        precision = (common / lengths[rows, None]).reshape(groups).max(axis=2)
        recall = (common / lengths).reshape(groups).max(axis=2)
        weight = BETA**2
        score = (1 + weight) * precision * recall / np.maximum(recall + weight * precision, 1e-9)
        found[rows] = score
    return found


def ndcg(scores: np.ndarray, relevances: np.ndarray) -> dict[str, float]:
    """Return nDCG@25 of images and captions, both ways, 0 to 1.

    The gain is 2^relevance - 1, a query without any gain counts 0, and of equal scores the least
    relevant comes first.

    Args:
        scores: (I, T), larger is better.
        relevances: (T, I).
    """
    ways = {"i2t": (scores, relevances.T), "t2i": (scores.T, relevances)}
    return {name: _mean(*both) for name, both in ways.items()}


def _mean(scores: np.ndarray, relevances: np.ndarray) -> float:
    total = 0.0
    for start in range(0, len(scores), CAPTIONS_AT_ONCE):
        rows = slice(start, start + CAPTIONS_AT_ONCE)
        gains = np.exp2(np.asarray(relevances[rows], np.float64)) - 1
        total += float(np.nan_to_num(ndcg_at(scores[rows], gains, PLACES).per_query).sum())
    return total / len(scores)
