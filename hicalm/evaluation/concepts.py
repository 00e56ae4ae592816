"""Concepts of museums, and nDCG by them: how much alike are the museums that a ranking puts first?

The concepts of a museum are its most frequent words and numbers without stop words; two museums are
as relevant to each other as their concepts overlap. Published with HiCALM, whose list of weak words
was made by hand: ours is ``retrieval/stop_words.txt``, and another file can take its place.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from hicalm.metrics import checked_scores
from hicalm.ragged import segment_ids
from hicalm.retrieval.words import terms_of

CONCEPTS = (3, 5, 10, 15)
CUTOFFS = (5, 10, 15)
ALIKE = 0.5  # museums that overlap by more than this bound the cutoff


def concepts_of(
    texts: Iterable[str], stop_words: frozenset[str], max_words: int = max(CONCEPTS)
) -> list[list[str]]:
    """Return the most frequent words of every text, at most ``max_words`` each.

    Ties go to the word seen first. Each text is read once, and each piece between blanks is taken
    apart once for all texts.
    """
    kept: dict[str, list[str]] = {}
    return [_most_frequent(text, stop_words, max_words, kept) for text in texts]


def _most_frequent(
    text: str, stop_words: frozenset[str], max_words: int, kept: dict[str, list[str]]
) -> list[str]:
    """``kept`` has the words that count of pieces seen before; new ones are added."""
    counts: dict[str, int] = {}
    for piece, times in Counter(text.split()).items():
        if piece not in kept:
            kept[piece] = [word for word in terms_of(piece) if word not in stop_words]
        for word in kept[piece]:
            counts[word] = counts.get(word, 0) + times
    return [word for word, _ in Counter(counts).most_common(max_words)]


def overlap(concepts: Sequence[Sequence[str]], number: int) -> np.ndarray:
    """Return the intersection over union of the first ``number`` concepts of texts, (B, B).

    A text without any concept overlaps with nothing, not even itself.
    """
    kept = [list(words[:number]) for words in concepts]
    column: dict[str, int] = {}
    columns = [column.setdefault(word, len(column)) for words in kept for word in words]
    sizes = np.array([len(words) for words in kept], np.int64)
    rows = segment_ids(sizes)
    shape = (len(kept), max(1, len(column)))
    has = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape)
    common = (has @ has.T).toarray()
    union = sizes[:, None] + sizes[None, :] - common
    return np.divide(common, union, out=np.zeros(common.shape), where=union > 0)


def ndcg_by_concepts(
    scores: np.ndarray, relevance: np.ndarray, cutoffs: Sequence[int] = CUTOFFS
) -> dict[int, float]:
    """Return the mean nDCG at each cutoff in [0, 1] by the published definition.

    The gain of a place is e^relevance - 1; place i (from 1) is divided by ln(i + 1), but the first
    by 1; the cutoff is min(k, museums whose relevance is above 0.5). The ideal order is that of all
    museums. Queries without any such museum are left out; ties in the scores go against the system.

    Args:
        scores: (B, B) of every museum for the text of every museum, or the other way round.
        relevance: (B, B), 0 to 1.
    """
    scores, depth = checked_scores(scores), max(cutoffs)
    gains = np.expm1(relevance)
    achieved = _discounted(_gains_in_order(scores, gains, depth))
    ideal = _discounted(-np.sort(-gains, axis=1)[:, :depth])
    alike = (relevance > ALIKE).sum(axis=1)
    counted = np.flatnonzero(alike)
    metrics = {}
    for k in cutoffs:
        last = np.minimum(alike[counted], min(k, scores.shape[1])) - 1
        values = achieved[counted, last] / ideal[counted, last]
        metrics[k] = float(values.mean()) if len(values) else float("nan")
    return metrics


def concept_metrics(scores: np.ndarray, concepts: Sequence[Sequence[str]]) -> dict[str, dict]:
    """Return ``{direction: {concepts: {"nDCG@k": value}}}``, both ways, scores (B, B)."""
    metrics: dict[str, dict] = {"text_to_museum": {}, "museum_to_text": {}}
    for number in CONCEPTS:
        relevance = overlap(concepts, number)
        for direction, ordered_scores in zip(metrics, (scores, np.asarray(scores).T), strict=True):
            found = ndcg_by_concepts(ordered_scores, relevance)
            metrics[direction][str(number)] = {f"nDCG@{k}": value for k, value in found.items()}
    return metrics


def _gains_in_order(scores: np.ndarray, gains: np.ndarray, depth: int) -> np.ndarray:
    """Return the gains (Q, depth) of the first places; of equal scores the smallest gain first."""
    order = _top_columns(scores, min(depth + 1, scores.shape[1]))
    best = np.take_along_axis(scores, order, axis=1)
    tied = np.flatnonzero((best[:, 1:] == best[:, :-1]).any(axis=1))
    if len(tied):  # only then do the gains play a part in the order
        full = np.lexsort((gains[tied], -scores[tied]), axis=1)
        order[tied] = full[:, : order.shape[1]]
    return np.take_along_axis(gains, order[:, :depth], axis=1)


def _top_columns(scores: np.ndarray, count: int) -> np.ndarray:
    """Return the columns of the highest scores of each row in falling order, (Q, count)."""
    chosen = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(scores, chosen, axis=1), axis=1)
    return np.take_along_axis(chosen, order, axis=1)


def _discounted(gains: np.ndarray) -> np.ndarray:
    """Return the sums of discounted gains up to every place, (Q, places)."""
    discounts = np.log(np.arange(2, gains.shape[1] + 2))
    discounts[0] = 1.0
    return np.cumsum(gains / discounts, axis=1)
