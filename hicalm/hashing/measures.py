"""How well codes find what is relevant: mean average precision, precision and recall by length.

Q queries, N items; an item is relevant to a query if they share a label. Items are ranked by
rising distance, and of equal distances the one that comes first in the retrieval set is first (the
order of the set is drawn by chance, so this favours none). Queries without any relevant item are
left out.
"""

from collections.abc import Callable

import numpy as np

from hicalm.errors import HicalmError
from hicalm.hashing.codes import CodeSet, unpack

QUERIES_AT_ONCE = 256
TOP = 50
DIRECTIONS = {
    "image_to_text": ("q_img", "r_txt"),
    "text_to_image": ("q_txt", "r_img"),
}
RETRIEVED = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
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

    def __init__(self, items: int) -> None:
        self.sizes = np.array([n for n in RETRIEVED if n < items] + [items])
        self.queries = 0
        self._precisions = {"mAP": 0.0, f"mAP@{TOP}": 0.0}
        self._precision, self._recall = np.zeros(len(self.sizes)), np.zeros(len(self.sizes))

    def add(self, distances: np.ndarray, relevant: np.ndarray) -> None:
        """Add queries by their distances (q, N) and what is relevant to them, bool (q, N)."""
        order = np.argsort(distances, axis=1, kind="stable")
        hits = np.take_along_axis(relevant, order, axis=1)
        hits = hits[hits.any(axis=1)]
        if not len(hits):
            return
        self.queries += len(hits)
        found = np.cumsum(hits, axis=1, dtype=np.int32)
        self._precisions["mAP"] += average_precisions(hits, found).sum()
        self._precisions[f"mAP@{TOP}"] += average_precisions(hits[:, :TOP], found[:, :TOP]).sum()
        at_sizes = found[:, self.sizes - 1]
        self._precision += (at_sizes / self.sizes).sum(axis=0)
        self._recall += (at_sizes / found[:, -1:]).sum(axis=0)

    def metrics(self) -> RankMetrics:
        """Return mAP and mAP@50 in [0, 1], and the curve: items, precision and recall.

        Raises HicalmError if no query had anything relevant.
        """
        if not self.queries:
            raise HicalmError(
                "There is nothing to measure: no query shares a label with any item that is "
                "searched."
            )
        count = self.queries
        means = {name: float(total / count) for name, total in self._precisions.items()}
        curve = {
            "retrieved": self.sizes.tolist(),
            "precision": (self._precision / count).tolist(),
            "recall": (self._recall / count).tolist(),
        }
        return {"queries": self.queries, **means, **curve}


def average_precisions(hits: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return the average precision of each row of hits, bool (q, n), float64 (q,).

    It is the mean, over the hits, of the precision at each: as published, over those among the n
    places; 0 without any. ``found`` (q, n) counts the hits up to each place.
    """
    precision = found / np.arange(1, hits.shape[1] + 1)
    return (precision * hits).sum(axis=1) / np.maximum(found[:, -1], 1)


def rank_codes(found: CodeSet) -> dict[str, dict[str, RankMetrics]]:
    """Return ``{kind of label: {direction: metrics}}`` of a set of codes."""
    return {
        kind: {
            direction: rank(_distances(found, *keys), found.query_labels[kind], labels)
            for direction, keys in DIRECTIONS.items()
        }
        for kind, labels in found.labels.items()
    }


def _distances(found: CodeSet, query: str, rest: str) -> Callable[[slice], np.ndarray]:
    """Return the function of rows of queries that ``rank`` asks, for the codes of two keys."""
    return lambda rows: hamming_distances(found.codes[query][rows], found.codes[rest])


def rank(
    distances_of: Callable[[slice], np.ndarray], query_labels: np.ndarray, labels: np.ndarray
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
    ranking = Ranking(len(labels))
    by_label = labels.T.astype(np.float32)
    for start in range(0, len(query_labels), QUERIES_AT_ONCE):
        rows = slice(start, start + QUERIES_AT_ONCE)
        relevant = query_labels[rows].astype(np.float32) @ by_label > 0
        ranking.add(distances_of(rows), relevant)
    return ranking.metrics()
