"""Maps as the app reads them: their points, what an address selects of them, and their files.

What is chosen is in the address (see ``demo.pages.map``). The selected points lie in its lasso, are
at least as similar to the query as it says, and have its value of the colours.
"""

import asyncio
import base64
import gzip
import hashlib
import math
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute

from demo import text, views
from demo.address import Address, format_address, parse_address
from demo.listed import items_of
from demo.pictures import FOREVER, NOT_NOW
from demo.turns import BusyError
from demo.user_collections import ServedWorkspace
from demo.workspace import Workspace
from hicalm.errors import HicalmError
from hicalm.files import to_json
from hicalm.levels import LEVELS
from hicalm.maps.map import WIDTH, Column, LevelMap, Maps
from hicalm.tabular import csv_text

MEDIA = {"csv": "text/csv", "json": "application/json"}
SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
HUES = 10  # values with a colour of their own; the others share one
OTHERS = "*"  # stands for all of those in an address
SIMILARITY = "similarity"  # to the query, as a colour
EDGE = 0.04 * WIDTH  # around all points
MAX_VERTICES = 60  # of a lasso
MAX_DESCRIBED = 60  # points at once
PIECE = 500  # points of a file that are written at once
OPENED_AT_ONCE = 40  # of these files, while they wait for their turn
_RECORD = ("museum_id", "museum", "room", "room_name", "view", "x", "y", "similarity")


@dataclass(frozen=True)
class Chart:
    """What an address shows: the map of a level, its colours, and what is selected.

    ``values`` are the similarities of all points to the query, None without one; ``rows`` are the
    selected points, None without a selection.
    """

    workspace: Workspace
    address: Address
    maps: Maps
    level: str
    color: str
    values: np.ndarray | None
    rows: np.ndarray | None

    @property
    def map(self) -> LevelMap:
        """The map of the level."""
        return self.maps.levels[self.level]

    @property
    def column(self) -> Column | None:
        """What colours the points; None is the similarity."""
        return {column.name: column for column in self.map.columns}.get(self.color)

    @property
    def museums(self) -> np.ndarray | None:
        """The museums that the map shows, rows (M,); None: all."""
        return None if self.maps.sample is None else self.maps.sample.rows

    @property
    def points(self) -> np.ndarray:
        """What each point is, as ``items_of``: (N, 3)."""
        return items_of(self.workspace.collection, self.level, self.museums)

    def similarities(self, address: Address) -> np.ndarray:
        """Return how well every point matches what an address asks, float32 (N,)."""
        return self.workspace.similarities(address, self.level, self.museums)

    def change(self, **options: str) -> Address:
        """Return the address with other options; an empty one is taken away."""
        return self.address.turn_to("map", **dict(self.address.options) | options)

    def ranked_rows(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the selected points (all, without a selection) in order, and what ranks them: the
        similarities to the words ``within``, else to the query, if there is one."""
        rows = np.arange(len(self.map.xy)) if self.rows is None else self.rows
        values = self.values
        if within := self.address.option("within").strip():
            values = self.similarities(replace(self.address, query=within, like=None, image=""))
        order = rows if values is None else rows[np.argsort(-values[rows], kind="stable")]
        return order, values


def open_chart(workspace: Workspace, address: Address) -> Chart:
    """Return what an address shows; what it has that the map lacks is as if it were not there.

    Raises HicalmError for a query that cannot be searched by, and where there are no maps.
    """
    maps = workspace.warmup.maps
    if maps is None:
        raise HicalmError(workspace.warmup.maps_failure)
    level, default = address.option("level"), maps.structure.default or (LEVELS[0], "")
    level = level if level in LEVELS else default[0]
    chart = Chart(workspace, address, maps, level, SIMILARITY, None, None)
    values = chart.similarities(address) if address.searches else None
    purity = maps.structure.purity.get(level, {})
    names = [column.name for column in maps.levels[level].columns]
    wanted = (address.option("color"), max(purity, key=purity.__getitem__, default=""))
    known = [name for name in (wanted if values is None else wanted[:1]) if name in names]
    color = (known or names)[0] if values is None or known else SIMILARITY
    chart = replace(chart, color=color, values=values)
    return replace(chart, rows=_selected(chart))


def _selected(chart: Chart) -> np.ndarray | None:
    option, column, chosen = chart.address.option, chart.column, []
    if polygon := read_pairs(option("lasso"), 3):
        chosen.append(inside(np.array(polygon), chart.map.xy))
    least = read_number(option("above"))
    if chart.values is not None and least is not None:
        chosen.append(chart.values >= least)
    if column and option("value") == OTHERS and len(column.values) > HUES:
        chosen.append(column.codes >= HUES)
    elif column and option("value") in column.values:
        chosen.append(column.codes == column.values.index(option("value")))
    return np.flatnonzero(np.all(chosen, axis=0)) if chosen else None


def inside(polygon: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Return which points (N, 2) lie in a polygon (V, 2), by the crossings of a ray, bool (N,)."""
    within = np.zeros(len(xy), bool)
    for (x0, y0), (x1, y1) in zip(np.roll(polygon, 1, axis=0), polygon, strict=True):
        if y0 != y1:
            crosses = (y0 > xy[:, 1]) != (y1 > xy[:, 1])
            within ^= crosses & (xy[:, 0] < (x1 - x0) * (xy[:, 1] - y0) / (y1 - y0) + x0)
    return within


def read_pairs(pairs: str, least: int) -> list[list[float]]:
    """Return ``"1,2;3,4"`` as pairs of numbers; none for anything else or fewer than ``least``."""
    found = [[read_number(number) for number in pair.split(",")] for pair in pairs.split(";")]
    whole = [[n for n in pair if n is not None] for pair in found]
    good = all(len(pair) == len(own) == 2 for pair, own in zip(found, whole, strict=True))
    return whole if good and least <= len(whole) <= MAX_VERTICES else []


def read_number(written: str) -> float | None:
    """Return a finite number, None for anything else."""
    try:
        number = float(written)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def describe(
    chart: Chart, rows: Iterable[int], answered: Address | None = None
) -> list[dict[str, Any]]:
    """Return what points are called, look like and lead to.

    Keys: ``index``, ``name``, ``where``, ``picture`` and ``small``, addresses of the view that
    answers the query (or that of ``answered``) most; ``open`` and ``down``, addresses of the
    museum's page and of the map a level below, which is called ``further``.
    """
    points, asked = chart.points, answered or chart.address
    return [{"index": int(i), **_described(chart, asked, *points[i].tolist())} for i in rows]


def _described(chart: Chart, asked: Address, row: int, room: int, view: int) -> dict[str, str]:
    address, museum = chart.address, chart.workspace.collection.museums[row]
    name, where = museum.title, text.counted(len(museum.rooms), "room")
    down, further, shown = "", "", (max(room, 0), max(view, 0))
    kept = {one: address.option(one) for one in ("color", "texts")} | {"museum": museum.id}
    if room >= 0:
        name, where = museum.rooms[room].name, f"Room {room + 1}, {museum.title}"
        down = format_address(address.turn_to("map", level="view", room=str(room + 1), **kept))
        further = "Its views on the map"
    else:
        down = format_address(address.turn_to("map", level="room", **kept))
        further = "Its rooms on the map"
    if view >= 0:
        where, down = f"View {view + 1} of room {room + 1}, {museum.title}", ""
    elif asked.searches:
        shown = chart.workspace.best_view(asked, museum.id, room if room >= 0 else None)
    picture = f"picture/{museum.id}/{shown[0]}/{shown[1]}?w="
    cover = f"cover/{museum.id}" if room < 0 and not asked.searches else ""
    opened = address.open(museum.id, *(one if one >= 0 else None for one in (room, view)))
    return {
        "name": name,
        "where": where,
        "picture": cover or f"{picture}320",
        "small": cover or f"{picture}160",
        "open": format_address(opened),
        "down": down,
        "further": further,
    }


def describe_points(workspace: ServedWorkspace, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what ``describe`` does of ``points`` of the map of an ``address``, and HTML of a
    ``card``; nothing for an address or points that are none."""
    address, asked = parse_address(str(wanted.get("address", ""))), wanted.get("points")
    try:
        chart = open_chart(workspace.at(address), address)
        count = len(chart.map.xy)
        rows = asked[:MAX_DESCRIBED] if isinstance(asked, list) else []
        whole = all(type(i) is int and 0 <= i < count for i in rows)
        found = describe(chart, rows) if whole else []
        return [one | {"card": views.render("map_card.html", point=one)} for one in found]
    except HicalmError:  # the page says so already
        return []


def points_file(chart: Chart, kind: str) -> Iterator[bytes]:
    """Return the selected points, in the order of their list, as ``csv`` or ``json``, in pieces.

    Whoever takes no further piece costs no more than the one at hand.
    """
    rows, values = chart.ranked_rows()
    names = [*_RECORD, *(one.name for one in chart.map.columns)]

    def pieces() -> Iterator[bytes]:
        for start in range(0, max(len(rows), 1), PIECE):
            records = _records(chart, rows[start : start + PIECE], values)
            if kind == "csv":
                head, lines = csv_text(names, records, "\r\n").split("\r\n", 1)
                yield (lines if start else f"\ufeff{head}\r\n{lines}").encode()
            else:
                inside = to_json(records, ensure_ascii=False, indent=1)[1:].removesuffix("]")
                yield f"{',' if start else '['}{inside.rstrip()}".encode()
        if kind == "json":
            yield b"\n]"

    return pieces()


def _records(chart: Chart, rows: np.ndarray, values: np.ndarray | None) -> list[dict[str, Any]]:
    museums, xy = chart.workspace.collection.museums, chart.map.xy
    points, records = chart.points, []
    for i in rows:
        row, room, view = points[i].tolist()
        own = (
            museums[row].id,
            museums[row].title,
            room + 1 if room >= 0 else None,
            museums[row].rooms[room].name if room >= 0 else None,
            view + 1 if view >= 0 else None,
            round(float(xy[i, 0]), 3),
            round(float(xy[i, 1]), 3),
            None if values is None else round(float(values[i]), 4),
        )
        columns = {one.name: _value(one, int(one.codes[i])) for one in chart.map.columns}
        records.append(dict(zip(_RECORD, own, strict=True)) | columns)
    return records


def _value(column: Column, code: int) -> str | int:
    return column.values[code] if column.values else code


class MapFile(NamedTuple):
    """A level's data as the browser reads it: JSON, compressed, and the hash of its content."""

    content: bytes
    version: str


@lru_cache(maxsize=len(LEVELS))
def map_file(maps: Maps, level: str) -> MapFile:
    """Return a level's points, colours and regions."""
    plain = to_json(_level_data(maps, level)).encode()
    version = hashlib.blake2b(plain, digest_size=6).hexdigest()
    return MapFile(gzip.compress(plain, 6, mtime=0), version)


def _level_data(maps: Maps, level: str) -> dict[str, object]:
    one = maps.levels[level]
    return {
        "level": level,
        "width": WIDTH,
        "count": len(one.xy),
        "box": [*(one.xy.min(axis=0) - EDGE).tolist(), *(one.xy.max(axis=0) + EDGE).tolist()],
        "xy": packed(one.xy),
        "texts": packed(one.texts),
        "hues": {
            column.name: packed(np.minimum(column.codes, HUES).astype(np.uint8))
            for column in one.columns
            if column.values
        },
        "regions": [asdict(zoom) for zoom in maps.structure.regions.get(level, ())],
    }


def packed(array: np.ndarray) -> str:
    """Return an array's bytes, little-endian, in base64."""
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(little.tobytes()).decode("ascii")


def map_routes(workspace: ServedWorkspace) -> list[APIRoute]:
    """Return the routes ``/map/{level}`` and ``/map-points.{kind}``, the selected points."""

    async def data(request: Request, level: str) -> Response:
        maps = workspace.warmup.maps
        if level not in LEVELS or maps is None:
            return Response("There is no such map.", 404, NOT_NOW, "text/plain")
        file = await asyncio.to_thread(map_file, maps, level)
        headers = {"Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        current = request.query_params.get("v") == file.version
        headers |= {"Cache-Control": FOREVER} if current else NOT_NOW
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(gzip.decompress(file.content), 200, headers, "application/json")
        headers["Content-Encoding"] = "gzip"
        return Response(file.content, 200, headers, "application/json")

    # Whoever waits for a turn, or for a piece to be written, keeps no thread from other files.
    opening, writing = CapacityLimiter(OPENED_AT_ONCE), CapacityLimiter(1)

    async def points(request: Request, kind: str) -> Response:
        address = parse_address(request.url.query)
        if kind not in MEDIA:
            return Response("There is no such file.", 404, SAFE, "text/plain")

        def opened() -> tuple[str, Iterator[bytes]]:
            chart = open_chart(workspace.at(address), address)
            return chart.level, points_file(chart, kind)

        try:
            level, pieces = await to_thread.run_sync(opened, limiter=opening)
        except HicalmError as error:
            status = 503 if isinstance(error, BusyError) else 404
            return Response(str(error), status, SAFE, "text/plain")

        async def written() -> AsyncIterator[bytes]:
            while piece := await to_thread.run_sync(next, pieces, b"", limiter=writing):
                yield piece

        name = f'attachment; filename="hicalm-{level}s.{kind}"'
        return StreamingResponse(written(), 200, SAFE | {"Content-Disposition": name}, MEDIA[kind])

    return [
        APIRoute("/map/{level}", data, methods=["GET"]),
        APIRoute("/map-points.{kind}", points, methods=["GET"]),
    ]
