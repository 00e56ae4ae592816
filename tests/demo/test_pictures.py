"""Routes of pictures and the reading of uploaded ones."""

import asyncio
import io
import struct
import threading
import zlib

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from demo.pictures import FOREVER, PictureCache, picture_routes
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.errors import HicalmError
from tests.demo.fake_page import open_page


@pytest.fixture
def client(workspace) -> TestClient:
    return TestClient(FastAPI(routes=picture_routes(workspace)))


def as_file(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def giant_png(side: int) -> bytes:
    """A tiny file whose header promises side * side pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = (
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (header, b"IDAT" + bytes(8))
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_a_view_is_served_as_jpeg_of_the_asked_width_and_may_be_kept_for_ever(client):
    response = client.get("/picture/museum-00001/0/3?w=320")
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["cache-control"] == FOREVER
    assert Image.open(io.BytesIO(response.content)).size == (320, 240)


def test_a_view_is_rendered_once(client, searcher):
    for _ in range(3):
        client.get("/picture/museum-00001/0/3?w=320")
    assert searcher.pictures.rendered == [("museum-00001", 0, 3, 320)]


@pytest.mark.parametrize(
    "path",
    [
        "/picture/museum-99999/0/0",
        "/picture/museum-00001/99/0",
        "/picture/museum-00001/0/99",
        "/picture/museum-00001/-1/0",
        "/picture/museum-00001/x/0",
        "/picture/museum-00001/²/0",
        "/picture/museum-00001/0/0?w=481",
        "/picture/museum-00001/0/0?w=100000",
        "/picture/..%2f..%2fetc/0/0",
        "/cover/museum-99999",
        "/cover/%3Cb%3E",
        "/query-picture/unknown-token",
    ],
)
def test_what_does_not_exist_is_not_found_and_not_kept(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers.get("cache-control") != FOREVER


def test_covers_are_served(client):
    assert client.get("/cover/museum-00001").headers["content-type"] == "image/jpeg"


def test_before_the_collection_is_open_pictures_are_asked_for_again_later():
    closed = ServedWorkspace(Warmup(lambda: None))
    response = TestClient(FastAPI(routes=picture_routes(closed))).get("/picture/m/0/0")
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")


def test_an_uploaded_picture_becomes_a_search(client, workspace):
    token = workspace.uploads.add(as_file(Image.new("RGB", (300, 200), "teal")))
    assert client.get(f"/query-picture/{token}").headers["cache-control"].startswith("private")
    page = open_page(workspace, f"?image={token}")
    assert page["page"] == "results" and f"query-picture/{token}" in page["html"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a picture that can be read"),
        (b"not a picture", "not a picture that can be read"),
        (as_file(Image.new("RGB", (64, 64)))[:60], "not a picture that can be read"),
        (giant_png(10_000), "100 megapixels; at most 50"),
        (giant_png(60_000), "megapixels; at most 50"),
        (b"\0" * 20_000_001, "more than 20 MB"),
    ],
)
def test_bad_files_get_one_clear_sentence(workspace, content, sentence):
    with pytest.raises(HicalmError, match=sentence):
        workspace.uploads.add(content)


def test_requests_at_the_same_time_share_one_rendering():
    calls, gate = [], threading.Event()

    def make() -> bytes:
        calls.append(1)
        gate.wait(5)
        return b"picture"

    async def ask() -> list[bytes]:
        cache = PictureCache()
        tasks = [asyncio.create_task(cache.get(("a",), make)) for _ in range(5)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(ask()) == [b"picture"] * 5 and len(calls) == 1


def test_the_cache_drops_the_oldest_and_forgets_failures():
    made = []

    def make(name: str) -> bytes:
        made.append(name)
        if name == "bad":
            raise KeyError(name)
        return bytes(40)

    async def use() -> None:
        cache = PictureCache(capacity=100)
        for name in ("a", "b", "c", "c", "a"):
            await cache.get((name,), lambda name=name: make(name))
        for _ in range(2):
            with pytest.raises(KeyError):
                await cache.get(("bad",), lambda: make("bad"))

    asyncio.run(use())
    assert made == ["a", "b", "c", "a", "bad", "bad"]
