"""Ranks a collection by each method: by the model in use, by those beside it, and without any.

A model whose rooms are compared too ranks by the sum of its three levels; the baselines, and models
without levels, rank by the museum's vector.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.home import ZERO_SHOT
from hicalm.errors import HicalmError
from hicalm.files import read_json
from hicalm.hashing.code_ranker import CodeRanker
from hicalm.models import MODEL_CLASSES, DualEncoder
from hicalm.models.checkpoints import CONFIG_FILE, load_model
from hicalm.models.hicalm import WEIGHTS_FILE
from hicalm.models.score_weights import MUSEUM_ONLY, LevelWeights
from hicalm.retrieval.methods import (
    BASELINES,
    DESCRIPTIONS,
    HICALM,
    MEAN_FEATURES,
    MUSEUM_VECTOR,
    Ranking,
    check_method,
)
from hicalm.retrieval.queries import Queries
from hicalm.retrieval.query import Query
from hicalm.retrieval.scorers import ModelScorer, clip_mean_scores
from hicalm.retrieval.stored_index import AnyIndex

MAX_MUSEUMS = 20_000  # that methods are compared on
MAX_SENTENCES = 150  # of a query whose codes are compared
ONLY_WORDS = (
    "Methods are compared on words, because a picture has no sentences that every method reads. "
    "Type what the museum should show."
)


class RankingMethods:
    """The methods that can rank one collection; safe to call from several threads.

    Beside a checkpoint in ``folder`` lie other models: each that reads the same encoder is a
    method too, by the name of its folder, and is loaded (a second) when it is first used.
    """

    def __init__(
        self,
        collection: Collection,
        model: DualEncoder,
        weights: LevelWeights,
        folder: Path | None = None,
        index: AnyIndex | None = None,
        others: Mapping[str, Callable[[Query], np.ndarray]] | None = None,
    ) -> None:
        """``others`` score all museums (B,) for a query, by the names of their methods."""
        self._others = others or {}
        self._collection = collection
        own = ModelScorer(model, collection, index)
        self._models = {HICALM: (own, weights), MUSEUM_VECTOR: (own, MUSEUM_ONLY)}
        if model.kind == ZERO_SHOT:
            self._models = {ZERO_SHOT: (own, weights)}
        self._folders = _sibling_models(folder, model.config.encoder) if folder else {}
        names = {*self._models, *self._folders, *self._others, MEAN_FEATURES}
        known = [name for name in DESCRIPTIONS if name in names]
        self.names: tuple[str, ...] = (*known, *sorted(names - set(known)))
        self._lock = threading.Lock()  # a model is loaded once, however many ask for it

    def scores(self, method: str, queries: Queries) -> np.ndarray:
        """Return the scores of every museum, float32 (Q, B). Raises HicalmError if unknown."""
        check_method(method, self.names)
        if method == MEAN_FEATURES:
            return clip_mean_scores(self._collection, queries)
        scorer, weights = self._model(method)
        return scorer.scores(queries, weights)

    def rank(self, method: str, query: Query) -> Ranking:
        """Rank all museums for a text. Raises HicalmError for a picture or an unknown method."""
        if not query.paragraphs:
            raise HicalmError(ONLY_WORDS)
        museums = len(self._collection.museums)
        if museums > MAX_MUSEUMS:
            raise HicalmError(
                f"Methods are compared on collections of {MAX_MUSEUMS:,} museums at most, since "
                f"each of them reads them all; here are {museums:,}."
            )
        counts = np.array([len(paragraph) for paragraph in query.paragraphs])
        one = Queries(
            query.features, counts, np.array([len(counts)]), np.zeros(len(counts), bool), None
        )
        ids = list(self._collection.columns.ids)
        if method in self._others:
            return Ranking.of(method, ids, self._others[method](query))
        return Ranking.of(method, ids, self.scores(method, one)[0])

    def _model(self, method: str) -> tuple[ModelScorer, LevelWeights]:
        with self._lock:
            if method not in self._models:
                folder = self._folders[method]
                model = load_model(folder)
                by_levels = method not in BASELINES and model.config.has_levels
                weights = LevelWeights.load(folder) if by_levels else MUSEUM_ONLY
                self._models[method] = ModelScorer(model, self._collection), weights
            return self._models[method]


def code_scores(codes: CodeRanker, query: Query) -> np.ndarray:
    """Return VTM-UCH's scores of all museums (B,). Raises HicalmError for too many sentences."""
    if len(query.sentences) > MAX_SENTENCES:
        raise HicalmError(
            f"The query has {len(query.sentences):,} sentences, but codes are compared for "
            f"{MAX_SENTENCES} at most. Shorten it."
        )
    return codes.scores(query.features)


def _sibling_models(folder: Path, encoder: str) -> dict[str, Path]:
    """Return the folders of the other models beside a checkpoint that read its encoder."""
    found = {}
    for config in sorted(folder.resolve().parent.glob(f"*/{CONFIG_FILE}")):
        model_folder, name = config.parent, config.parent.name
        is_reserved = model_folder == folder.resolve() or name in (
            HICALM,
            MUSEUM_VECTOR,
            MEAN_FEATURES,
        )
        if is_reserved or not (model_folder / WEIGHTS_FILE).is_file():
            continue
        try:
            content = read_json(config)
            fits = content["encoder"] == encoder and content["kind"] in MODEL_CLASSES
        except (ValueError, KeyError, TypeError, OSError):
            continue  # something else keeps a file of this name there
        if fits:
            found[name] = model_folder
    return found
