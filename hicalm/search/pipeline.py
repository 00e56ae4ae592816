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
from hicalm.hosa.rerank import EncodeWords, RoomReader, load_weight, read_sentences
from hicalm.models.checkpoints import content_hash
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.methods import HOSA, VTM_UCH
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import level_cosines
from hicalm.retrieval.stages import MOST_KEPT, RANK, RERANK, SHORTLIST, STAGES, StageReport
from hicalm.search.shortlist import Shortlist, open_shortlist

SHORTLISTED = 0.1  # share of the museums that go on: keeps .97 of the ten best, see README
MOST_CHECKED = 20_000  # museums up to which a shortlist is compared with the exact ranking
LEAST_KEPT = MOST_KEPT  # museums: enough for the stages that follow
BEST = 10  # museums of the exact ranking that a shortlist should keep
Loaded = TypeVar("Loaded")
logger = logging.getLogger(__name__)


def open_stages(
    collection: Collection, index: MuseumIndex, checkpoint: Path | None
) -> tuple[RoomReader | None, "Pipeline"]:
    """Return HOSA's reader of a collection's rooms, if one fits, and the pipeline of its stages.

    The models lie beside HiCALM's ``checkpoint``, in the folders ``shortlist`` and ``hosa``. One
    that is damaged, or was made for other features or another checkpoint, is left out: a search
    works without it.
    """
    ids = [museum.id for museum in collection.museums]
    if checkpoint is None:
        return None, Pipeline(index, ids)
    beside = Path(checkpoint).resolve().parent
    shortlist = _if_sound(lambda: _open_shortlist(beside / SHORTLIST, index, checkpoint))
    reader = _if_sound(lambda: _open_reader(beside / HOSA, collection))
    chosen = _if_sound(lambda: load_weight(beside / HOSA)) if reader is not None else None
    if chosen is None:  # HOSA can point all the same
        return reader, Pipeline(index, ids, shortlist)
    return reader, Pipeline(index, ids, shortlist, reader, *chosen)


def open_codes(collection: Collection, checkpoint: Path | None) -> CodeRanker | None:
    """Return VTM-UCH's codes of a collection's views, where sound heads lie beside ``checkpoint``.

    None for a collection of another encoder.
    """
    if checkpoint is None:
        return None
    folder = Path(checkpoint).resolve().parent / VTM_UCH
    return _if_sound(lambda: _open_ranker(folder, collection))


def _open_shortlist(folder: Path, index: MuseumIndex, checkpoint: Path) -> Shortlist | None:
    if not (folder / HEADS_FILE).is_file():
        return None
    return open_shortlist(folder, index, content_hash(checkpoint))


def _open_reader(folder: Path, collection: Collection) -> RoomReader | None:
    if not (folder / WEIGHTS_FILE).is_file():
        return None
    model, mark = load_hosa(folder), collection.features.marks["view"]
    if model.config.encoder != f"{mark.name} {mark.hash}":
        return None
    views = collection.features.rows("view")
    return RoomReader(model, views, collection.view_counts, collection.room_counts)


def _open_ranker(folder: Path, collection: Collection) -> CodeRanker | None:
    if not (folder / HEADS_FILE).is_file():
        return None
    heads = load_heads(folder)
    fits = heads.mark.hash == collection.features.marks["view"].hash
    return CodeRanker(heads, collection) if fits else None


def _if_sound(load: Callable[[], Loaded]) -> Loaded | None:
    try:
        return load()
    except HicalmError as error:
        logger.warning("left out: %s", error)
        return None


@dataclass(frozen=True)
class Ranked:
    """Museums in order: rows (N,), their parts by level float32 (N, 3), and what was done."""

    rows: np.ndarray
    parts: np.ndarray
    reports: tuple[StageReport, ...]


class Pipeline:
    """The stages that a collection has; ``ids`` (B,) name its museums in reports."""

    def __init__(
        self, index: MuseumIndex, ids: Sequence[str], shortlist: Shortlist | None = None,
        reader: RoomReader | None = None, weight: float = 0.0, rerank: bool = False,
    ) -> None:  # fmt: skip
        """``weight`` is that of HOSA's score; ``rerank``: whether it re-ranks by default."""
        self._index, self._ids, self._weight = index, np.asarray(ids), weight
        self._shortlist, self._reader = shortlist, reader
        there = {SHORTLIST: shortlist is not None, RANK: True, RERANK: reader is not None}
        self.stages = tuple(stage for stage in STAGES if there[stage])
        self.default = (RANK, RERANK) if rerank and reader is not None else (RANK,)

    def run(
        self, query: Query, encode_words: EncodeWords, allowed: np.ndarray, top: int,
        stages: Sequence[str] | None = None,
    ) -> Ranked:  # fmt: skip
        """Rank museums (rows ``allowed``) for a query; of ``top`` at least go through all stages.

        ``encode_words`` reads sentences, where they are needed. A picture, and a text that HOSA
        does not read, are not re-ranked. Raises HicalmError for stages that are not there.
        """
        chosen = self._chosen(stages)
        reports, rows = [], allowed
        if SHORTLIST in chosen:
            rows, report = self._short(query, allowed, top)
            reports.append(report)
            rows = np.sort(rows)  # as they lie in the index, whose order decides ties
        started = time.perf_counter()
        parts = level_cosines(query.vectors, self._taken(rows))[0] * query.weights
        scores = parts.sum(axis=1)
        order = np.argsort(-scores, kind="stable")
        rows, parts, scores = rows[order], parts[order], scores[order]
        reports.append(self._report(RANK, started, len(rows), rows))
        if RERANK in chosen:
            started = time.perf_counter()
            order = self._again(query, encode_words, rows, scores)
            if order is not None:
                rows, parts = rows[order], parts[order]
                reports.append(self._report(RERANK, started, len(rows), rows))
        return Ranked(rows, parts, tuple(reports))

    def _chosen(self, stages: Sequence[str] | None) -> tuple[str, ...]:
        for stage in stages or ():
            if stage not in self.stages:
                known = ", ".join(self.stages)
                raise HicalmError(f"There is no stage '{stage}' here. Choose among {known}.")
        return tuple(stages) if stages else (RANK,)

    def _taken(self, rows: np.ndarray) -> MuseumIndex:
        """Return the index of some museums; of all of them it is there already."""
        whole = len(rows) == len(self._ids)
        return self._index if whole else self._index.take(rows)

    def _short(self, query: Query, allowed: np.ndarray, top: int) -> tuple[np.ndarray, StageReport]:
        kept = max(int(np.ceil(SHORTLISTED * len(allowed))), top, LEAST_KEPT)
        started = time.perf_counter()
        rows = self._shortlist.museums(query, allowed, kept)
        report = self._report(SHORTLIST, started, len(allowed), rows)
        if len(allowed) > MOST_CHECKED:
            return rows, report
        exact = level_cosines(query.vectors, self._taken(allowed))[0] @ query.weights
        best = allowed[np.argsort(-exact, kind="stable")[:BEST]]
        lost = tuple(self._ids[best[~np.isin(best, rows)]].tolist())
        return rows, replace(report, lost=lost)

    def _again(
        self, query: Query, encode_words: EncodeWords, rows: np.ndarray, scores: np.ndarray
    ) -> np.ndarray | None:
        """Return the order of the museums, best first, with the first 50 read again.

        None for a query that HOSA does not read.
        """
        try:
            sentences = read_sentences(self._reader.model, query.paragraphs, encode_words)
        except HicalmError:
            return None
        first = rows[:MOST_KEPT]
        again = scores[:MOST_KEPT] + self._weight * self._reader.scores(first, sentences)
        order = np.argsort(-again, kind="stable")
        return np.concatenate([order, np.arange(len(first), len(rows))])

    def _report(self, name: str, started: float, museums: int, rows: np.ndarray) -> StageReport:
        seconds = time.perf_counter() - started
        order = tuple(self._ids[rows[:MOST_KEPT]].tolist())
        return StageReport(name, seconds, museums, len(rows), order)
