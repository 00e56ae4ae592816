"""A search as a pipeline: codes shortlist, HiCALM ranks, HOSA re-ranks; each says what it did."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from hicalm.errors import HicalmError
from hicalm.hosa.rerank import EncodeWords
from hicalm.levels import LEVELS, PLAN, WORDS
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import cosines_of
from hicalm.retrieval.stages import MAX_RERANKED, RANK, RERANK, SHORTLIST, STAGES, StageReport
from hicalm.retrieval.stored_index import AnyIndex
from hicalm.search.candidates import Candidates
from hicalm.search.museum_filters import Allowed
from hicalm.search.narrow_plans import NarrowPlans
from hicalm.search.plan_ranking import PlanRanking
from hicalm.search.reranker import Reranker

SHORTLISTED = 0.1  # share of the museums that go on: keeps .97 of the ten best, see docs/results.md
MAX_CHECKED_MUSEUMS = 20_000  # museums up to which a shortlist is compared with the exact ranking
MIN_SHORTLISTED = MAX_RERANKED  # museums: enough for the stages that follow
Found = tuple[tuple[int, bytes], np.ndarray]  # what candidates were asked for, and their rows
BEST = 10  # museums of the exact ranking that a shortlist should keep


@dataclass(frozen=True, eq=False)
class Ranked:
    """Museums in the order of their scores, the best first, and what was done.

    rows (N,) in the index; ``names`` (L,) of the parts of a score, and parts float64 (N, L), not a
    number where a part was not read. A score is the sum of the parts that were.
    """

    rows: np.ndarray
    names: tuple[str, ...]
    parts: np.ndarray
    reports: tuple[StageReport, ...] = ()

    @cached_property
    def scores(self) -> np.ndarray:
        """The scores, float64 (N,): they never rise from one museum to the next."""
        return np.nansum(self.parts, axis=1)

    def levels(self, place: int) -> dict[str, float]:
        """Return the parts of the museum at a place, from 0, by their names."""
        found = zip(self.names, self.parts[place].tolist(), strict=True)
        return {name: value for name, value in found if not np.isnan(value)}

    def with_part(self, name: str, values: np.ndarray) -> "Ranked":
        """Add a further part of the first museums' scores (M,), and put all in order again.

        Where no value is negative, none of the first falls below one of the others.
        """
        column = np.full((len(self.rows), 1), np.nan)
        column[: len(values), 0] = values
        parts = np.hstack([self.parts, column])
        return replace(self, names=(*self.names, name), parts=parts).in_order()

    def in_order(self) -> "Ranked":
        """Return the same museums by their scores; of equal ones the earlier comes first."""
        order = np.argsort(-self.scores, kind="stable")
        return replace(self, rows=self.rows[order], parts=self.parts[order])


class Pipeline:
    """The stages that a collection has; ``ids`` (B,) name its museums in reports."""

    def __init__(
        self,
        index: AnyIndex,
        ids: Sequence[str],
        plans: PlanRanking | NarrowPlans,
        candidates: Candidates | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._index, self._ids = index, ids
        self._plans, self._candidates, self._reranker = plans, candidates, reranker
        self._found: WeakKeyDictionary[Query, Found] = WeakKeyDictionary()
        there = {SHORTLIST: candidates is not None, RANK: True, RERANK: reranker is not None}
        self.stages = tuple(stage for stage in STAGES if there[stage])
        reranks = reranker is not None and reranker.by_default
        begins = candidates is not None and candidates.by_default
        self.default = (*([SHORTLIST] * begins), RANK, *([RERANK] * reranks))

    def run(
        self,
        query: Query,
        encode_words: EncodeWords,
        allowed: Allowed,
        top: int,
        stages: Sequence[str],
    ) -> Ranked:
        """Rank the allowed museums for a query; of ``top`` at least go through all stages.

        ``encode_words`` reads sentences, where they are needed. A picture, and a text that HOSA
        does not read, are not re-ranked. Raises HicalmError for stages that are not there.
        """
        candidates, reranker = self._chosen(stages)
        reports, rows = [], allowed.rows
        if candidates is not None:
            rows, report = self._run_shortlist(candidates, query, allowed, top)
            reports.append(report)
            rows = np.sort(rows)  # as they lie in the index, whose order decides ties
        started = time.perf_counter()
        found = self._scored(query, rows).in_order()
        reports.append(self._report(RANK, started, len(rows), found.rows))
        if reranker is not None:
            started = time.perf_counter()
            words = reranker.words(query, encode_words, found.rows[:MAX_RERANKED])
            if words is not None:
                found = found.with_part(WORDS, words)
                report = self._report(RERANK, started, len(rows), found.rows)
                reports.append(replace(report, reranked=len(words)))
        return replace(found, reports=tuple(reports))

    def candidates(self, query: Query, allowed: Allowed) -> np.ndarray | None:
        """Return the rows (M,), rising, of the allowed museums that are scored by default; None
        where all of them are."""
        engine = self._candidates
        if engine is None or not engine.by_default or engine.kept is None:
            return None
        return np.sort(self._likely(engine, query, allowed, engine.kept))

    def _likely(self, engine: Candidates, query: Query, allowed: Allowed, kept: int) -> np.ndarray:
        """Return ``Candidates.museums``, which is not worked out again while a query is kept."""
        inside = np.zeros(len(self._ids), bool)
        inside[allowed.rows] = True
        asked = kept, np.packbits(inside).tobytes()  # small: there may be a million museums
        known, found = self._found.get(query, (None, allowed.rows))
        if known != asked:
            found = engine.museums(query, allowed, kept)
            self._found[query] = asked, found
        return found

    def _scored(self, query: Query, rows: np.ndarray) -> Ranked:
        """Return museums (rows) with their levels and, where there is one, the plan's value."""
        cosines = cosines_of(query.vectors, self._index, rows)[0]
        levels = cosines.astype(np.float64) * query.weights
        if not query.plan_weight:
            return Ranked(rows, LEVELS, levels)
        plan = query.plan_weight * self._plans.values_of(query, rows)
        return Ranked(rows, (*LEVELS, PLAN), np.column_stack([levels, plan]))

    def _chosen(self, stages: Sequence[str]) -> tuple[Candidates | None, Reranker | None]:
        """Return what goes before and after the ranking, which is always made."""
        for stage in stages:
            if stage not in self.stages:
                known = ", ".join(self.stages)
                raise HicalmError(f"There is no stage '{stage}' here. Choose among {known}.")
        return (
            self._candidates if SHORTLIST in stages else None,
            self._reranker if RERANK in stages else None,
        )

    def _run_shortlist(
        self, candidates: Candidates, query: Query, allowed: Allowed, top: int
    ) -> tuple[np.ndarray, StageReport]:
        museums = len(allowed.rows)
        share = max(int(np.ceil(SHORTLISTED * museums)), top, MIN_SHORTLISTED)
        kept = share if candidates.kept is None else candidates.kept
        started = time.perf_counter()
        rows = self._likely(candidates, query, allowed, kept)
        report = self._report(SHORTLIST, started, museums, rows)
        if candidates.by_default or museums > MAX_CHECKED_MUSEUMS:
            return rows, report
        best = self._scored(query, allowed.rows).in_order().rows[:BEST]
        missed = tuple(self._ids[row] for row in best[~np.isin(best, rows)])
        return rows, replace(report, missed=missed)

    def _report(self, name: str, started: float, museums: int, rows: np.ndarray) -> StageReport:
        seconds = time.perf_counter() - started
        order = tuple(self._ids[row] for row in rows[:MAX_RERANKED])
        return StageReport(name, seconds, museums, len(rows), order)
