"""The endpoints as tools of assistants: over the running app, and behind a proxy at a sub-path."""

import asyncio
import base64
import io
import json
import re
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx
import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from demo import text
from demo.mcp_tools import MOST_PICTURES, tool_answer
from demo.warmup import Warmup
from hicalm.errors import HicalmError
from tests.demo.browser import serving
from tests.demo.fake_maps import fake_maps
from tests.demo.fakes import FakeSearcher
from tests.demo.proxy import stripping_proxy

SUB_PATH = "/museums"
LINKS = re.compile(r'<(?:link|script)[^>]*?(?:href|src)="([^"]+)"')


@pytest.fixture(scope="module")
def proxied() -> Iterator[str]:
    """The address of a running app with tools, behind a proxy that takes the sub-path away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ROOT_PATH", SUB_PATH)
        with (
            serving(Warmup(FakeSearcher, None, fake_maps)) as url,
            stripping_proxy(url, SUB_PATH) as outside,
        ):
            yield outside


def with_tools(address: str, work):
    """What ``work(session)`` returns with a session at an app's MCP server."""

    async def run():
        url = f"{address}gradio_api/mcp/"
        async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as s:
            await s.initialize()
            return await work(s)

    return asyncio.run(run())


def call(address: str, name: str, **arguments: object):
    return with_tools(address, lambda session: session.call_tool(name, arguments))


def test_every_tool_and_parameter_is_described(proxied):
    tools = with_tools(proxied, lambda session: session.list_tools()).tools
    assert [tool.name for tool in tools][:3] == ["search", "explain", "search_by_picture"]
    assert len(tools) == 8
    for tool in tools:
        assert ". Returns: " in tool.description
        for name, schema in tool.inputSchema["properties"].items():
            assert schema["description"].endswith("."), (tool.name, name)
    assert tools[0].inputSchema["properties"]["top"]["maximum"] == 100
    assert tools[0].inputSchema["required"] == ["query"]


def test_a_tool_answers_in_json_with_pictures(proxied):
    answer = call(proxied, "search", query="horses", top=2)
    assert not answer.isError
    found = json.loads(answer.content[0].text)["results"]
    assert [one.type for one in answer.content] == ["text", *("text", "image") * 2]
    assert answer.content[1].text == found[0]["picture"]
    image = Image.open(io.BytesIO(base64.b64decode(answer.content[2].data)))
    assert image.format == "JPEG" and image.width == 320


@pytest.mark.parametrize(
    ("name", "arguments", "pictures"),
    [
        ("vocabulary", {}, 0),
        ("list_museums", {"count": 3}, 0),
        ("map_points", {"count": 3}, 0),
        ("museum", {"museum_id": "museum-00001"}, 6),
        ("similar_views", {"museum_id": "museum-00001", "room": 0, "view": 0, "top": 9}, 6),
    ],
)
def test_the_other_tools_answer(proxied, name, arguments, pictures):
    answer = call(proxied, name, **arguments)
    assert json.loads(answer.content[0].text)
    assert sum(one.type == "image" for one in answer.content) == min(pictures, MOST_PICTURES)


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("search", {"query": "a", "top": "x"}, "top must be a whole number, not 'x'."),
        ("search", {}, "search needs a value for query."),
        ("paint", {}, "There is no tool 'paint' here. Choose from search, explain"),
    ],
)
def test_a_mistake_is_one_sentence(proxied, name, arguments, sentence):
    answer = call(proxied, name, **arguments)
    assert answer.isError and answer.content[0].text.startswith(sentence)


def test_an_unexpected_error_is_logged_and_not_shown(workspace, caplog):
    with pytest.raises(HicalmError, match=re.escape(text.UNEXPECTED)):
        tool_answer(workspace, lambda: 1 / 0, {})
    assert "ZeroDivisionError" in caplog.text


def test_behind_a_proxy_the_page_asks_for_nothing_beside_its_sub_path(proxied):
    page = httpx.get(proxied).text
    links = [urljoin(proxied, link) for link in LINKS.findall(page)]
    assert {f"{proxied}manifest.json", f"{proxied}favicon.ico"} <= set(links)
    for link in links:
        assert link.startswith(proxied) and httpx.get(link).status_code == 200, link
    manifest = httpx.get(f"{proxied}manifest.json").json()
    for icon in manifest["icons"]:
        assert httpx.get(urljoin(f"{proxied}manifest.json", icon["src"])).status_code == 200
    assert httpx.get(urljoin(proxied, "/manifest.json")).status_code == 404


def test_behind_a_proxy_a_client_gets_pictures_of_what_it_finds(proxied):
    found = Client(proxied, verbose=False).predict("horses", top=1, api_name="/search")
    address = found["results"][0]["picture"]
    assert address.startswith(f"{SUB_PATH}/picture/")
    picture = httpx.get(urljoin(proxied, address))
    assert picture.status_code == 200 and picture.headers["content-type"] == "image/jpeg"
