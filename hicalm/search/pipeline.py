"""A search as a pipeline: codes shortlist, HiCALM ranks, HOSA re-ranks; each says what it did."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.hashing.code_ranker import CodeRanker
from hicalm.hashing.heads import HEADS_FILE, load_heads
from hicalm.hosa.hosa_checkpoints import WEIGHTS_FILE, load_hosa
from hicalm.hosa.rerank import EncodeWords, RoomScorer, load_weight, read_sentences
from hicalm.models.checkpoints import content_hash
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.methods import HOSA, VTM_UCH
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import level_cosines
from hicalm.retrieval.stages import MAX_RERANKED, RANK, RERANK, SHORTLIST, STAGES, StageReport
from hicalm.search.shortlist import Shortlist, open_shortlist

SHORTLISTED = 0.1  # share of the museums that go on: keeps .97 of the ten best, see docs/results.md
MAX_CHECKED_MUSEUMS = 20_000  # museums up to which a shortlist is compared with the exact ranking
MIN_SHORTLISTED = MAX_RERANKED  # museums: enough for the stages that follow
BEST = 10  # museums of the exact ranking that a shortlist should keep
Loaded = TypeVar("Loaded")
logger = logging.getLogger(__name__)


def open_stages(
    collection: Collection, index: MuseumIndex, checkpoint: Path | None
) -> tuple[RoomScorer | None, "Pipeline"]:
    """Return HOSA's reader of a collection's rooms, if one fits, and the pipeline of its stages.

    The models lie beside HiCALM's ``checkpoint``, in the folders ``shortlist`` and ``hosa``. One
    that is damaged, or was made for other features or another checkpoint, is left out: a search
    works without it.
    """
    ids = [museum.id for museum in collection.museums]
    if checkpoint is None:
        return None, Pipeline(index, ids)
    models_folder = Path(checkpoint).resolve().parent
    shortlist = _load_or_none(lambda: _open_shortlist(models_folder / SHORTLIST, index, checkpoint))
    reader = _load_or_none(lambda: _open_reader(models_folder / HOSA, collection))
    reranker = None
    if reader is not None:
        chosen = _load_or_none(lambda: load_weight(models_folder / HOSA))
        if chosen is not None:  # without it HOSA can point all the same
            reranker = Reranker(reader, *chosen)
    return reader, Pipeline(index, ids, shortlist, reranker)


def open_codes(collection: Collection, checkpoint: Path | None) -> CodeRanker | None:
    """Return VTM-UCH's codes of a collection's views, where sound heads lie beside ``checkpoint``.

    None for a collection of another encoder.
    """
    if checkpoint is None:
        return None
    folder = Path(checkpoint).resolve().parent / VTM_UCH
    return _load_or_none(lambda: _open_ranker(folder, collection))


def _open_shortlist(folder: Path, index: MuseumIndex, checkpoint: Path) -> Shortlist | None:
    if not (folder / HEADS_FILE).is_file():
        return None
    return open_shortlist(folder, index, content_hash(checkpoint))


def _open_reader(folder: Path, collection: Collection) -> RoomScorer | None:
    if not (folder / WEIGHTS_FILE).is_file():
        return None
    model, fingerprint = load_hosa(folder), collection.features.fingerprints["view"]
    if model.config.encoder != fingerprint.label:
        return None
    views = collection.features.rows("view")
    return RoomScorer(model, views, collection.view_counts, collection.room_counts)


def _open_ranker(folder: Path, collection: Collection) -> CodeRanker | None:
    if not (folder / HEADS_FILE).is_file():
        return None
    heads = load_heads(folder)
    fits = heads.fingerprint.hash == collection.features.fingerprints["view"].hash
    return CodeRanker(heads, collection) if fits else None


def _load_or_none(load: Callable[[], Loaded]) -> Loaded | None:
    try:
        return load()
    except HicalmError as error:
        logger.warning("left out: %s", error)
        return None


@dataclass(frozen=True)
class Reranker:
    """HOSA over the rooms, the weight of its score, and whether it re-ranks by default."""

    rooms: RoomScorer
    weight: float
    by_default: bool

    def order(
        self, query: Query, encode_words: EncodeWords, rows: np.ndarray, scores: np.ndarray
    ) -> np.ndarray | None:
        """Return the order of the museums, best first, with the first 50 re-ranked.

        Args:
            rows: those of the museums in the order of their scores, both (N,).

        None for a query that HOSA does not read.
        """
        try:
            sentences = read_sentences(self.rooms.model, query.paragraphs, encode_words)
        except HicalmError:
            return None
        first = rows[:MAX_RERANKED]
        reranked = scores[:MAX_RERANKED] + self.weight * self.rooms.scores(first, sentences)
        order = np.argsort(-reranked, kind="stable")
        return np.concatenate([order, np.arange(len(first), len(rows))])


@dataclass(frozen=True)
class Ranked:
    """Museums in order: rows (N,), their parts by level float32 (N, 3), and what was done."""

    rows: np.ndarray
    parts: np.ndarray
    reports: tuple[StageReport, ...]


class Pipeline:
    """The stages that a collection has; ``ids`` (B,) name its museums in reports."""

    def __init__(
        self,
        index: MuseumIndex,
        ids: Sequence[str],
        shortlist: Shortlist | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._index, self._ids = index, np.asarray(ids)
        self._shortlist, self._reranker = shortlist, reranker
        there = {SHORTLIST: shortlist is not None, RANK: True, RERANK: reranker is not None}
        self.stages = tuple(stage for stage in STAGES if there[stage])
        reranks = reranker is not None and reranker.by_default
        self.default = (RANK, RERANK) if reranks else (RANK,)

    def run(
        self,
        query: Query,
        encode_words: EncodeWords,
        allowed: np.ndarray,
        top: int,
        stages: Sequence[str] | None = None,
    ) -> Ranked:
        """Rank museums (rows ``allowed``) for a query; of ``top`` at least go through all stages.

        ``encode_words`` reads sentences, where they are needed. A picture, and a text that HOSA
        does not read, are not re-ranked. Raises HicalmError for stages that are not there.
        """
        shortlist, reranker = self._chosen(stages or ())
        reports, rows = [], allowed
        if shortlist is not None:
            rows, report = self._run_shortlist(shortlist, query, allowed, top)
            reports.append(report)
            rows = np.sort(rows)  # as they lie in the index, whose order decides ties
        started = time.perf_counter()
        parts = level_cosines(query.vectors, self._selected(rows))[0] * query.weights
        scores = parts.sum(axis=1)
        order = np.argsort(-scores, kind="stable")
        rows, parts, scores = rows[order], parts[order], scores[order]
        reports.append(self._report(RANK, started, len(rows), rows))
        if reranker is not None:
            started = time.perf_counter()
            reranked = reranker.order(query, encode_words, rows, scores)
            if reranked is not None:
                rows, parts = rows[reranked], parts[reranked]
                reports.append(self._report(RERANK, started, len(rows), rows))
        return Ranked(rows, parts, tuple(reports))

    def _chosen(self, stages: Sequence[str]) -> tuple[Shortlist | None, Reranker | None]:
        """Return what goes before and after the ranking, which is always made."""
        for stage in stages:
            if stage not in self.stages:
                known = ", ".join(self.stages)
                raise HicalmError(f"There is no stage '{stage}' here. Choose among {known}.")
        return (
            self._shortlist if SHORTLIST in stages else None,
            self._reranker if RERANK in stages else None,
        )

    def _selected(self, rows: np.ndarray) -> MuseumIndex:
        """Return the index of some museums; of all of them it is there already."""
        whole = len(rows) == len(self._ids)
        return self._index if whole else self._index.select(rows)

    def _run_shortlist(
        self, shortlist: Shortlist, query: Query, allowed: np.ndarray, top: int
    ) -> tuple[np.ndarray, StageReport]:
        kept = max(int(np.ceil(SHORTLISTED * len(allowed))), top, MIN_SHORTLISTED)
        started = time.perf_counter()
        rows = shortlist.museums(query, allowed, kept)
        report = self._report(SHORTLIST, started, len(allowed), rows)
        if len(allowed) > MAX_CHECKED_MUSEUMS:
            return rows, report
        exact = level_cosines(query.vectors, self._selected(allowed))[0] @ query.weights
        best = allowed[np.argsort(-exact, kind="stable")[:BEST]]
        missed = tuple(self._ids[best[~np.isin(best, rows)]].tolist())
        return rows, replace(report, missed=missed)

    def _report(self, name: str, started: float, museums: int, rows: np.ndarray) -> StageReport:
        seconds = time.perf_counter() - started
        order = tuple(self._ids[rows[:MAX_RERANKED]].tolist())
        return StageReport(name, seconds, museums, len(rows), order)
