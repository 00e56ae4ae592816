"""Files to take away: a ranked list with all contributions, the table of ranks, and a report.

Contributions are computed one museum after the other, which takes up to a third of a second each:
the browser asks for them one by one (``prepare_export``), and then for the file, which finds them
ready.
"""

import asyncio
import base64
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypedDict

from fastapi import Request, Response
from fastapi.routing import APIRoute

from demo import views
from demo.address import MAX_LENGTH, Address, parse_address
from demo.explorer import Explorer, clean_query
from demo.metrics_page import (
    DEFAULT_LENGTH,
    Row,
    Selection,
    load_metrics,
    order,
    ordered_methods,
    rows,
)
from demo.metrics_page import select as select_texts
from demo.pictures import read_body
from demo.shading import level_parts, longest_bar, share
from demo.tables import contribution_columns, contribution_records, ranks_csv, repeating, to_csv
from demo.user_collections import ServedExplorer
from demo.verdict import answers, verdict
from hicalm.data.collection import Museum
from hicalm.errors import HicalmError
from hicalm.evaluation.rank_file import DescriptionRanks
from hicalm.explain.explanation import Explanation, RoomContribution, ViewContribution
from hicalm.files import encode_jpeg
from hicalm.retrieval.results import MuseumMatch

# With a byte order mark in a table, without which spreadsheets misread accents.
FORMATS = {
    "csv": ("text/csv", "utf-8-sig"),
    "json": ("application/json", "utf-8"),
    "html": ("text/html", "utf-8"),
}
SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
VIEWS_SHOWN = 3  # of each museum in the report
LONGEST_NAME = 60  # characters of a file's name
FILES_AT_ONCE = 2


class ExportRequest(TypedDict):
    """What the page's script asks with (anybody else may send anything): an address, the kind of
    the file, and which of the results is to be got ready, from 0."""

    address: str
    kind: str
    index: int


class Explained(NamedTuple):
    """A result with its explanation and its museum."""

    rank: int
    match: MuseumMatch
    explanation: Explanation
    museum: Museum


def prepare_export(served: ServedExplorer, search: str, kind: str, index: int) -> dict[str, object]:
    """Get the result at ``index`` (from 0) of an address ready for a file.

    Answers ``done`` and ``of``, the results that are ready and that there are; or ``error``, a
    sentence.
    """
    address = parse_address(search)
    if address.page == "metrics":
        return {"done": 1, "of": 1}
    try:
        explorer = served.at(address)
        matches = explorer.find(address).matches
        if 0 <= index < len(matches):
            explanation = explorer.explain(address, matches[index].museum_id)
            if kind == "html":
                _report_views(explorer, explanation)
    except HicalmError as error:
        return {"error": str(error)}
    return {"done": min(index + 1, len(matches)), "of": len(matches)}


def make_file(served: ServedExplorer, kind: str, search: str) -> tuple[str, str]:
    """Return the name and the content of the file of an address.

    Raises HicalmError for a kind that there is not, and for what cannot be searched by.
    """
    address = parse_address(search)
    explorer = served.at(address)
    makers = RANKS if address.page == "metrics" else RESULTS
    if kind not in makers:
        raise HicalmError(f"'{kind}' cannot be exported here; choose one of {', '.join(makers)}.")
    if makers is RESULTS and not address.searches:
        raise HicalmError("There is nothing to export yet. Search first, then export the list.")
    return f"{_name(address)}.{kind}", makers[kind](explorer, address)


def _explained(explorer: Explorer, address: Address) -> list[Explained]:
    """Return every result, explained."""
    return [
        Explained(
            rank,
            match,
            explorer.explain(address, match.museum_id),
            explorer.collection.museum(match.museum_id),
        )
        for rank, match in enumerate(explorer.find(address).matches, start=1)
    ]


def _results_csv(explorer: Explorer, address: Address) -> str:
    explained, about = _explained(explorer, address), repeating(explorer.find(address))
    records = (
        {**record, **about}
        for one in explained
        for record in contribution_records(one.rank, one.explanation, one.museum)
    )
    return to_csv(contribution_columns(one.explanation for one in explained), records)


def _results_json(explorer: Explorer, address: Address) -> str:
    results = [
        {"rank": one.rank} | one.match.to_json() | {"explanation": one.explanation.to_json()}
        for one in _explained(explorer, address)
    ]
    return _json(explorer.find(address).to_json() | {"results": results})


def _report(explorer: Explorer, address: Address) -> str:
    """Return one HTML file without scripts, its pictures inside."""
    explained = _explained(explorer, address)
    result = explorer.find(address)
    longest = longest_bar(one.match for one in explained)
    found = [
        {
            "rank": one.rank,
            "museum": one.museum,
            "explanation": one.explanation,
            "parts": level_parts(one.match.levels, longest),
            "answers": answers(one.match, result.plan),
            "views": _report_views(explorer, one.explanation),
            "largest": max((abs(r.contribution) for r in one.explanation.rooms), default=0) or 1,
        }
        for one in explained
    ]
    return views.render(
        "report.html",
        query=clean_query(address.query),
        asked=_asked_picture(explorer, address),
        paragraphs=result.paragraphs,
        found=found,
        verdict=verdict(result, explorer.known(address)),
        filters=address.filters,
        collection=explorer.collection,
        result=result,
    )


def _asked_picture(explorer: Explorer, address: Address) -> str:
    """Return the picture or view that was searched by, in base64; empty for words."""
    if address.image:
        picture = encode_jpeg(explorer.uploads.get(address.image))
    elif address.like:
        picture = explorer.small_picture(*address.like)
    else:
        return ""
    return base64.b64encode(picture).decode("ascii")


def _report_views(
    explorer: Explorer, explanation: Explanation
) -> list[tuple[RoomContribution, ViewContribution, int | None, str]]:
    """Return the views that carried the most: room, view, ``share``, and picture in base64."""
    return [
        (
            room,
            view,
            share(view.contribution, explanation.score - explanation.baseline),
            base64.b64encode(
                explorer.small_picture(explanation.museum_id, room.index, view.index)
            ).decode("ascii"),
        )
        for room, view in explanation.best_views(VIEWS_SHOWN)
    ]


def _ranked_texts(
    explorer: Explorer, address: Address
) -> tuple[DescriptionRanks, Selection, list[Row]]:
    _, ranks = load_metrics(explorer)
    selection = select_texts(address, ranks)
    chosen = order(ranks, selection)
    return ranks, selection, rows(explorer.collection, ranks, selection.length, chosen)


def _ranks_csv(explorer: Explorer, address: Address) -> str:
    ranks, selection, found = _ranked_texts(explorer, address)
    return ranks_csv(selection.length, ordered_methods(ranks), found)


def _ranks_json(explorer: Explorer, address: Address) -> str:
    ranks, selection, found = _ranked_texts(explorer, address)
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
    return _json({"collection": ranks.collection, "length": selection.length, "texts": texts})


def _json(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


# What can be made, by its ending: of a search, and of the researchers' page.
RESULTS: dict[str, Callable[[Explorer, Address], str]] = {
    "csv": _results_csv,
    "json": _results_json,
    "html": _report,
}
RANKS: dict[str, Callable[[Explorer, Address], str]] = {"csv": _ranks_csv, "json": _ranks_json}


def _name(address: Address) -> str:
    """Return a file's name without its ending, of plain letters only."""
    words = ["ranks", address.option("length", DEFAULT_LENGTH)]
    if address.page != "metrics":
        words = [clean_query(address.query)[:200]]
    parts = re.findall(r"[a-z0-9]+", " ".join(words).lower())
    return "-".join(["hicalm", *parts])[:LONGEST_NAME].rstrip("-")


def export_routes(explorer: ServedExplorer) -> list[APIRoute]:
    """Return the route ``/export/{kind}``; the address is its query part, or the body of a POST."""
    # Threads of its own: a file of many museums takes seconds, and maps must not wait behind it.
    pool = ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="export")

    async def export(kind: str, request: Request) -> Response:
        search = request.url.query
        if request.method == "POST":
            search = (await read_body(request, MAX_LENGTH)).decode("utf-8", "replace")
        try:
            loop = asyncio.get_running_loop()
            name, content = await loop.run_in_executor(pool, make_file, explorer, kind, search)
        except HicalmError as error:
            return Response(str(error), 400, SAFE, "text/plain")
        media, encoding = FORMATS[kind]
        headers = SAFE | {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content.encode(encoding, "replace"), 200, headers, media)

    return [APIRoute("/export/{kind}", export, methods=["GET", "POST"])]
