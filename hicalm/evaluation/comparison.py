"""Methods compared on the museums of one split: metrics, ranks, mean and spread over seeds.

One of the methods is the product itself, ``default``: it answers the labelled queries only, since
typed paragraphs and descriptions are ranked by their levels, as ``hicalm`` ranks them.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.evaluation.certainty import UNANSWERABLE, JudgedSearch, certainty_metrics
from hicalm.evaluation.concepts import concept_metrics, concepts_of
from hicalm.evaluation.judging import evaluate_scores, ndcg_by_query
from hicalm.evaluation.labelled import AbsentQuery, LabelledSet
from hicalm.evaluation.metric_tables import ComparisonMetrics
from hicalm.evaluation.model_runs import Method
from hicalm.evaluation.paired import paired_difference
from hicalm.evaluation.product import Answer, Product, order_metrics
from hicalm.evaluation.rank_file import DescriptionRanks, description_text
from hicalm.evaluation.user_queries import UserQueries, user_query_metrics
from hicalm.levels import FULL, LENGTHS
from hicalm.metrics import RELEVANT_GAIN, ranks_of_targets
from hicalm.models.checkpoints import content_hash, open_model
from hicalm.models.score_weights import LevelWeights
from hicalm.retrieval.methods import DEFAULT, HICALM
from hicalm.retrieval.queries import Queries, description_origins, description_queries
from hicalm.retrieval.scorers import ModelScorer, MuseumScorer, clip_mean_scores

USER = "user_queries"
Scorer = Callable[[str, Queries], np.ndarray]


@dataclass
class Comparison:
    """All methods on all texts of one split; nothing is scored before ``metrics``.

    Args:
        lengths: which texts of the descriptions are queries, of ``levels.LENGTHS``.
        labelled: sets of queries judged by the ground truth, where there is one.
        stop_words: what is no concept; None to leave out nDCG by concepts.
        user: the published user queries.
        absent: queries for what no museum has, by which the product's certainty is judged.
        open_product: opens the product for the method ``default``, once it is needed.
        with_ranks: also score what ``ranks`` needs: all texts, by the first run of each method.
        stored: gives the scores of a run of a model where they were made before.
    """

    collection: Collection
    methods: Sequence[Method]
    lengths: Sequence[str] = LENGTHS
    labelled: Sequence[LabelledSet] = ()
    stop_words: frozenset[str] | None = None
    user: UserQueries | None = None
    absent: Sequence[AbsentQuery] = ()
    open_product: Callable[[], Product] | None = None
    with_ranks: bool = False
    notes: list[str] = field(default_factory=list)  # a sentence for each method left out
    stored: Callable[[Method, Path], Scorer] | None = None
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
        self._queries |= {one.name: one.queries for one in self.labelled}
        self._graded = {one.name: one.graded for one in self.labelled}
        # set -> method -> nDCG@5 by query of every run
        self._by_query: dict[str, dict[str, list[np.ndarray]]] = {}
        self._answers: dict[str, list[Answer]] = {}  # of the product, by set
        self._product: Product | None = None
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
        if DEFAULT in found:
            metrics["paired"] = self._paired()
            self._add_certainty(metrics)
        return metrics

    def ranks(self) -> DescriptionRanks:
        """Return the rank of the right museum for every text, after ``metrics``, by first runs."""
        own = next(method for method in self.methods if method.name == HICALM)
        if own.name not in self._kept:
            raise HicalmError(" ".join(["The ranks cannot be made.", *self.notes]))
        return rank_descriptions(self.collection, own.runs[0], self._kept)

    def _metrics_by_seed(self, method: Method) -> list[dict]:
        if method.name == DEFAULT:
            return [self._metrics_of(method, self._product_scores, self._graded)]
        if not method.runs:
            return [self._metrics_of(method, self._mean_features)]
        folders = tqdm(method.runs, desc=method.name, disable=None, leave=False)
        scorer = self.stored or self._scorer
        return [self._metrics_of(method, scorer(method, folder)) for folder in folders]

    def scores_of(self, method: Method, folder: Path) -> dict[str, np.ndarray]:
        """Return the scores (Q, B) of a run of a model on all queries that it is asked."""
        score, asked = self._scorer(method, folder), dict(self._queries)
        if self.user is not None:
            asked[USER] = self.user.queries
        if self.with_ranks and folder == method.runs[0]:
            asked |= self._rank_queries
        return {name: score(name, queries) for name, queries in asked.items()}

    def product_texts(self) -> list[str]:
        """Return the texts that the product is to answer, each once; none where there is none."""
        if self.open_product is None or DEFAULT not in (method.name for method in self.methods):
            return []
        texts = [text for one in self.labelled for text in one.texts]
        return list(dict.fromkeys([*texts, *(query.text for query in self.absent)]))

    def _scorer(self, method: Method, folder: Path) -> Scorer:
        model = open_model(folder, self.collection)
        if method.by_levels:
            by_levels = ModelScorer(model, self.collection)
            weights = LevelWeights.load(folder, self.collection)
            return lambda _, queries: by_levels.scores(queries, weights)
        museums = MuseumScorer(model, self.collection)
        return lambda name, queries: museums.scores(queries, whole=name == FULL)

    def _mean_features(self, _: str, queries: Queries) -> np.ndarray:
        fingerprints = self.collection.features.fingerprints
        if fingerprints["view"].dim != fingerprints["sentence"].dim:
            raise HicalmError("The encoder's views and sentences have different widths.")
        return clip_mean_scores(self.collection, queries)

    def _product_scores(self, name: str, _: Queries) -> np.ndarray:
        if self.open_product is None:
            raise HicalmError("It is not there.")
        if self._product is None:
            self._product = self.open_product()
        own = next(one for one in self.labelled if one.name == name)
        self._answers[name] = self._product.answers(own.texts)
        return np.stack([answer.scores for answer in self._answers[name]])

    def _paired(self) -> dict[str, dict[str, dict]]:
        """Return by set of queries the product's lead over each other method."""
        found: dict[str, dict[str, dict]] = {}
        for name, runs in self._by_query.items():
            means = {method: np.mean(values, axis=0) for method, values in runs.items()}
            own = means.pop(DEFAULT)
            found[name] = {m: paired_difference(own, v).to_json() for m, v in means.items()}
        return found

    def _add_certainty(self, metrics: ComparisonMetrics) -> None:
        """Add how sure the product is and how rightly, and how true its lists are."""
        assert self._product is not None
        judged = [
            JudgedSearch(answer, one.name if max(gains) >= RELEVANT_GAIN else UNANSWERABLE, gains)
            for one in self.labelled
            for answer, gains in zip(self._answers[one.name], one.graded.gains, strict=True)
        ]
        nothing = np.zeros(len(self.collection.museums))
        texts = [query.text for query in self.absent]
        for answer, query in zip(self._product.answers(texts), self.absent, strict=True):
            judged.append(JudgedSearch(answer, query.kind, nothing))
        metrics["order"] = order_metrics([one.answer for one in judged])
        try:
            metrics["certainty"] = certainty_metrics(judged)
        except HicalmError as error:
            self.notes.append(f"How sure answers are is left out. {error}")

    def _metrics_of(
        self, method: Method, score: Scorer, asked: Container[str] | None = None
    ) -> dict[str, dict]:
        """Return the metrics of one run, and keep its ranks; ``asked`` are the sets, None all."""
        queries = {n: q for n, q in self._queries.items() if asked is None or n in asked}
        scores = {name: score(name, batch) for name, batch in queries.items()}
        for name, graded in self._graded.items():
            runs = self._by_query.setdefault(name, {}).setdefault(method.name, [])
            runs.append(ndcg_by_query(scores[name], graded))
        metrics = evaluate_scores(scores, queries, self._graded)
        if asked is not None:
            return metrics
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
