"""Methods compared on the museums of one split: metrics, ranks, mean and spread over seeds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hicalm.data.collection import Collection
from hicalm.encoders.encode import encoder_of
from hicalm.errors import HicalmError
from hicalm.evaluation.concepts import concept_metrics, concepts_of
from hicalm.evaluation.judging import evaluate_scores
from hicalm.evaluation.metric_tables import ComparisonMetrics
from hicalm.evaluation.model_runs import Method
from hicalm.evaluation.rank_file import DescriptionRanks, description_text
from hicalm.evaluation.user_queries import UserQueries, user_query_metrics
from hicalm.levels import FULL, LENGTHS
from hicalm.metrics import ranks_of_targets
from hicalm.models.checkpoints import content_hash, load_model
from hicalm.retrieval.methods import HICALM
from hicalm.retrieval.queries import Queries, description_origins, description_queries, text_queries
from hicalm.retrieval.scorers import ModelScorer, MuseumScorer, clip_mean_scores
from hicalm.retrieval.scoring import LevelWeights
from hicalm.world.relevance import LabelledQuery, load_queries

PARAPHRASE, USER = "paraphrase", "user_queries"
Scorer = Callable[[str, Queries], np.ndarray]


@dataclass
class Comparison:
    """All methods on all texts of one split; nothing is scored before ``metrics``.

    Args:
        lengths: which texts of the descriptions are queries, of ``levels.LENGTHS``.
        paraphrased: labelled queries and their features, where there is a ground truth.
        stop_words: what is no concept; None to leave out nDCG by concepts.
        user: the published user queries.
        with_ranks: also score what ``ranks`` needs: all texts, by the first run of each method.
    """

    collection: Collection
    methods: Sequence[Method]
    lengths: Sequence[str] = LENGTHS
    paraphrased: tuple[list[LabelledQuery], Queries] | None = None
    stop_words: frozenset[str] | None = None
    user: UserQueries | None = None
    with_ranks: bool = False
    notes: list[str] = field(default_factory=list)  # a sentence for each method left out
    full_ranks: dict[str, np.ndarray] = field(default_factory=dict)  # method -> (runs * Q,)

    def __post_init__(self) -> None:
        self._queries = description_queries(self.collection, self.lengths)
        self._rank_queries: dict[str, Queries] = {}
        if self.with_ranks:
            if HICALM not in (method.name for method in self.methods):
                raise HicalmError(
                    f"The ranks need a model called '{HICALM}', as the app shows it: name its "
                    "folder so, or leave out --ranks."
                )
            others = [length for length in LENGTHS if length not in self._queries]
            self._rank_queries = description_queries(self.collection, others)
        if self.paraphrased is not None:
            self._queries[PARAPHRASE] = self.paraphrased[1]
        self._concepts: list[list[str]] | None = None
        if self.stop_words is not None and FULL in self._queries:
            texts = (description_text(museum) for museum in self.collection.museums)
            self._concepts = concepts_of(texts, self.stop_words)
        self._kept: dict[str, dict[str, np.ndarray]] = {}

    def metrics(self) -> ComparisonMetrics:
        """Return the metrics of all methods. Raises HicalmError where no method can rank."""
        found: dict[str, list[dict]] = {}
        for method in self.methods:
            try:
                found[method.name] = self._metrics_by_seed(method)
            except HicalmError as error:
                self.notes.append(f"{method.name} is left out. {error}")
        if not found:
            raise HicalmError(" ".join(["No model can be evaluated.", *self.notes]))
        sizes = {name: len(batch.paragraph_counts) for name, batch in self._queries.items()}
        if self.user is not None:
            sizes[USER] = len(self.user.gains)
        metrics: ComparisonMetrics = {
            "methods": {name: over_seeds(runs, _mean) for name, runs in found.items()},
            "museums": len(self.collection.museums),
            "queries": sizes,
        }
        if several := {name: runs for name, runs in found.items() if len(runs) > 1}:
            metrics["tries"] = {name: len(runs) for name, runs in several.items()}
            metrics["spread"] = {name: over_seeds(t, _deviation) for name, t in several.items()}
        return metrics

    def ranks(self) -> DescriptionRanks:
        """Return the rank of the right museum for every text, after ``metrics``, by first runs."""
        own = next(method for method in self.methods if method.name == HICALM)
        if own.name not in self._kept:
            raise HicalmError(" ".join(["The ranks cannot be made.", *self.notes]))
        return rank_descriptions(self.collection, own.runs[0], self._kept)

    def _metrics_by_seed(self, method: Method) -> list[dict]:
        if not method.runs:
            return [self._metrics_of(method, self._mean_features)]
        folders = tqdm(method.runs, desc=method.name, disable=None, leave=False)
        return [self._metrics_of(method, self._scorer(method, folder)) for folder in folders]

    def _scorer(self, method: Method, folder: Path) -> Scorer:
        model = load_model(folder)
        if method.by_levels:
            by_levels, weights = ModelScorer(model, self.collection), LevelWeights.load(folder)
            return lambda _, queries: by_levels.scores(queries, weights)
        museums = MuseumScorer(model, self.collection)
        return lambda name, queries: museums.scores(queries, whole=name == FULL)

    def _mean_features(self, _: str, queries: Queries) -> np.ndarray:
        fingerprints = self.collection.features.fingerprints
        if fingerprints["view"].dim != fingerprints["sentence"].dim:
            raise HicalmError("The encoder's views and sentences have different widths.")
        return clip_mean_scores(self.collection, queries)

    def _metrics_of(self, method: Method, score: Scorer) -> dict[str, dict]:
        """Return the metrics of one run, and keep its ranks."""
        scores = {name: score(name, queries) for name, queries in self._queries.items()}
        labelled = self.paraphrased[0] if self.paraphrased is not None else []
        metrics = evaluate_scores(scores, self._queries, labelled, self.collection)
        if FULL in scores:
            before = self.full_ranks.get(method.name, np.zeros(0, np.int64))
            self.full_ranks[method.name] = np.append(before, ranks_of_targets(scores[FULL]))
        if self._concepts is not None:
            metrics["concepts"] = concept_metrics(scores[FULL], self._concepts)
        if self.user is not None:
            found = score(USER, self.user.queries)
            metrics[USER] = user_query_metrics(found, self.user.gains)
        if self.with_ranks and method.name not in self._kept:
            others = {name: score(name, queries) for name, queries in self._rank_queries.items()}
            self._kept[method.name] = scores | others
        return metrics


def over_seeds(runs: Sequence[Mapping], combine: Callable[[list[float]], float]) -> dict:
    """Return nested metrics of one form in which each value combines those of all runs."""
    return {key: _combined([run[key] for run in runs], combine) for key in runs[0]}


def _combined(values: list, combine: Callable[[list[float]], float]) -> dict | list | float:
    if isinstance(values[0], Mapping):
        return over_seeds(values, combine)
    if isinstance(values[0], list):
        return [_combined(list(entries), combine) for entries in zip(*values, strict=True)]
    return combine(values)


def _mean(values: list[float]) -> float:
    return values[0] if len(values) == 1 else float(np.mean(values))


def _deviation(values: list[float]) -> float:
    return float(np.std(values, ddof=1))


def paraphrased_queries(
    collection: Collection, queries_file: Path, split: str
) -> tuple[list[LabelledQuery], Queries]:
    """Return the labelled queries of a split and their features by the collection's encoder.

    Raises HicalmError for a file that cannot be read or has none, or an encoder that is not there.
    """
    labelled = load_queries(queries_file, split)
    if not labelled:
        raise HicalmError(f"'{queries_file}' has no queries of the split '{split}'.")
    return labelled, text_queries([query.text for query in labelled], encoder_of(collection))


def rank_descriptions(
    collection: Collection, checkpoint: Path, scores: dict[str, dict[str, np.ndarray]]
) -> DescriptionRanks:
    """Rank the right museum of every text by the scores (Q, B) of each method and length."""
    origins = description_origins(collection)
    return DescriptionRanks(
        collection=collection.name,
        museums=tuple(museum.id for museum in collection.museums),
        encoder=collection.features.fingerprints["sentence"].hash,
        weights=content_hash(checkpoint),
        origins={
            length: {name: rows.tolist() for name, rows in vars(origin).items() if rows is not None}
            for length, origin in origins.items()
        },
        ranks={
            method: {
                length: ranks_of_targets(by_length[length], origins[length].museum).tolist()
                for length in LENGTHS
            }
            for method, by_length in scores.items()
        },
        first={length: scores[HICALM][length].argmax(axis=1).tolist() for length in LENGTHS},
    )
