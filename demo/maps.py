"""The map page: what it shows of an address, the query's position on it, and the browser's data.

The browser draws the points (``assets/js/map.js``) and keeps what is chosen there in the address:
``on.level``, ``on.color``, ``on.value``, ``on.zoom``, ``on.lasso``, ``on.within``, ``on.texts``,
and ``on.museum`` with ``on.room`` (from 1), the museum or room that the map is turned to.
"""

import asyncio
import base64
import gzip
import hashlib
import json
import threading
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from fastapi import Request, Response
from fastapi.routing import APIRoute

from demo import text, views
from demo.address import Address, parse_address
from demo.explorer import Explorer, clean_query
from demo.pictures import FOREVER, NOT_NOW
from demo.views import Page
from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS
from hicalm.maps.map import WIDTH, LevelMap, Maps, locate
from hicalm.retrieval.stages import RANK

RANKED = 12  # results with a number on the map


@dataclass(frozen=True)
class MapPoint:
    """A point of a map: its museum (row), and room and view from 0 where the level has them."""

    museum: int
    room: int | None = None
    view: int | None = None


def map_points(collection: Collection, level: str) -> list[MapPoint]:
    """Return the points of a level in the order of the collection."""
    if level == "museum":
        return [MapPoint(row) for row in range(len(collection.museums))]
    rooms = [
        (row, r, room) for row, m in enumerate(collection.museums) for r, room in enumerate(m.rooms)
    ]
    if level == "room":
        return [MapPoint(row, r) for row, r, _ in rooms]
    return [MapPoint(row, r, view) for row, r, room in rooms for view in range(room.views)]


def level_of(address: Address, maps: Maps | None) -> str:
    """Return the level that an address shows; what is no level means the one on which the maps are
    structured most, or the first where that is not known."""
    level = address.option("level")
    if level in LEVELS:
        return level
    return LEVELS[0] if maps is None or not maps.structure.default else maps.structure.default[0]


def _best_color(maps: Maps, level: str) -> str:
    """Return the attribute that lies most in clusters on a level; empty where none is known."""
    purity = maps.structure.purity.get(level, {})
    return max(purity, key=purity.__getitem__, default="")


def map_page(explorer: Explorer, address: Address) -> Page:
    """Return the page of a map. Raises HicalmError for a query that cannot be searched by."""
    warmup = explorer.warmup
    level = level_of(address, warmup.maps)
    title = f"Map · {text.APP_NAME}"
    if warmup.maps is None:
        html = views.render("map.html", failure=warmup.maps_failure, address=address)
        return views.answer("map", title, html)
    focus, notice = _focus(explorer.collection, address, level)
    file = map_file(warmup.maps, explorer.collection, level)
    html = views.render(
        "map.html",
        failure="",
        notice=notice,
        address=address,
        query=clean_query(address.query),
        level=level,
        levels=[(one, _turn(address, one)) for one in LEVELS],
        source=f"map/{level}?v={file.version}",
        plotly=f"plotly/{plotly_version()}.js",
        color=_best_color(warmup.maps, level),
        count=len(warmup.maps.levels[level].xy),
        metrics=warmup.maps.metrics.get(level, {}),
        ranked=_ranked(explorer, address, level) if address.searches else [],
        focus=focus,
    )
    return views.answer("map", title, html)


def map_query(explorer: Explorer, search: str) -> dict[str, object]:
    """Return what the map of an address shows of its query.

    Keys: ``values`` (the similarity of every point, float32 little-endian in base64), ``position``
    and ``spread`` (see ``hicalm.maps.map.locate``); or ``error``, one sentence.
    """
    address = parse_address(search)
    maps = explorer.warmup.maps
    level = level_of(address, maps)
    try:
        if address.collection:
            raise HicalmError(text.COLLECTION_NO_MAP)
        if maps is None:
            raise HicalmError(explorer.warmup.maps_failure)
        values = explorer.similarities(address, level)
        middle, spread = locate(maps.levels[level].xy, values)
    except HicalmError as error:
        return {"error": str(error)}
    return {"values": _packed(values), "position": list(middle), "spread": spread}


@dataclass(frozen=True)
class MapFile:
    """A level's data as the browser reads it: JSON, compressed, and the hash of its content."""

    content: bytes
    version: str


_making = threading.Lock()  # a file is made once, however many ask for it at the same time
_files: WeakKeyDictionary[Maps, dict[str, MapFile]] = WeakKeyDictionary()


def map_file(maps: Maps, collection: Collection, level: str) -> MapFile:
    """Return a level's points, columns, names and regions; made on the first call, then kept."""
    with _making:
        files = _files.setdefault(maps, {})
        if level not in files:
            data = _level_data(maps.levels[level], collection, level)
            data["regions"] = [asdict(zoom) for zoom in maps.structure.regions.get(level, ())]
            plain = json.dumps(data).encode()
            version = hashlib.blake2b(plain, digest_size=6).hexdigest()
            files[level] = MapFile(gzip.compress(plain, 6, mtime=0), version)
        return files[level]


@lru_cache(maxsize=1)
def plotly_version() -> str:
    """Return the version of the installed plotly, which is part of its script's address."""
    from importlib.metadata import version

    return version("plotly")


@lru_cache(maxsize=1)
def plotly_script() -> bytes:
    """Return plotly.js as the installed plotly package brings it, compressed."""
    from importlib.util import find_spec

    package = find_spec("plotly")
    folder = Path(str(package.origin)).parent if package else Path()
    return gzip.compress((folder / "package_data" / "plotly.min.js").read_bytes(), 6, mtime=0)


def map_routes(explorer: Explorer) -> list[APIRoute]:
    """Return the routes ``/map/{level}`` and ``/plotly/{version}.js``."""
    warmup = explorer.warmup

    async def data(request: Request, level: str) -> Response:
        if level not in LEVELS or warmup.maps is None:
            return Response("There is no such map.", 404, NOT_NOW, "text/plain")
        file = await asyncio.to_thread(map_file, warmup.maps, explorer.collection, level)
        current = request.query_params.get("v") == file.version
        return _compressed(request, file.content, "application/json", current)

    async def plotly(request: Request, version: str) -> Response:
        if version != plotly_version():
            return Response("There is no such version.", 404, NOT_NOW, "text/plain")
        content = await asyncio.to_thread(plotly_script)
        return _compressed(request, content, "text/javascript", True)

    return [
        APIRoute("/map/{level}", data, methods=["GET"]),
        APIRoute("/plotly/{version}.js", plotly, methods=["GET"]),
    ]


def _compressed(request: Request, content: bytes, kind: str, for_ever: bool) -> Response:
    headers = {"Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    headers |= {"Cache-Control": FOREVER} if for_ever else NOT_NOW
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(content, headers=headers | {"Content-Encoding": "gzip"}, media_type=kind)
    return Response(gzip.decompress(content), headers=headers, media_type=kind)


def _level_data(one: LevelMap, collection: Collection, level: str) -> dict[str, object]:
    return {
        "level": level,
        "width": WIDTH,
        "count": len(one.xy),
        "xy": _packed(one.xy),
        "texts": _packed(one.texts),
        "columns": [
            {
                "name": column.name,
                "label": text.label(column.name),
                "values": list(column.values),
                "bytes": column.codes.dtype.itemsize,
                "codes": _packed(column.codes),
            }
            for column in one.columns
        ],
        "museums": [
            {"id": m.id, "title": m.title, "rooms": [[r.name, r.views] for r in m.rooms]}
            for m in collection.museums
        ],
    }


def _packed(array: np.ndarray) -> str:
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(little.tobytes()).decode("ascii")


def _turn(address: Address, level: str) -> Address:
    kept = {name: address.option(name) for name in ("color", "texts")}
    return address.turn_to("map", level=level, **kept)


def _focus(
    collection: Collection, address: Address, level: str
) -> tuple[dict[str, object] | None, str]:
    """Return the museum (and room) that the map is turned to, and a notice where it is unknown."""
    wanted, number = address.option("museum"), address.option("room")
    if not wanted:
        return None, ""
    try:
        museum = collection.museum(wanted)
        room = int(number) - 1 if number.isascii() and number.isdecimal() else None
        if number and (room is None or not 0 <= room < len(museum.rooms)):
            raise HicalmError(text.BAD_FOCUS)
    except (HicalmError, ValueError):
        return None, text.BAD_FOCUS
    whole = _turn(address, level)
    return {"museum": museum, "room": room, "open": address.open(museum.id, room), "all": whole}, ""


def _ranked(explorer: Explorer, address: Address, level: str) -> list[dict[str, object]]:
    """Return the best museums, as the results rank them, or the rooms or views most similar."""
    collection = explorer.collection
    if level == "museum":
        rows = {museum.id: row for row, museum in enumerate(collection.museums)}
        matches = explorer.find(replace(address.results(), top=RANKED)).matches
        return [
            _entry(collection, address, rows[match.museum_id], MapPoint(rows[match.museum_id]))
            | {
                "value": match.score,
                "open": address.open(match.museum_id, match.best_room),
                "picture": f"picture/{match.museum_id}/{match.best_room}/{match.best_view}?w=160",
            }
            for match in matches
        ]
    values = explorer.similarities(address, level)
    points = map_points(collection, level)
    allowed = _allowed(explorer, address)
    order = np.argsort(-values, kind="stable")
    liked = address.like[0] if address.like else ""  # not an answer to itself, as among results
    best = []
    for index in order:
        point = points[index]
        museum = collection.museums[point.museum].id
        if (allowed is None or museum in allowed) and museum != liked:
            entry = _entry(collection, address, int(index), point)
            if point.view is None:
                room, view = explorer.best_view(address, museum, point.room)
                entry["picture"] = f"picture/{museum}/{room}/{view}?w=160"
            best.append(entry | {"value": float(values[index])})
        if len(best) == RANKED:
            break
    return best


def _allowed(explorer: Explorer, address: Address) -> set[str] | None:
    """Return the ids of the museums that pass the filters, None without any."""
    if not address.filters:
        return None
    everything = replace(address.results(), top=len(explorer.collection.museums), stages=(RANK,))
    return {match.museum_id for match in explorer.find(everything).matches}


def _entry(
    collection: Collection, address: Address, index: int, point: MapPoint
) -> dict[str, object]:
    museum = collection.museums[point.museum]
    if point.room is None:
        name, where, picture = museum.title, f"{len(museum.rooms)} rooms", f"cover/{museum.id}"
    else:
        room, view = museum.rooms[point.room], point.view or 0
        name, where = room.name, f"Room {point.room + 1}, {museum.title}"
        if point.view is not None:
            where = f"View {view + 1} of room {point.room + 1}, {museum.title}"
        picture = f"picture/{museum.id}/{point.room}/{view}?w=160"
    return {
        "index": index,
        "name": name,
        "where": where,
        "picture": picture,
        "open": address.open(museum.id, point.room, point.view),
    }
