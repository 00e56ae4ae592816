"""Files to take away: a ranked list with all contributions, the table of ranks, and a report."""

import base64
import re
from collections.abc import Callable
from typing import NamedTuple

from demo import views
from demo.address import Address, parse_address
from demo.measured import (
    Row,
    length_of,
    load_metrics,
    ordered_methods,
    rows,
    worst_first,
)
from demo.shading import level_parts, longest_bar, share
from demo.tables import contribution_columns, contribution_records, ranks_csv, repeating, to_csv
from demo.user_collections import ServedWorkspace
from demo.verdict import answers, verdict
from demo.workspace import EXPLAINED_AT_ONCE, Workspace, clean_query
from hicalm.data.collection import Museum
from hicalm.errors import HicalmError
from hicalm.evaluation.rank_file import DescriptionRanks
from hicalm.explain.explanation import Explanation, RoomContribution, ViewContribution
from hicalm.files import encode_jpeg, to_json
from hicalm.retrieval.results import MuseumMatch

# How each is written: a table with a byte order mark, without which spreadsheets misread accents.
FORMATS = {"csv": "utf-8-sig", "json": "utf-8", "html": "utf-8"}
VIEWS_SHOWN = 3  # of each museum in the report
LONGEST_NAME = 60  # characters of a file's name

Progress = Callable[[int, int], None]  # results that are explained, and all of them


class Explained(NamedTuple):
    """A result with its explanation and its museum."""

    rank: int
    match: MuseumMatch
    explanation: Explanation
    museum: Museum


def make_file(
    served: ServedWorkspace, kind: str, search: str, progress: Progress = lambda done, of: None
) -> tuple[str, str]:
    """Return the name and the content of the file of an address.

    Raises HicalmError for a kind that there is not, and for what cannot be searched by.
    """
    address = parse_address(search)
    workspace = served.at(address)
    makers = RANKS if address.page == "metrics" else RESULTS
    if kind not in makers:
        raise HicalmError(f"'{kind}' cannot be exported here; choose one of {', '.join(makers)}.")
    if makers is RESULTS and not address.searches:
        raise HicalmError("There is nothing to export yet. Search first, then export the list.")
    return f"{_name(address)}.{kind}", makers[kind](workspace, address, progress)


def _explained(workspace: Workspace, address: Address, progress: Progress) -> list[Explained]:
    """Return every result, explained."""
    matches = workspace.find(address).matches
    found: list[Explanation] = []
    for start in range(0, len(matches), EXPLAINED_AT_ONCE):
        few = [match.museum_id for match in matches[start : start + EXPLAINED_AT_ONCE]]
        progress(start, len(matches))
        found += workspace.explain_several(address, few)
    return [
        Explained(rank, match, explanation, workspace.collection.museum(match.museum_id))
        for rank, (match, explanation) in enumerate(zip(matches, found, strict=True), start=1)
    ]


def _results_csv(workspace: Workspace, address: Address, progress: Progress) -> str:
    explained, about = _explained(workspace, address, progress), repeating(workspace.find(address))
    records = (
        {**record, **about}
        for one in explained
        for record in contribution_records(one.rank, one.explanation, one.museum)
    )
    return to_csv(contribution_columns(one.explanation for one in explained), records)


def _results_json(workspace: Workspace, address: Address, progress: Progress) -> str:
    results = [
        {"rank": one.rank} | one.match.to_json() | {"explanation": one.explanation.to_json()}
        for one in _explained(workspace, address, progress)
    ]
    return _json(workspace.find(address).to_json() | {"results": results})


def _report(workspace: Workspace, address: Address, progress: Progress) -> str:
    """Return one HTML file without scripts, its pictures inside."""
    explained = _explained(workspace, address, progress)
    result = workspace.find(address)
    longest = longest_bar(one.match for one in explained)
    found = [
        {
            "rank": one.rank,
            "museum": one.museum,
            "explanation": one.explanation,
            "parts": level_parts(one.match.levels, longest),
            "answers": answers(one.match, result.plan),
            "views": _report_views(workspace, one.explanation),
            "largest": max((abs(r.contribution) for r in one.explanation.rooms), default=0) or 1,
        }
        for one in explained
    ]
    return views.render(
        "report.html",
        query=clean_query(address.query),
        asked=_asked_picture(workspace, address),
        paragraphs=result.paragraphs,
        found=found,
        verdict=verdict(result, workspace.known(address)),
        filters=address.filters,
        collection=workspace.collection,
        result=result,
    )


def _asked_picture(workspace: Workspace, address: Address) -> str:
    """Return the picture or view that was searched by, in base64; empty for words."""
    if address.image:
        picture = encode_jpeg(workspace.uploads.get(address.image))
    elif address.like:
        picture = workspace.small_picture(*address.like)
    else:
        return ""
    return base64.b64encode(picture).decode("ascii")


def _report_views(
    workspace: Workspace, explanation: Explanation
) -> list[tuple[RoomContribution, ViewContribution, int | None, str]]:
    """Return the views that carried the most: room, view, ``share``, and picture in base64."""
    return [
        (
            room,
            view,
            share(view.contribution, explanation.score - explanation.baseline),
            base64.b64encode(
                workspace.small_picture(explanation.museum_id, room.index, view.index)
            ).decode("ascii"),
        )
        for room, view in explanation.best_views(VIEWS_SHOWN)
    ]


def _ranked_texts(
    workspace: Workspace, address: Address
) -> tuple[DescriptionRanks, str, list[Row]]:
    _, ranks = load_metrics(workspace)
    length = length_of(address)
    return ranks, length, rows(workspace.collection, ranks, length, worst_first(ranks, length))


def _ranks_csv(workspace: Workspace, address: Address, _: Progress) -> str:
    ranks, length, found = _ranked_texts(workspace, address)
    return ranks_csv(length, ordered_methods(ranks), found)


def _ranks_json(workspace: Workspace, address: Address, _: Progress) -> str:
    ranks, length, found = _ranked_texts(workspace, address)
    texts = [
        {
            "museum_id": row.museum.id,
            "room": row.room,
            "sentence": row.sentence,
            "text": row.text,
            "ranks": row.ranks,
            "ranked_first": row.first.id,
        }
        for row in found
    ]
    return _json({"collection": ranks.collection, "length": length, "texts": texts})


def _json(value: dict[str, object]) -> str:
    return to_json(value, ensure_ascii=False, indent=1) + "\n"


Maker = Callable[[Workspace, Address, Progress], str]
# What can be made, by its ending: of a search, and of the researchers' page.
RESULTS: dict[str, Maker] = {
    "csv": _results_csv,
    "json": _results_json,
    "html": _report,
}
RANKS: dict[str, Maker] = {"csv": _ranks_csv, "json": _ranks_json}


def _name(address: Address) -> str:
    """Return a file's name without its ending, of plain letters only."""
    words = ["ranks", length_of(address)]
    if address.page != "metrics":
        words = [clean_query(address.query)[:200]]
    parts = re.findall(r"[a-z0-9]+", " ".join(words).lower())
    return "-".join(["hicalm", *parts])[:LONGEST_NAME].rstrip("-")
