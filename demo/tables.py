"""Tables as CSV files: a ranked list with all its contributions, and ranks of texts.

One record a line, so that a table can be filtered and summed as it is. Rooms, views, paragraphs
and sentences count from 1 in a table, as on screen; the names of the columns say so.
"""

from collections.abc import Iterable, Iterator, Mapping

from demo.measured import Row
from hicalm.data.collection import Museum
from hicalm.explain.explanation import Explanation, RoomContribution, ViewContribution
from hicalm.files import to_json
from hicalm.levels import LEVELS, PARTS, parts_of
from hicalm.retrieval.results import SearchResult
from hicalm.tabular import csv_text

Record = Mapping[str, str | int | float]  # by column

AT_LEVEL = {level: f"contribution_at_{level}_level" for level in LEVELS}
TO_PART = {part: AT_LEVEL.get(part, f"contribution_to_{part}") for part in PARTS}
ROOM, VIEW, SENTENCE, PARAGRAPH = (
    f"{name}_counted_from_1" for name in ("room", "view", "sentence", "paragraph")
)
HEAD = (
    "rank", "museum_id", "title", "score", "baseline", "kind", "level", ROOM, VIEW, PARAGRAPH,
    "text", "contribution",
)  # fmt: skip
REPEATS = ("stages", "filters", "models", "collection", "version", "date")


def contribution_columns(explanations: Iterable[Explanation]) -> tuple[str, ...]:
    """Return the columns of a table: one for every part that any of the scores has."""
    parts = parts_of(*(explanation.levels for explanation in explanations))
    return (*HEAD, *(TO_PART[part] for part in parts), "similarity", *REPEATS)


def repeating(result: SearchResult) -> Record:
    """Return what every line says of the search, so that it can be repeated."""
    about = result.provenance
    return {
        "stages": ",".join(report.name for report in result.stages),
        "filters": to_json(dict(about.filters), ensure_ascii=False),
        "models": to_json(dict(about.models), ensure_ascii=False),
        "collection": about.collection,
        "version": about.version,
        "date": about.date,
    }


def to_csv(columns: Iterable[str], records: Iterable[Record]) -> str:
    """Return a CSV file as browsers save it; cells without a value are empty."""
    return csv_text(tuple(columns), records, line_end="\r\n")


def contribution_records(rank: int, explanation: Explanation, museum: Museum) -> Iterator[Record]:
    """Yield a record for each part of the score, room, view and part of the query.

    Those of the kind ``level`` are the parts of the score by name, further ones too.
    """
    head: dict[str, str | int | float] = {
        "rank": rank,
        "museum_id": museum.id,
        "title": museum.title,
        "score": explanation.score,
        "baseline": explanation.baseline,
    }
    for level, value in explanation.levels.items():
        yield head | {"kind": "level", "level": level, "contribution": value}
    for room in explanation.rooms:
        base = head | {ROOM: room.index + 1, "text": museum.rooms[room.index].name}
        yield base | {"kind": "room"} | _numbers(room)
        for view in room.views:
            yield base | {"kind": "view", VIEW: view.index + 1} | _numbers(view)
    for part in explanation.query_parts:
        base = head | {PARAGRAPH: part.paragraph + 1, "text": part.text}
        yield base | {"kind": "query part", "contribution": part.contribution}


def _numbers(one: RoomContribution | ViewContribution) -> dict[str, float]:
    levels = {TO_PART[part]: value for part, value in one.levels.items()}
    return {"contribution": one.contribution, "similarity": one.similarity} | levels


def ranks_csv(length: str, methods: Iterable[str], rows: Iterable[Row]) -> str:
    """Return the ranks of texts as a table: a text a line, a column for each method."""
    columns = {method: f"rank_by_{method}" for method in methods}
    names = ("length", "museum_id", "title", ROOM, SENTENCE, "text", *columns.values())
    records = (
        {
            "length": length,
            "museum_id": row.museum.id,
            "title": row.museum.title,
            ROOM: "" if row.room is None else row.room + 1,
            SENTENCE: "" if row.sentence is None else row.sentence + 1,
            "text": row.text,
            "ranked_first": row.first.id,
        }
        | {columns[method]: rank for method, rank in row.ranks.items()}
        for row in rows
    )
    return to_csv((*names, "ranked_first"), records)
