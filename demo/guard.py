"""The door of the server: what every request and every answer has to be like.

It stands around Gradio's own middleware, which else would let the pages of any site read answers
(see ``guarded``).
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from gradio.routes import file_upload_statuses
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo import text
from demo.brought import Brought, NoRoomError
from demo.refusals import note, wrong_body
from demo.sessions import LightSessions
from demo.visitors import arrive
from hicalm.files import is_full

API = "/gradio_api/"
UPLOAD = f"{API}upload"
LARGEST_BODY = 28_000_000  # bytes: a picture of 20 MB in base64
LARGEST_UPLOAD = 210_000_000  # bytes: a file of 200 MB, with what stands around it
MOST_VALUES = 100_000  # of JSON in a body: the thread that answers everybody reads them
PART = 8_000  # bytes of the disk that a file takes, however small it is
LONGEST_ID = 100  # letters of the name of an upload, which Gradio keeps
MOST_IDS = 500  # of uploads that are kept
GRACE = 20.0  # seconds in which a body may be slow
SLOWEST = 10_000.0  # bytes a second after that
MOST_HELD = 128_000_000  # bytes of bodies at once, beside uploads
MOST_HELD_OF_ONE = 64_000_000
MOST_OPEN = 100  # requests of one visitor at once; a page of pictures opens some dozens
# Parts of Gradio that no page and no endpoint of ours uses: calls past the queue, a proxy, others'
# addresses, recordings, links that write files, and its tools for whoever writes an app.
CLOSED = tuple(
    API + name
    for name in ("run/", "api/", "proxy=", "file=http", "file/http", "process_recording", "stream/",
                 "deep_link", "vibe-", "undo-vibe-edit", "runs", "run-history", "dev/")
)  # fmt: skip
SPACES = "https://huggingface.co"
HEADERS = {
    # Gradio writes its settings into the page, and makes functions of its listeners' scripts.
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' "
    "'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' "
    "data:; media-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri "
    f"'self'; form-action 'self'; frame-ancestors 'self' {SPACES}",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # addresses hold queries
}
Name = Annotated[str, Field(max_length=100)]


class _Join(BaseModel):
    """What the page and clients of the API put into the queue."""

    data: list[Any]
    fn_index: int
    session_hash: Name
    event_data: dict[str, Any] | None = None
    trigger_id: int | None = None


class _ServerCall(BaseModel):
    """What a script of the page asks of its component."""

    data: dict[str, Any]
    component_id: int
    session_hash: Name
    fn_name: Name


class _Cancel(BaseModel):
    session_hash: Name
    fn_index: int
    event_id: Name


BODIES: dict[str, TypeAdapter[Any]] = {
    f"{API}queue/join": TypeAdapter(_Join),
    f"{API}component_server": TypeAdapter(_ServerCall),
    f"{API}cancel": TypeAdapter(_Cancel),
}
Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


class Refused(Exception):
    """A request that is answered with a sentence instead of what it asks for."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Guard:
    """Middleware that refuses hostile requests, and says in every answer what a browser may do.

    ``brought`` counts the files that visitors bring.
    """

    def __init__(self, app: ASGIApp, brought: Brought) -> None:
        self._app, self._brought = app, brought
        self._open: Counter[str] = Counter()
        self._held: dict[_Body, str] = {}  # bodies that arrive or are being answered, and whose

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visitor = arrive(HTTPConnection(scope))
        answer = _Answer(send)
        self._open[visitor] += 1
        try:
            if self._open[visitor] > MOST_OPEN:
                sentence = text.TOO_MANY_REQUESTS.format(limit=MOST_OPEN)
                raise Refused(HTTPStatus.TOO_MANY_REQUESTS, sentence)
            await self._pass_on(scope, receive, answer, visitor)
        except Refused as refused:
            if not answer.started:
                await _sentence(scope["path"], refused)(scope, receive, answer)
        except ClientDisconnect:
            pass
        except Exception as error:  # the last resort: one line of the log instead of the whole body
            # Streams of events tell what is wrong and raise it, too.
            told = any(isinstance(one, HTTPException) for one in (error, error.__cause__))
            if not (told or is_full(error)):
                note("a request failed", error)
            if answer.started and not answer.ended:
                await answer({"type": "http.response.body"})
            elif not answer.started:
                await _sentence(scope["path"], _failed(error))(scope, receive, answer)
        finally:
            self._open[visitor] -= 1
            if not self._open[visitor]:
                del self._open[visitor]

    async def _pass_on(
        self, scope: Scope, receive: Receive, answer: "_Answer", visitor: str
    ) -> None:
        headers, path = Headers(scope=scope), scope["path"].rstrip("/")
        if scope["method"] not in ("GET", "HEAD") and foreign(headers):
            raise Refused(HTTPStatus.FORBIDDEN, text.FOREIGN)
        if path.startswith(CLOSED) or scope["path"].startswith(CLOSED):
            raise Refused(HTTPStatus.NOT_FOUND, text.CLOSED)
        # Of requests without an origin Gradio's middleware lets no page of another site read the
        # answer.
        kept = [pair for pair in scope["headers"] if pair[0] != b"origin"]
        passed = {**scope, "headers": kept, "query_string": own_query(scope["query_string"])}
        if path.startswith(UPLOAD):
            check_upload_id(scope["query_string"])
            forget_uploads()
        if path == UPLOAD:
            try:
                with self._brought.arriving(visitor, announced(headers)) as came:
                    body = _Body(receive, LARGEST_UPLOAD, headers, came)
                    await self._app(passed, body, answer)
            except NoRoomError as full:
                raise Refused(HTTPStatus.INSUFFICIENT_STORAGE, str(full)) from None
            return
        body = _Body(receive, LARGEST_BODY, headers, partial(self._check_held, visitor))
        self._held[body] = visitor
        try:
            # All of it first: what has begun to answer could not be told that it came too slowly.
            content = await body.read()
            if sum(content.count(sign) for sign in (b",", b"[", b"{")) > MOST_VALUES:
                raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, text.BODY_TOO_RICH)
            if path in BODIES and scope["method"] == "POST":
                check(content, BODIES[path])
            await self._app(passed, body, answer)
        finally:
            del self._held[body]

    def _check_held(self, visitor: str, _: int) -> None:
        """Raise Refused where too much is held, of a visitor or of all."""
        own = sum(body.size for body, whose in self._held.items() if whose == visitor)
        everything = sum(body.size for body in self._held)
        if own > MOST_HELD_OF_ONE or everything > MOST_HELD:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, text.TOO_MUCH_ARRIVES)


def guarded(lifespan: Lifespan, brought: Brought) -> Lifespan:
    """Return the lifespan of an app that has a ``Guard`` around it meanwhile, and light sessions.

    Gradio puts its own middleware around all that it is given.
    """

    @asynccontextmanager
    async def around(app: Any) -> AsyncIterator[None]:
        LightSessions.serve(app)
        app.get_blocks().upload_file_set = _Unnoted()
        app.middleware_stack = Guard(app.middleware_stack, brought)
        async with lifespan(app):
            yield

    return around


def check_upload_id(asked: bytes) -> None:
    """Raise Refused for an upload whose name is too long to be kept."""
    named = parse_qs(asked.decode("latin-1"), encoding="latin-1").get("upload_id", [""])
    if max(map(len, named)) > LONGEST_ID:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, text.WRONG_PAGE_VALUES)


def forget_uploads() -> None:
    """Let Gradio forget how far older uploads are, which nobody asked it for."""
    for kept in (file_upload_statuses._statuses, file_upload_statuses._signals):
        for name in [*kept][:-MOST_IDS]:
            kept.pop(name, None)


class _Unnoted(set[str]):
    """Where Gradio notes every file that ever came; ``private_folder`` tidies them without."""

    def update(self, *_: object) -> None:
        """Note nothing."""


async def refuse(request: Request, error: Exception) -> Response:
    """Answer a request that was refused while its body came, or that failed."""
    refused = error if isinstance(error, Refused) else _failed(error)
    return _sentence(request.scope["path"], refused)


def _failed(error: Exception) -> Refused:
    """Return what is answered for a reason that nobody thought of, or for a full disk."""
    if is_full(error):
        return Refused(HTTPStatus.INSUFFICIENT_STORAGE, text.DISK_FULL)
    return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, text.UNEXPECTED)


def own_query(asked: bytes) -> bytes:
    """Return the query of an address without ``page``, by which Gradio finds no page of ours.

    It answers 500 to one that it does not know; all our pages are one of Gradio's.
    """
    pairs = parse_qsl(asked.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    if all(name != "page" for name, _ in pairs):
        return asked
    kept = [pair for pair in pairs if pair[0] != "page"]
    return urlencode(kept, encoding="latin-1").encode()


def foreign(headers: Headers) -> bool:
    """Tell whether a browser sent a request for a page of another site."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None:
        return False  # no browser, or nothing that changes anything
    if site is not None:
        return site not in ("same-origin", "none")
    hosts = headers.getlist("host") + headers.get("x-forwarded-host", "").split(",")
    own = {host.strip().removesuffix(":443").removesuffix(":80") for host in hosts}
    own.add(os.environ.get("SPACE_HOST", ""))
    return urlsplit(origin).netloc.removesuffix(":443").removesuffix(":80") not in own - {""}


def _sentence(path: str, refused: Refused) -> Response:
    if path.startswith(UPLOAD):  # what Gradio's page shows as it is
        return PlainTextResponse(refused.sentence, refused.status)
    return JSONResponse({"detail": refused.sentence}, refused.status)


def announced(headers: Headers) -> int:
    """Return how many bytes a request says it brings; 0 where it does not say."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and len(length) < 16 else 0


def check(content: bytes, kind: TypeAdapter[Any]) -> None:
    """Raise Refused where a body is not JSON of this kind."""
    try:
        kind.validate_json(content)
    except ValidationError as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, wrong_body(error)) from None


class _Body:
    """What a request brings, as it arrives: neither too much nor too slowly."""

    def __init__(
        self, receive: Receive, largest: int, headers: Headers, grown: Callable[[int], None]
    ) -> None:
        """``grown`` is called with the bytes that came whenever more have, as files take them."""
        self._receive, self._largest, self._grown = receive, largest, grown
        self._began, self.size, self._parts = time.monotonic(), 0, 0
        self._ended = False
        self._content: bytes | None = None
        self._limit(announced(headers))

    async def __call__(self) -> Message:
        """Return the next piece."""
        if self._content is not None:
            body, self._content = self._content, None
            return {"type": "http.request", "body": body, "more_body": False}
        if self._ended:  # what comes now is that the client leaves
            return await self._receive()
        left = self._began + GRACE + self.size / SLOWEST - time.monotonic()
        try:
            async with asyncio.timeout(max(left, 0.001)):
                message = await self._receive()
        except TimeoutError:
            raise Refused(HTTPStatus.REQUEST_TIMEOUT, text.BODY_TOO_SLOW) from None
        piece = message.get("body", b"")
        self.size += len(piece)
        self._parts += piece.lower().count(b"content-disposition:")
        self._limit(self.size)
        self._grown(self.size + PART * self._parts)
        self._ended = not message.get("more_body", False)
        return message

    def _limit(self, size: int) -> None:
        if size > self._largest:
            sentence = text.BODY_TOO_LARGE.format(limit=self._largest // 1_000_000)
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence)

    async def read(self) -> bytes:
        """Return all of it, which is then passed on as one piece.

        Raises Refused, and ClientDisconnect where the client leaves before its end.
        """
        pieces = []
        while not self._ended:
            message = await self()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            pieces.append(message.get("body", b""))
        self._content = b"".join(pieces)
        return self._content


class _Answer:
    """What is sent back, with the headers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = self.ended = False

    async def __call__(self, message: Message) -> None:
        """Send the next piece."""
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        else:
            self.ended = not message.get("more_body", False)
        await self._send(message)
