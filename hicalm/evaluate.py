"""Figures of a model on a collection: retrieval by descriptions and by paraphrased queries.

Queries of three lengths are made of the descriptions: the whole one, each room's paragraph, and
single sentences of rooms; each has one right museum. Paraphrased queries are short, written apart
from the descriptions, and judged by the ground truth (see ``relevance``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from hicalm.data.collection import Collection
from hicalm.data.rows import Rows
from hicalm.data.training import ranges, starts
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.geometry import unit
from hicalm.index import MuseumIndex, build_index, check_encoder, view_rows
from hicalm.metrics import (
    bootstrap_interval,
    mean_rank,
    median_rank,
    ndcg_at,
    precision_at,
    ranks_of_targets,
    recall_at,
)
from hicalm.ranks import LENGTHS
from hicalm.relevance import LabelledQuery, gains
from hicalm.scoring import LevelWeights, QueryVectors, encode_queries, level_cosines
from hicalm.scoring import score as weighted_sum
from hicalm.text import split_rooms

CUTOFFS = (1, 5, 10)
MOST_SENTENCES = 2000  # single-sentence queries, drawn once with a fixed seed
GRID = 20  # weights are chosen in steps of 1 / GRID


@dataclass(frozen=True)
class Queries:
    """Queries of one length with the features of their sentences.

    sentences (ΣS, D), as stored; sentence_counts (ΣP,); paragraph_counts (Q,);
    is_introduction (ΣP,); target (Q,): the row of the right museum, or None where relevance comes
    from the ground truth.
    """

    sentences: Rows
    sentence_counts: np.ndarray
    paragraph_counts: np.ndarray
    is_introduction: np.ndarray
    target: np.ndarray | None

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Paragraphs and sentences of every query (Q); an introduction is not counted."""
        owner = np.repeat(np.arange(len(self.paragraph_counts)), self.paragraph_counts)
        kept = ~self.is_introduction
        paragraphs = np.bincount(owner[kept], minlength=len(self.paragraph_counts))
        sentences = np.bincount(
            owner[kept], self.sentence_counts[kept], minlength=len(self.paragraph_counts)
        )
        return list(zip(paragraphs.tolist(), sentences.astype(int).tolist(), strict=True))


@dataclass(frozen=True)
class Places:
    """Where the text of every query of one length comes from: rows of museums, rooms and sentences.

    int64 (Q,): ``museum`` counts in the collection, ``room`` in its museum and ``sentence`` in its
    room, all from 0; None where the text is more than one of them.
    """

    museum: np.ndarray
    room: np.ndarray | None = None
    sentence: np.ndarray | None = None


def description_places(collection: Collection) -> dict[str, Places]:
    """Return where the queries ``full``, ``room`` and ``sentence`` come from."""
    museum = np.repeat(np.arange(len(collection.museums)), collection.room_counts)
    room = _numbered(collection.room_counts)
    counts = np.array([len(r.paragraph) for m in collection.museums for r in m.rooms])
    owner, sentence = np.repeat(np.arange(len(counts)), counts), _numbered(counts)
    chosen = np.arange(len(owner))
    if len(chosen) > MOST_SENTENCES:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, MOST_SENTENCES, replace=False))
    owner, sentence = owner[chosen], sentence[chosen]
    return {
        "full": Places(np.arange(len(collection.museums))),
        "room": Places(museum, room),
        "sentence": Places(museum[owner], room[owner], sentence),
    }


def _numbered(counts: np.ndarray) -> np.ndarray:
    """Number the members of every group from 0, e.g. counts [2, 3] to [0, 1, 0, 1, 2]."""
    return ranges(np.zeros_like(counts), counts)


def description_queries(
    collection: Collection, lengths: Sequence[str] = LENGTHS
) -> dict[str, Queries]:
    """Return queries made of the descriptions: ``full``, ``room`` and ``sentence``, as asked."""
    features = collection.features.rows("sentence")
    counts, paragraphs = collection.sentence_counts, collection.paragraph_counts
    introduction = np.zeros(len(counts), bool)
    introduction[starts(paragraphs)] = True
    queries = {}
    if "full" in lengths:
        museums = np.arange(len(paragraphs))
        queries["full"] = Queries(features, counts, paragraphs, introduction, museums)
    if not {"room", "sentence"} & set(lengths):
        return queries
    places = description_places(collection)
    if "room" in lengths:
        rows = np.flatnonzero(np.repeat(~introduction, counts))
        ones = np.ones(int((~introduction).sum()), np.int64)
        target = places["room"].museum
        queries["room"] = Queries(features[rows], counts[~introduction], ones, ones == 0, target)
    if "sentence" in lengths:
        single = places["sentence"]
        room = starts(collection.room_counts)[single.museum] + single.room
        chosen = starts(counts)[~introduction][room] + single.sentence
        alone = np.ones(len(chosen), np.int64)
        queries["sentence"] = Queries(features[chosen], alone, alone, alone == 0, single.museum)
    return queries


def paraphrase_queries(labelled: list[LabelledQuery], encoder: Encoder) -> Queries:
    """Return the paraphrased queries, split into rooms and sentences as the app does."""
    rooms = [split_rooms(query.text) for query in labelled]
    counts = [len(room) for query in rooms for room in query]
    features = encoder.encode_texts([s for query in rooms for room in query for s in room])
    return Queries(
        features, np.array(counts), np.array([len(query) for query in rooms]),
        np.zeros(len(counts), bool), None,
    )  # fmt: skip


class ModelScorer:
    """Scores of a trained model; the cosines are kept, so that other weights cost nothing."""

    def __init__(
        self, model: torch.nn.Module, collection: Collection, index: MuseumIndex | None = None
    ) -> None:
        check_encoder(collection, model)
        self._model = model
        self._index = index or build_index(
            model,
            view_rows(collection, model.config.art_dim),
            collection.view_counts,
            collection.room_counts,
        )

    def cosines(self, queries: Queries) -> np.ndarray:
        """Return the level cosines (Q, B, 3)."""
        vectors: QueryVectors = encode_queries(
            self._model, queries.sentences, queries.sentence_counts,
            queries.paragraph_counts, queries.is_introduction,
        )  # fmt: skip
        return level_cosines(vectors, self._index)

    def scores(self, queries: Queries, weights: LevelWeights) -> np.ndarray:
        """Return the weighted scores (Q, B)."""
        rows = np.stack([weights.of(*size) for size in queries.sizes])
        return weighted_sum(self.cosines(queries), rows[:, None, :])


def clip_mean_scores(collection: Collection, queries: Queries) -> np.ndarray:
    """Return the cosines of mean-pooled encoder features, without any training (Q, B)."""
    views = collection.features.get("view")
    museum_firsts = starts(collection.view_counts)[starts(collection.room_counts)]
    museums = unit(np.add.reduceat(unit(views), museum_firsts, axis=0))
    owner = np.repeat(np.arange(len(queries.paragraph_counts)), queries.paragraph_counts)
    per_query = np.bincount(owner, queries.sentence_counts).astype(int)
    texts = unit(np.add.reduceat(unit(np.asarray(queries.sentences)), starts(per_query), axis=0))
    return texts @ museums.T


def retrieval_figures(scores: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Return R@1/5/10 (0 to 1) and the median and mean rank of the right museum, scores (Q, B)."""
    ranks = ranks_of_targets(scores, target)
    figures = {f"R@{k}": recall_at(ranks, k) for k in CUTOFFS}
    return figures | {"median_rank": median_rank(ranks), "mean_rank": mean_rank(ranks)}


def paraphrase_figures(
    scores: np.ndarray, labelled: list[LabelledQuery], specifications: tuple[dict, ...]
) -> dict[str, float | list[float]]:
    """Return nDCG@5 (with a 95 % bootstrap interval) and P@5 by the ground truth."""
    relevance = np.stack([gains(query.predicate, list(specifications)) for query in labelled])
    ndcg, precision = ndcg_at(scores, relevance, 5), precision_at(scores, relevance, 5)
    interval = bootstrap_interval(ndcg.per_query, seed=0)
    return {
        "nDCG@5": ndcg.mean,
        "nDCG@5_interval": [interval.low, interval.high],
        "P@5": precision.mean,
    }


def evaluate_scores(
    scores: dict[str, np.ndarray], queries: dict[str, Queries],
    labelled: list[LabelledQuery], collection: Collection,
) -> dict[str, dict]:  # fmt: skip
    """Return the figures of one method for every length of query, and back from museum to text.

    scores (Q, B) and queries by the name of the length.
    """
    result: dict[str, dict] = {}
    for name, batch in queries.items():
        if batch.target is None:
            result[name] = paraphrase_figures(scores[name], labelled, collection.specifications)
            continue
        result[name] = retrieval_figures(scores[name], batch.target)
        if name == "full":
            backwards = retrieval_figures(scores[name].T, np.arange(len(scores[name])))
            result["museum_to_text"] = backwards
    return result


def choose_weights(
    model: torch.nn.Module, collection: Collection, labelled: list[LabelledQuery], encoder: Encoder
) -> LevelWeights:
    """Choose the level weights for each length of query on a validation collection.

    Phrases by the mean of nDCG@5 of the paraphrased queries and R@10 of single sentences, room
    paragraphs by R@1, descriptions by R@1; ties go to the higher mean reciprocal rank, then to the
    most even weights.
    Raises HicalmError for a test collection: nothing may be chosen there.
    """
    if any(museum.split == "test" for museum in collection.museums):
        raise HicalmError("Weights are chosen on validation museums, never on the test split.")
    scorer, queries = ModelScorer(model, collection), description_queries(collection)
    grid = _simplex()
    relevance = np.stack([gains(q.predicate, list(collection.specifications)) for q in labelled])
    short = scorer.cosines(paraphrase_queries(labelled, encoder))
    sentence, room, full = (scorer.cosines(queries[k]) for k in ("sentence", "room", "full"))

    def phrase_value(weights: np.ndarray) -> tuple[float, ...]:
        ranks = ranks_of_targets(weighted_sum(sentence, weights), queries["sentence"].target)
        ndcg = ndcg_at(weighted_sum(short, weights), relevance, 5).mean
        return ((ndcg + recall_at(ranks, 10)) / 2,)

    def recall_value(cosines: np.ndarray, target: np.ndarray) -> Callable:
        def value(weights: np.ndarray) -> tuple[float, ...]:
            ranks = ranks_of_targets(weighted_sum(cosines, weights), target)
            return recall_at(ranks, 1), float((1 / ranks).mean())

        return value

    def best(value: Callable) -> tuple[float, float, float]:
        # Of equally good weights the most even ones: they lean on no level more than they must.
        chosen = max(grid, key=lambda weights: (*value(weights), -float((weights**2).sum())))
        return tuple(round(float(w), 4) for w in chosen)

    return LevelWeights(
        phrase=best(phrase_value),
        paragraph=best(recall_value(room, queries["room"].target)),
        description=best(recall_value(full, queries["full"].target)),
    )


def _simplex() -> list[np.ndarray]:
    """Return all weights of three levels in steps of 1 / GRID that add up to 1."""
    steps = range(GRID + 1)
    return [
        np.array([a, b, GRID - a - b], np.float32) / GRID
        for a in steps
        for b in steps[: GRID - a + 1]
    ]
