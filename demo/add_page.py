"""The page to add museums at, and the routes by which a zip file arrives and is deleted."""

import asyncio
import re
from typing import Any
from urllib.parse import unquote

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from demo import text, views
from demo.address import Address
from demo.explorer import Explorer, clean_query
from demo.own_museums import KEPT_HOURS, LONGEST_NAME, MAX_RERANKED, MOST_VIEWS, OwnSet
from hicalm.errors import HicalmError

VIEWS_A_SECOND = 15  # that two cores encode; measured with the built-in encoder and art expert
SENDING_SECONDS = 900.0  # a file that takes longer holds up the others
MOST_LINES = 40  # about what was left out
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


def limits() -> dict[str, Any]:
    """Return what a zip file may hold, and how long it is kept."""
    from hicalm.importers.archive import MAX_BYTES, MAX_FILES, MAX_UNPACKED_BYTES

    return {
        "bytes": MAX_BYTES,
        "megabytes": MAX_BYTES // 1_000_000,
        "unpacked": MAX_UNPACKED_BYTES // 1_000_000,
        "files": MAX_FILES,
        "views": MOST_VIEWS,
        "minutes": max(1, round(MOST_VIEWS / VIEWS_A_SECOND / 60)),
        "hours": KEPT_HOURS,
        "kept": MAX_RERANKED,
    }


def add_page(explorer: Explorer, address: Address) -> dict[str, Any]:
    """Return the page to add museums at; with a token, how far those are."""
    own = explorer.own_museums.find(address.inside) if address.inside else None
    home = Address(inside=address.inside)
    museums = own.explorer.collection.museums if own and own.explorer else ()
    html = views.render(
        "add.html",
        address=address,
        own=own,
        ahead=explorer.own_museums.ahead(own) if own else 0,
        museums=museums,
        rooms=sum(len(museum.rooms) for museum in museums),
        pictures=sum(room.views for museum in museums for room in museum.rooms),
        lines=own.lines[:MOST_LINES] if own else [],
        more=max(0, len(own.lines) - MOST_LINES) if own else 0,
        limits=limits(),
        too_large=_too_large(),
        home=home,
    )
    title = f"Your museums · {text.APP_NAME}"
    return views.answer("add", title, html, "waiting" if own and not own.ended else "done")


def gone_page() -> dict[str, Any]:
    """Return what a visitor sees whose museums are no longer kept."""
    message = text.OWN_GONE.format(hours=KEPT_HOURS)
    return views.answer("gone", text.APP_NAME, views.render("gone.html", message=message))


def with_name(own: OwnSet, address: Address, page: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a set of museums under a line that says whose museums they are."""
    query = Address(query=address.query, image=address.image, top=address.top)
    line = views.render(
        "inside.html",
        name=own.name,
        count=len(own.explorer.collection.museums),
        home=address.home(),
        builtin=query,
        add=address.home().turn_to("add"),
    )
    return page | {"html": line + page["html"]}


def clean_name(name: str) -> str:
    """Return a file's name as the name of its museums."""
    stem = re.sub(r"\.zip$", "", clean_query(name).replace("\\", "/").split("/")[-1], flags=re.I)
    return " ".join(stem.replace("_", " ").split())[:LONGEST_NAME].strip() or "Your museums"


def add_routes(explorer: Explorer) -> list[APIRoute]:
    """Return the routes ``/own-museums``: a POST adds a zip file, a DELETE deletes its museums."""

    async def add(request: Request) -> Response:
        own, taken = None, False
        try:
            _check_length(request)
            own = explorer.own_museums.begin(clean_name(unquote(request.headers.get("x-name", ""))))
            async with asyncio.timeout(SENDING_SECONDS):
                await _write(request, own)
            explorer.own_museums.take(own)
            taken = True
        except (HicalmError, ClientDisconnect, TimeoutError) as error:
            message = str(error) if isinstance(error, HicalmError) else text.OWN_CUT
            return JSONResponse({"error": message}, 503 if message == text.OWN_BUSY else 400)
        finally:  # whatever went wrong, its place is free for others
            if own is not None and not taken:
                explorer.own_museums.remove(own.token)
        return JSONResponse({"token": own.token})

    async def delete(token: str) -> Response:
        await asyncio.to_thread(explorer.own_museums.remove, token)
        return Response(status_code=204)

    return [
        APIRoute("/own-museums", add, methods=["POST"]),
        APIRoute("/own-museums/{token}", delete, methods=["DELETE"]),
    ]


def _check_length(request: Request) -> None:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limits()["bytes"]:
        raise HicalmError(_too_large())


async def _write(request: Request, own: OwnSet) -> None:
    """Write the body to the set's file, but no more of it than the limit."""
    most, written = limits()["bytes"], 0
    beginning = b""
    with own.archive.open("wb") as file:
        async for chunk in request.stream():
            written += len(chunk)
            if written > most:
                raise HicalmError(_too_large())
            if len(beginning) < 4:
                beginning += chunk[:4]
            await asyncio.to_thread(file.write, chunk)
    if not beginning.startswith(ZIP_STARTS):
        raise HicalmError(text.OWN_NO_ZIP)


def _too_large() -> str:
    return text.OWN_TOO_LARGE.format(limit=limits()["megabytes"])
