"""The stages of a search as the results page shows them: a switch and what it changed for each."""

from dataclasses import dataclass

from demo import text
from demo.address import Address
from demo.workspace import Workspace
from hicalm.data.collection import Museum
from hicalm.levels import PLAN
from hicalm.retrieval.results import SearchResult
from hicalm.retrieval.stages import MAX_RERANKED, RANK, RERANK, SHORTLIST, StageReport


@dataclass(frozen=True)
class Step:
    """One stage on screen.

    ``report`` is None while it is off. ``missed`` are the museums of the ten best that it did not
    let through, each with the address that opens it.
    """

    name: str
    report: StageReport | None
    sentence: str
    missed: tuple[tuple[Museum, Address], ...] = ()


@dataclass(frozen=True)
class Row:
    """A museum and its ranks, from 1, after each stage (None: not among the first)."""

    museum: Museum
    ranks: tuple[int | None, ...]


@dataclass(frozen=True)
class Pipeline:
    """The stages of a search, and a table of ranks."""

    steps: tuple[Step, ...]
    rows: tuple[Row, ...]
    max_listed: int = MAX_RERANKED  # museums whose ranks are known after a stage

    @property
    def reports(self) -> list[StageReport]:
        """The reports of the stages that ran, in their order."""
        return [step.report for step in self.steps if step.report]


def pipeline(workspace: Workspace, address: Address, result: SearchResult) -> Pipeline | None:
    """Return the stages of a search; None where there is only one.

    Raises HicalmError while the models are not ready.
    """
    searcher = workspace.warmup.wait(0)
    if len(searcher.stages) < 2:
        return None
    reports = {report.name: report for report in result.stages}
    moved = rank_changes(reports)
    steps = []
    for name in searcher.stages:
        report = reports.get(name)
        missing = (report.missed or ()) if report else ()
        missed = [(_museum(workspace, one), address.open(one)) for one in missing]
        sentence = _done(report, moved, workspace, result) if report else _left_out(name, address)
        steps.append(Step(name, report, sentence, tuple(missed)))
    return Pipeline(tuple(steps), tuple(_rows(workspace, result)))


def rank_changes(reports: dict[str, StageReport]) -> dict[str, int]:
    """Return how many ranks each museum rose (below 0: fell) by re-ranking; those that stayed
    are left out, and without re-ranking all of them are."""
    if not {RANK, RERANK} <= set(reports):
        return {}
    before = {museum: rank for rank, museum in enumerate(reports[RANK].order)}
    after = enumerate(reports[RERANK].order)
    moved = {museum: before[museum] - rank for rank, museum in after if museum in before}
    return {museum: rank_change for museum, rank_change in moved.items() if rank_change}


def _museum(workspace: Workspace, museum_id: str) -> Museum:
    return workspace.collection.museum(museum_id)


def _cannot_read(name: str, address: Address) -> bool:
    return name == RERANK and address.by_picture


def _left_out(name: str, address: Address) -> str:
    return text.STAGE_NO_PICTURE if _cannot_read(name, address) else text.STAGE_OFF[name]


def _done(
    report: StageReport, moved: dict[str, int], workspace: Workspace, result: SearchResult
) -> str:
    """Return in plain words what a stage did."""
    museums = text.counted(report.museums, "museum")
    if report.name == SHORTLIST:
        passing = text.SHORTLISTED.format(kept=f"{report.kept:,}", museums=museums)
        return passing + text.SHORTLIST_WHOLE if report.missed == () else passing
    if report.name == RANK:
        by_plan = any(PLAN in match.levels for match in result.matches)
        return (text.RANKED_PLAN if by_plan else text.RANKED).format(museums=museums)
    first = len(report.order)
    if not moved:
        return text.RERANKED_SAME.format(first=first)
    furthest = max(moved, key=lambda museum: (abs(moved[museum]), moved[museum]))
    return text.RERANKED.format(
        moved=len(moved),
        first=first,
        title=_museum(workspace, furthest).title,
        rank_change=text.rank_change_text(moved[furthest]),
    )


def _rows(workspace: Workspace, result: SearchResult) -> list[Row]:
    """Return the museums on screen, and those that a shortlist missed, with all their ranks."""
    orders = [
        {museum: rank for rank, museum in enumerate(report.order, start=1)}
        for report in result.stages
    ]
    shown = [match.museum_id for match in result.matches]
    missed = [museum for report in result.stages for museum in report.missed or ()]
    return [
        Row(_museum(workspace, one), tuple(order.get(one) for order in orders))
        for one in dict.fromkeys([*shown, *missed])
    ]
