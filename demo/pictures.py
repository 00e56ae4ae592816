"""Routes that serve pictures: views and covers of the collection, and the pictures searched with.

Views and covers of a visitor's collection have addresses that begin with ``/collection/TOKEN``.

A view is rendered on demand, at most two at a time, in threads of its own (the server's own
threads stay free for searches), and its JPEG is kept in a bounded cache.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakKeyDictionary

from fastapi import Response
from fastapi.routing import APIRoute

from demo.address import MUSEUM_ID
from demo.user_collections import ServedWorkspace
from demo.warmup import Models
from demo.workspace import Workspace
from hicalm.data.pictures import PictureSource
from hicalm.errors import HicalmError
from hicalm.files import encode_jpeg

WIDTHS = (160, 320, 480, 640, 960)
DEFAULT_WIDTH = 480
RENDERS_AT_ONCE = 2
CACHE_BYTES = 96_000_000
USER_CACHE_BYTES = 8_000_000  # for each collection that a visitor added
JPEG_QUALITY = 86
FOREVER = "public, max-age=31536000, immutable"
PRIVATE = "private, max-age=3600"  # of museums and pictures of visitors
NOT_NOW = {"Cache-Control": "no-store"}


class PictureCache:
    """JPEG files by key, made in a small pool of threads and dropped oldest first."""

    def __init__(self, capacity: int = CACHE_BYTES, workers: int = RENDERS_AT_ONCE):
        self._capacity = capacity
        self._size = 0
        self._files: OrderedDict[Hashable, bytes] = OrderedDict()
        self._pending: dict[Hashable, asyncio.Future[bytes]] = {}
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="picture")

    async def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return the file of ``key``; ``make`` runs at most once for requests at the same time.

        Call it from one event loop only: that is what makes it safe without a lock.
        """
        if key in self._files:
            self._files.move_to_end(key)
            return self._files[key]
        if key not in self._pending:
            future = asyncio.get_running_loop().run_in_executor(self._pool, make)
            self._pending[key] = future
            future.add_done_callback(lambda done: self._keep(key, done))
        return await asyncio.shield(self._pending[key])

    def _keep(self, key: Hashable, done: asyncio.Future[bytes]) -> None:
        del self._pending[key]
        if done.cancelled() or done.exception() is not None:
            return
        self._files[key] = done.result()
        self._size += len(done.result())
        while self._size > self._capacity and len(self._files) > 1:
            self._size -= len(self._files.popitem(last=False)[1])


def _not_found() -> Response:
    return Response("There is no such picture.", 404, NOT_NOW, "text/plain")


def _jpeg(content: bytes, cache_control: str = FOREVER) -> Response:
    headers = {"Cache-Control": cache_control, "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="image/jpeg", headers=headers)


class _Source:
    """The pictures of one workspace's museums, with caches that go when the museums go."""

    def __init__(self, workspace: Workspace, private: bool) -> None:
        self.warmup = workspace.warmup
        self.cache_control = PRIVATE if private else FOREVER
        capacity = USER_CACHE_BYTES if private else CACHE_BYTES
        # Covers are read from files: they must not queue behind pictures that are being rendered.
        self.pictures, self.covers = PictureCache(capacity), PictureCache(capacity)

    async def serve(
        self, cache: PictureCache, key: Hashable, make: Callable[[PictureSource], bytes]
    ) -> Response:
        """Answer with a picture, made where it is not in the cache."""
        pictures = self.warmup.pictures
        if pictures is None:
            return Response("Not open yet.", 503, NOT_NOW | {"Retry-After": "2"}, "text/plain")
        try:
            return _jpeg(await cache.get(key, lambda: make(pictures)), self.cache_control)
        except (HicalmError, KeyError, IndexError):
            return _not_found()

    def knows(self, museum: str) -> bool:
        """Tell whether there is such a museum, as far as that is known yet."""
        if not MUSEUM_ID.fullmatch(museum):
            return False
        try:
            return self.warmup.collection is None or bool(self.warmup.collection.museum(museum))
        except HicalmError:
            return False


def picture_routes(workspace: ServedWorkspace) -> list[APIRoute]:
    """Return the routes ``/picture/…``, ``/cover/…`` and ``/query-picture`` of a workspace."""
    builtin = _Source(workspace, private=False)
    sources: WeakKeyDictionary[Workspace, _Source] = WeakKeyDictionary()

    def source_of(token: str) -> _Source | None:
        if not token:
            return builtin
        try:
            found = workspace.user_collections.workspace(token)
        except HicalmError:
            return None
        if found not in sources:
            sources[found] = _Source(found, private=True)
        return sources[found]

    async def picture(
        museum: str, room: str, view: str, w: str = str(DEFAULT_WIDTH), token: str = ""
    ) -> Response:
        numbers, source = (room, view, w), source_of(token)
        if not all(n.isascii() and n.isdecimal() and len(n) < 5 for n in numbers):
            return _not_found()
        indices, width = (int(room), int(view)), int(w)
        if width not in WIDTHS or source is None or not source.knows(museum):
            return _not_found()
        if not _exists(source.warmup, museum, *indices):
            return _not_found()
        return await source.serve(
            source.pictures,
            (museum, *indices, width),
            lambda pictures: encode_jpeg(pictures.picture(museum, *indices, width), JPEG_QUALITY),
        )

    async def cover(museum: str, token: str = "") -> Response:
        source = source_of(token)
        if source is None or not source.knows(museum):
            return _not_found()
        return await source.serve(source.covers, (museum,), lambda pictures: pictures.cover(museum))

    async def query_picture(token: str) -> Response:
        try:
            return _jpeg(encode_jpeg(workspace.uploads.get(token), JPEG_QUALITY), PRIVATE)
        except HicalmError:
            return _not_found()

    return [
        APIRoute("/picture/{museum}/{room}/{view}", picture, methods=["GET"]),
        APIRoute("/cover/{museum}", cover, methods=["GET"]),
        APIRoute("/collection/{token}/picture/{museum}/{room}/{view}", picture, methods=["GET"]),
        APIRoute("/collection/{token}/cover/{museum}", cover, methods=["GET"]),
        APIRoute("/query-picture/{token}", query_picture, methods=["GET"]),
    ]


def _exists(warmup: Models, museum: str, room: int, view: int) -> bool:
    if warmup.collection is None:
        return True  # `serve` answers that nothing is open yet
    rooms = warmup.collection.museum(museum).rooms
    return room < len(rooms) and view < rooms[room].views
