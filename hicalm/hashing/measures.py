"""How well codes find what is relevant: mean average precision, precision and recall by length.

Q queries, N items; an item is relevant to a query if they share a label. Items are ranked by
rising distance, and of equal distances the one that comes first in the retrieval set is first (the
order of the set is drawn by chance, so this favours none). The published code sorts without saying
which of equals is first; between what orders mAP can lie, ``mAP ties`` says. What differs between
our protocol and the published one is in ``protocols.Judging``.
"""

from collections.abc import Callable

import numpy as np

from hicalm.errors import HicalmError
from hicalm.hashing.codes import CodeSet, unpack
from hicalm.hashing.protocols import Judging

QUERIES_AT_ONCE = 256
TOP = 50
DIRECTIONS = {
    "image_to_text": ("q_img", "r_txt"),
    "text_to_image": ("q_txt", "r_img"),
}
TIES = "mAP ties"  # the mAP if all equal distances were ordered against the codes, and for them
RankMetrics = dict[str, float | list]  # what ``Ranking.metrics`` returns


def hamming_distances(queries: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the Hamming distances of packed codes (Q, k / 8) and (N, k / 8), int16 (Q, N)."""
    if queries.shape[1] != codes.shape[1]:
        raise HicalmError(
            f"Codes of {8 * queries.shape[1]} and of {8 * codes.shape[1]} bits cannot be compared."
        )
    signs = [unpack(part).astype(np.float32) * 2 - 1 for part in (queries, codes)]
    products = signs[0] @ signs[1].T  # of k products ±1, each bit that differs takes away 2
    return ((signs[0].shape[1] - products) / 2).astype(np.int16)


class Ranking:
    """Sums over queries, of which some are added at a time; then the metrics."""

    def __init__(self, items: int, judging: Judging = Judging()) -> None:
        self._judging = judging
        self.sizes = np.array([n for n in judging.lengths if n < items] + [items])
        self.queries = self.unanswered = 0
        self._precisions = {"mAP": 0.0, f"mAP@{TOP}": 0.0}
        self._ties = np.zeros(2)
        self._precision, self._recall = np.zeros(len(self.sizes)), np.zeros(len(self.sizes))

    def add(self, distances: np.ndarray, relevant: np.ndarray) -> None:
        """Add queries by their distances (q, N) and what is relevant to them, bool (q, N)."""
        answered = relevant.any(axis=1)
        self.unanswered += int((~answered).sum())
        distances, relevant = distances[answered], relevant[answered]
        if not len(distances):
            return
        order = np.argsort(distances, axis=1, kind="stable")
        hits = np.take_along_axis(relevant, order, axis=1)
        self.queries += len(hits)
        found = np.cumsum(hits, axis=1, dtype=np.int32)
        self._precisions["mAP"] += average_precisions(hits, found).sum()
        self._precisions[f"mAP@{TOP}"] += self._first(hits, found).sum()
        if np.issubdtype(distances.dtype, np.integer):
            self._ties += tied_precisions(distances, relevant).sum(axis=1)
        at_sizes = found[:, self.sizes - 1]
        self._precision += (at_sizes / self.sizes).sum(axis=0)
        self._recall += (at_sizes / found[:, -1:]).sum(axis=0)

    def _first(self, hits: np.ndarray, found: np.ndarray) -> np.ndarray:
        if self._judging.map_at == "retrieved":
            return average_precisions(hits[:, :TOP], found[:, :TOP])
        return average_precisions(hits & (found <= TOP), np.minimum(found, TOP))

    def metrics(self) -> RankMetrics:
        """Return mAP and mAP@50 in [0, 1], what ties can do to mAP, and the curve.

        `queries` counts those in the means, `unanswered` those that nothing is relevant to. Ties
        are said of whole distances (codes). Raises HicalmError if no query had anything relevant.
        """
        if not self.queries:
            raise HicalmError(
                "There is nothing to measure: no query shares a label with any item that is "
                "searched."
            )
        count = self.queries + (self.unanswered if self._judging.unanswered == "zero" else 0)
        means: RankMetrics = {name: float(sum_ / count) for name, sum_ in self._precisions.items()}
        if self._ties.any():
            means[TIES] = (self._ties / count).tolist()
        curve = {
            "retrieved": self.sizes.tolist(),
            "precision": (self._precision / count).tolist(),
            "recall": (self._recall / count).tolist(),
        }
        return {"queries": count, "unanswered": self.unanswered, **means, **curve}


def average_precisions(hits: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return the average precision of each row of hits, bool (q, n), float64 (q,).

    It is the mean, over the hits, of the precision at each; 0 without any. ``found`` (q, n) counts
    the hits up to each place.
    """
    precision = found / np.arange(1, hits.shape[1] + 1)
    return (precision * hits).sum(axis=1) / np.maximum(found[:, -1], 1)


def tied_precisions(distances: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """Return the least and the most average precision that orders of equal distances give, (2, q).

    Whole distances (q, N); relevant: bool (q, N), one at least in every row.
    """
    found = []
    for first in (~relevant, relevant):  # of equals, these come first
        # 16 bits are sorted by digits, three times as fast, and hold twice the longest code
        order = np.argsort(2 * distances.astype(np.int16) + ~first, axis=1, kind="stable")
        hits = np.take_along_axis(relevant, order, axis=1)
        found.append(average_precisions(hits, np.cumsum(hits, axis=1, dtype=np.int32)))
    return np.array(found)


def rank_codes(found: CodeSet, judging: Judging = Judging()) -> dict[str, dict[str, RankMetrics]]:
    """Return ``{kind of label: {direction: metrics}}`` of a set of codes."""
    return {
        kind: {
            direction: rank(_distances(found, *keys), found.query_labels[kind], labels, judging)
            for direction, keys in DIRECTIONS.items()
        }
        for kind, labels in found.labels.items()
    }


def _distances(found: CodeSet, query: str, rest: str) -> Callable[[slice], np.ndarray]:
    """Return the function of rows of queries that ``rank`` asks, for the codes of two keys."""
    return lambda rows: hamming_distances(found.codes[query][rows], found.codes[rest])


def rank(
    distances_of: Callable[[slice], np.ndarray],
    query_labels: np.ndarray,
    labels: np.ndarray,
    judging: Judging = Judging(),
) -> RankMetrics:
    """Return the metrics of a ranking.

    Args:
        distances_of: rows (a slice) of the queries -> distances (q, N).
        query_labels, labels: bool (Q, L) and (N, L).
    Raises HicalmError for labels of unequal number, and where nothing is relevant to any query.
    """
    if query_labels.shape[1] != labels.shape[1]:
        raise HicalmError(
            f"Queries have {query_labels.shape[1]} labels, but the retrieval set {labels.shape[1]}."
        )
    ranking = Ranking(len(labels), judging)
    by_label = labels.T.astype(np.float32)
    for start in range(0, len(query_labels), QUERIES_AT_ONCE):
        rows = slice(start, start + QUERIES_AT_ONCE)
        relevant = query_labels[rows].astype(np.float32) @ by_label > 0
        ranking.add(distances_of(rows), relevant)
    return ranking.metrics()
