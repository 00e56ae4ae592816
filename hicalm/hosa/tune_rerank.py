"""How much HOSA's score counts beside HiCALM's: measured, and chosen on validation queries."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hicalm.data.collection import Collection
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.hosa.model import HosaModel
from hicalm.hosa.rerank import RoomScorer, read_sentences
from hicalm.metrics import Interval, bootstrap_interval, ndcg_at
from hicalm.models.checkpoints import load_model
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.query_text import split_rooms
from hicalm.retrieval.queries import text_queries
from hicalm.retrieval.scorers import ModelScorer
from hicalm.retrieval.stages import MAX_RERANKED
from hicalm.world.relevance import LabelledQuery, gains

GRID = np.round(np.arange(0, 6.01, 0.2), 1)  # weights of HOSA's score; HiCALM's counts once
CUTOFF = 5


@dataclass(frozen=True)
class RerankScores:
    """Labelled queries ranked by HiCALM, and HOSA's scores of the first museums of each.

    scores (Q, B); first (Q, 50): rows of the museums; hosa_scores (Q, 50): theirs by HOSA;
    relevance (Q, B).
    """

    scores: np.ndarray
    first: np.ndarray
    hosa_scores: np.ndarray
    relevance: np.ndarray

    def ndcg(self, weight: float) -> np.ndarray:
        """Return nDCG@5 of every query (Q,) with HOSA's score counting ``weight``."""
        rows = np.arange(len(self.scores))[:, None]
        # museums behind the first stay behind them, in their order: cosines lie in -1..1
        ranked = self.scores - np.ptp(self.scores) - 2 * weight - 1
        ranked[rows, self.first] = self.scores[rows, self.first] + weight * self.hosa_scores
        return ndcg_at(ranked, self.relevance, CUTOFF).per_query

    def best_weight(self) -> float:
        """Return the weight with the highest mean; of equal ones the smallest."""
        return float(max(GRID, key=lambda weight: (self.ndcg(weight).mean(), -weight)))

    def improvement(self, weight: float) -> tuple[float, Interval]:
        """Return the mean gain in nDCG@5 over HiCALM's, and its 95 % interval (bootstrap)."""
        improvement = self.ndcg(weight) - self.ndcg(0.0)
        return float(improvement.mean()), bootstrap_interval(improvement, seed=0)


def score_for_rerank(
    checkpoint: Path,
    hosa: HosaModel,
    collection: Collection,
    labelled: list[LabelledQuery],
    encoder: Encoder,
) -> RerankScores:
    """Rank labelled queries by HiCALM's ``checkpoint`` and read the first museums by HOSA.

    Raises HicalmError for a collection without ground truth or of another encoder than HOSA's.
    """
    if not collection.specifications:
        raise HicalmError(
            f"'{collection.name}' has no ground truth that could say which museums are right."
        )
    fingerprint = collection.features.fingerprints.get("view")
    if fingerprint is None or hosa.config.encoder != fingerprint.label:
        found = f"was encoded with {fingerprint.label}" if fingerprint else "has no view features"
        raise HicalmError(
            f"HOSA reads features of the encoder {hosa.config.encoder}, but the collection {found}."
        )
    if not labelled:
        raise HicalmError("There are no labelled queries of this split to judge by.")
    reader = RoomScorer(
        hosa, collection.features.rows("view"), collection.view_counts, collection.room_counts
    )
    scores = ModelScorer(load_model(checkpoint), collection).scores(
        text_queries([query.text for query in labelled], encoder), LevelWeights.load(checkpoint)
    )
    first = np.argsort(-scores, axis=1, kind="stable")[:, :MAX_RERANKED]
    hosa_scores = []
    for query, rows in zip(labelled, first, strict=True):
        sentences = read_sentences(hosa, split_rooms(query.text), encoder.encode_words)
        hosa_scores.append(reader.scores(rows, sentences))
    relevance = np.stack([gains(q.predicate, list(collection.specifications)) for q in labelled])
    return RerankScores(scores, first, np.stack(hosa_scores), relevance)
