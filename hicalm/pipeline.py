"""A search as a pipeline: codes shortlist, HiCALM ranks, HOSA re-ranks; each says what it did."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hicalm.checkpoints import content_hash
from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.hashing.heads import HEADS_FILE, load_heads
from hicalm.hashing.ranking import CodeRanker
from hicalm.hosa.checkpoints import WEIGHTS_FILE, load_hosa
from hicalm.hosa.rerank import MOST_SENTENCES, RoomReader, load_weight, sentence_nodes
from hicalm.index import MuseumIndex
from hicalm.methods import HOSA, VTM_UCH
from hicalm.query import Query
from hicalm.scoring import level_cosines
from hicalm.shortlist import Shortlist
from hicalm.stages import MOST_KEPT, RANK, RERANK, SHORTLIST, STAGES, StageReport

SHORTLISTED = 0.15  # share of the museums that go on: keeps .97 of the ten best, see README
MOST_CHECKED = 20_000  # museums up to which a shortlist is compared with the exact ranking
BEST = 10  # museums of the exact ranking that a shortlist should keep
Words = tuple[list[list[str]], np.ndarray]  # of sentences, and the features of all, (ΣW, D)


def open_stages(
    collection: Collection, index: MuseumIndex, checkpoint: Path | None
) -> tuple[RoomReader | None, "Pipeline"]:
    """Return HOSA's reader of a collection's rooms, if one fits, and the pipeline of its stages.

    The models lie beside HiCALM's ``checkpoint``, in the folders ``shortlist`` and ``hosa``. Raises
    HicalmError for one that is damaged; one that was made for other features or another checkpoint
    is left out.
    """
    ids = [museum.id for museum in collection.museums]
    shortlist, reader, weight, default = None, None, 0.0, False
    if checkpoint is not None:
        beside = Path(checkpoint).resolve().parent
        if (beside / SHORTLIST / HEADS_FILE).is_file():
            heads = load_heads(beside / SHORTLIST)
            if heads.mark.hash == content_hash(checkpoint):
                shortlist = Shortlist(heads, index)
        if (beside / HOSA / WEIGHTS_FILE).is_file():
            model, mark = load_hosa(beside / HOSA), collection.features.marks["view"]
            if model.config.encoder == f"{mark.name} {mark.hash}":
                views = collection.features.rows("view")
                reader = RoomReader(model, views, collection.view_counts, collection.room_counts)
                weight, default = load_weight(beside / HOSA)
    return reader, Pipeline(index, ids, shortlist, reader, weight, default)


def open_codes(collection: Collection, checkpoint: Path | None) -> CodeRanker | None:
    """Return VTM-UCH's codes of a collection's views, where its heads lie beside ``checkpoint``.

    None for a collection of another encoder. Raises HicalmError for heads that are damaged.
    """
    folder = Path(checkpoint).resolve().parent / VTM_UCH if checkpoint is not None else None
    if folder is None or not (folder / HEADS_FILE).is_file():
        return None
    heads = load_heads(folder)
    fits = heads.mark.hash == collection.features.marks["view"].hash
    return CodeRanker(heads, collection) if fits else None


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
        self, query: Query, read_words: Callable[[], Words], allowed: np.ndarray, top: int,
        stages: Sequence[str] | None = None,
    ) -> Ranked:  # fmt: skip
        """Rank museums (rows ``allowed``) for a query; of ``top`` at least go through all stages.

        ``read_words`` reads the query's words, where they are needed. A query without words or of
        many sentences is not re-ranked. Raises HicalmError for stages that are not there.
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
        if RERANK in chosen and 1 <= len(query.sentences) <= MOST_SENTENCES:
            started = time.perf_counter()
            order = self._again(query, read_words(), rows, scores)
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
        kept = max(int(np.ceil(SHORTLISTED * len(allowed))), top)
        started = time.perf_counter()
        rows = self._shortlist.museums(query, allowed, kept)
        seconds = time.perf_counter() - started
        lost: tuple[str, ...] = ()
        if len(allowed) <= MOST_CHECKED:
            exact = level_cosines(query.vectors, self._taken(allowed))[0] @ query.weights
            best = allowed[np.argsort(-exact, kind="stable")[:BEST]]
            lost = tuple(self._ids[best[~np.isin(best, rows)]].tolist())
        order = tuple(self._ids[rows[:MOST_KEPT]].tolist())
        return rows, StageReport(SHORTLIST, seconds, len(allowed), len(rows), order, lost)

    def _again(
        self, query: Query, words: Words, rows: np.ndarray, scores: np.ndarray
    ) -> np.ndarray:
        """Return the order of the museums, best first, with the first 50 read again."""
        first = rows[:MOST_KEPT]
        counts = [len(paragraph) for paragraph in query.paragraphs]
        nodes = sentence_nodes(self._reader.model, *words)
        again = scores[:MOST_KEPT] + self._weight * self._reader.scores(first, nodes, counts)
        order = np.argsort(-again, kind="stable")
        return np.concatenate([order, np.arange(len(first), len(rows))])

    def _report(self, name: str, started: float, museums: int, rows: np.ndarray) -> StageReport:
        seconds = time.perf_counter() - started
        order = tuple(self._ids[rows[:MOST_KEPT]].tolist())
        return StageReport(name, seconds, museums, len(rows), order)
