"""The page to add museums at, and the routes by which a zip file arrives and is deleted."""

import asyncio
import re
from urllib.parse import unquote

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from demo import text, views
from demo.address import Address
from demo.explorer import Explorer, clean_query
from demo.user_collections import (
    KEPT_HOURS,
    LONGEST_NAME,
    MAX_KEPT,
    MAX_VIEWS,
    ServedExplorer,
    UserCollection,
)
from demo.views import Page
from hicalm.errors import HicalmError

VIEWS_A_SECOND = 15  # that two cores encode; measured with the built-in encoder and art expert
SENDING_SECONDS = 900.0  # a file that takes longer holds up the others
MAX_LINES = 40  # about what was left out
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


def limits() -> dict[str, int]:
    """Return what a zip file may hold, and how long it is kept."""
    from hicalm.importers.archive import MAX_BYTES, MAX_FILES, MAX_UNPACKED_BYTES

    return {
        "bytes": MAX_BYTES,
        "megabytes": MAX_BYTES // 1_000_000,
        "unpacked": MAX_UNPACKED_BYTES // 1_000_000,
        "files": MAX_FILES,
        "views": MAX_VIEWS,
        "minutes": max(1, round(MAX_VIEWS / VIEWS_A_SECOND / 60)),
        "hours": KEPT_HOURS,
        "kept": MAX_KEPT,
    }


def add_page(explorer: ServedExplorer, address: Address) -> Page:
    """Return the page to add museums at; with a token, how far those are."""
    added = explorer.user_collections.find(address.collection) if address.collection else None
    home = Address(collection=address.collection)
    museums = added.explorer.collection.museums if added and added.explorer else ()
    html = views.render(
        "add.html",
        address=address,
        added=added,
        ahead=explorer.user_collections.ahead(added) if added else 0,
        museums=museums,
        rooms=sum(len(museum.rooms) for museum in museums),
        pictures=sum(room.views for museum in museums for room in museum.rooms),
        lines=added.lines[:MAX_LINES] if added else [],
        more=max(0, len(added.lines) - MAX_LINES) if added else 0,
        limits=limits(),
        too_large=_too_large(),
        home=home,
    )
    title = f"Your collections · {text.APP_NAME}"
    return views.answer("add", title, html, "waiting" if added and not added.ended else "done")


def gone_page() -> Page:
    """Return what a visitor sees whose museums are no longer kept."""
    message = text.COLLECTION_GONE.format(hours=KEPT_HOURS)
    return views.answer("gone", text.APP_NAME, views.render("gone.html", message=message))


def collection_line(name: str, explorer: Explorer, address: Address) -> str:
    """Return the line over a page of a visitor's collection that says which one it is."""
    query = Address(query=address.query, image=address.image, top=address.top)
    return views.render(
        "collection_line.html",
        name=name,
        count=len(explorer.collection.museums),
        home=address.home(),
        builtin=query,
        add=address.home().turn_to("add"),
    )


def clean_name(name: str) -> str:
    """Return a file's name as the name of its museums."""
    stem = re.sub(r"\.zip$", "", clean_query(name).replace("\\", "/").split("/")[-1], flags=re.I)
    return " ".join(stem.replace("_", " ").split())[:LONGEST_NAME].strip() or "Your collection"


def add_routes(explorer: ServedExplorer) -> list[APIRoute]:
    """Return the routes ``/user-collections``: a POST adds a zip file, a DELETE deletes it."""

    async def add(request: Request) -> Response:
        added, enqueued = None, False
        try:
            _check_length(request)
            name = clean_name(unquote(request.headers.get("x-name", "")))
            added = explorer.user_collections.begin(name)
            async with asyncio.timeout(SENDING_SECONDS):
                await _write(request, added)
            explorer.user_collections.enqueue(added)
            enqueued = True
        except (HicalmError, ClientDisconnect, TimeoutError) as error:
            message = str(error) if isinstance(error, HicalmError) else text.COLLECTION_CUT
            return JSONResponse({"error": message}, 503 if message == text.COLLECTION_BUSY else 400)
        finally:  # whatever went wrong, its place is free for others
            if added is not None and not enqueued:
                explorer.user_collections.remove(added.token)
        return JSONResponse({"token": added.token})

    async def delete(token: str) -> Response:
        await asyncio.to_thread(explorer.user_collections.remove, token)
        return Response(status_code=204)

    return [
        APIRoute("/user-collections", add, methods=["POST"]),
        APIRoute("/user-collections/{token}", delete, methods=["DELETE"]),
    ]


def _check_length(request: Request) -> None:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limits()["bytes"]:
        raise HicalmError(_too_large())


async def _write(request: Request, added: UserCollection) -> None:
    """Write the body to the collection's file, but no more of it than the limit."""
    max_bytes, written = limits()["bytes"], 0
    beginning = b""
    with added.archive.open("wb") as file:
        async for chunk in request.stream():
            written += len(chunk)
            if written > max_bytes:
                raise HicalmError(_too_large())
            if len(beginning) < 4:
                beginning += chunk[:4]
            await asyncio.to_thread(file.write, chunk)
    if not beginning.startswith(ZIP_STARTS):
        raise HicalmError(text.COLLECTION_NO_ZIP)


def _too_large() -> str:
    return text.COLLECTION_TOO_LARGE.format(limit=limits()["megabytes"])
