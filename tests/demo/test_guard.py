"""What the served app refuses, what its answers say to browsers, and what its log keeps."""

import errno
import logging
import socket
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from gradio.routes import App

from demo import guard, text
from demo.brought import Brought, NoRoomError
from demo.components.address_state import BEGINNING, asked, checked_value
from demo.guard import Guard, own_query
from demo.layout import build_layout
from demo.refusals import LONGEST_LINE, kept_log, note
from demo.sessions import LightSessions
from demo.visitors import network
from hicalm.errors import HicalmError

EVIL = {"origin": "https://evil.example"}
JOIN, CALL = "gradio_api/queue/join", "gradio_api/component_server"


@pytest.fixture(scope="session")
def http(stand_in):
    with httpx.Client(base_url=stand_in, timeout=30) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["", "config", "look/style.css", "gradio_api/info", "picture/x/0/0", "no/such/path"]
)
def test_every_answer_says_what_a_browser_may_do(http, path):
    headers = http.get(path, headers=EVIL).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = dict(one.split(" ", 1) for one in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'" and policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self' https://huggingface.co"
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (EVIL, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://own.example"}, 403),
        ({"origin": "http://own.example", "host": "own.example"}, 422),
        ({"origin": "https://own.example", "host": "own.example:443"}, 422),
        ({"origin": "https://own.example", "x-forwarded-host": "own.example"}, 422),
        ({"origin": "https://own.example", "sec-fetch-site": "same-origin"}, 422),
        ({}, 422),
    ],
)
def test_pages_of_other_sites_cannot_call(http, headers, status):
    assert http.post(JOIN, json={}, headers=headers).status_code == status


def test_no_other_site_may_ask_beforehand(http):
    asks = EVIL | {"access-control-request-method": "POST"}
    assert http.options(JOIN, headers=asks).status_code == 403


@pytest.mark.parametrize("query", ["page=2", "q=a+%ff&page=other&page="])
def test_a_page_of_gradio_that_is_not_there_opens_ours(http, query):
    answer = http.get(f"?{query}")
    assert answer.status_code == 200 and "gradio_config" in answer.text


def test_the_rest_of_a_query_stays_as_it_was():
    assert own_query(b"q=a%20b&show=map") == b"q=a%20b&show=map"
    assert own_query(b"q=%ff%20b&page=x&show=") == b"q=%FF+b&show="


@pytest.mark.parametrize(
    "path",
    ["run/search", "api/search", "deep_link?session_hash=a", "vibe-code", "proxy=http://a.b",
     "file=http://a.b/c.png", "process_recording", "stream/a", "runs", "run-history/connect"],
)  # fmt: skip
def test_parts_of_gradio_that_nobody_needs_are_closed(http, path):
    for answer in (http.post(f"gradio_api/{path}", json={"data": ["red"]}),
                   http.get(f"gradio_api/{path}")):  # fmt: skip
        assert (answer.status_code, answer.json()["detail"]) == (404, text.CLOSED)


@pytest.mark.parametrize("path", [JOIN, CALL, "gradio_api/cancel", "gradio_api/call/search"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b"null", b"[]", b'"x"', b"{}", b'{"data": "red"}', b"\xff\xfe",
     b'{"data": [], "fn_index": 99999, "session_hash": "a", "event_id": "b"}',
     b'{"data": [], "fn_index": 1, "session_hash": ["a"], "fn_name": 3, "component_id": "x"}',
     b'{"data": {}, "fn_name": "__class__", "session_hash": "a", "component_id": 99999}'],
)  # fmt: skip
def test_calls_of_wrong_types_get_one_sentence(http, path, body, caplog):
    answer = http.post(path, content=body, headers={"content-type": "application/json"})
    accepted = answer.json() == {"success": True} or "event_id" in answer.json()
    assert 400 <= answer.status_code < 500 or (accepted and path not in (JOIN, CALL))
    assert len(answer.content) < 500 and not caplog.records


def test_the_body_of_a_wrong_call_is_not_sent_back(http):
    answer = http.post("gradio_api/call/search", json={"data": "secret" * 100_000})
    assert answer.status_code == 422 and "secret" not in answer.text


def test_an_error_is_one_line_of_the_log_without_its_words(caplog):
    def fail(depth: int) -> None:
        if depth:
            fail(depth - 1)
        raise ValueError("the words of a query " * 1000)

    with pytest.raises(ValueError) as caught:
        fail(50)
    note("no page", caught.value)
    (record,) = caplog.records
    assert len(record.getMessage()) <= LONGEST_LINE and record.exc_info is None
    assert "ValueError at test_guard.py" in record.getMessage()
    assert "words" not in record.getMessage()


def test_a_log_does_not_grow_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("demo.refusals.LOG_BYTES", 2_000)
    log = logging.Logger("one")
    log.addHandler(kept_log(tmp_path / "log"))
    for number in range(500):
        log.error("a request failed: %d", number)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"log", "log.1", "log.2", "log.3"} and max(sizes.values()) <= 2_000
    assert (tmp_path / "log").read_text().endswith("a request failed: 499\n")


def test_an_upload_that_announces_too_much_is_refused_before_it_comes(stand_in):
    address = urlsplit(stand_in)
    with socket.create_connection((address.hostname, address.port), 10) as client:
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\n\r\n"
        client.sendall(head.encode())
        assert client.recv(1_000).split()[1] == b"413"


@contextmanager
def guarded_app():
    """Give a client of a small app that has a guard around it."""
    app = FastAPI()

    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.post("/gradio_api/upload")
    async def upload(request: Request) -> int:
        return len(await request.body())

    @app.get("/failure")
    def failure() -> None:
        raise RuntimeError("secret")

    with TestClient(Guard(app, Brought())) as client:
        yield client


def test_a_failure_is_a_sentence_and_a_line(caplog):
    caplog.set_level(logging.INFO, "demo")
    with guarded_app() as client:
        assert client.get("/failure").status_code == 500
    assert [one.name for one in caplog.records if one.levelno >= logging.ERROR] == ["demo.refusals"]
    assert "secret" not in caplog.text


def test_a_full_disk_is_a_sentence(http, monkeypatch, caplog):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gradio.route_utils.NamedTemporaryFile", full)
    answer = http.post("gradio_api/upload", files={"files": ("a.zip", b"PK")})
    assert (answer.status_code, answer.text) == (507, text.DISK_FULL)
    assert not caplog.records


def test_a_body_is_neither_too_large_nor_too_slow(monkeypatch):
    def pieces():
        yield from (b"x" * 400,) * 4

    monkeypatch.setattr(guard, "LARGEST_BODY", 1_000)
    with guarded_app() as client:
        assert client.post("/size", content=b"x" * 1_000).json() == 1_000
        assert client.post("/size", content=b"x" * 1_001).status_code == 413
        assert client.post("/size", content=pieces()).status_code >= 400  # it says no length
        monkeypatch.setattr(guard, "GRACE", -1.0)
        assert client.post("/size", content=pieces()).status_code >= 400


def test_bodies_of_all_and_of_one_visitor_are_bounded_together(monkeypatch):
    monkeypatch.setattr(guard, "MOST_HELD_OF_ONE", 1_000)
    with guarded_app() as client:
        assert client.post("/size", content=b"x" * 1_000).json() == 1_000
        answer = client.post("/size", content=b"x" * 1_001)
        assert (answer.status_code, answer.json()["detail"]) == (503, text.TOO_MUCH_ARRIVES)
        assert client.post("/size", content=b"x" * 1_000).json() == 1_000  # the others are gone
        monkeypatch.setattr(guard, "MOST_HELD", 500)
        assert client.post("/size", content=b"x" * 1_000).status_code == 503


def test_what_is_read_by_the_thread_of_all_has_few_values(monkeypatch):
    with guarded_app() as client:
        assert client.post("/size", content=b"[1" + b",1" * 90_000 + b"]").is_success
        answer = client.post("/size", content=b"[1" + b",1" * 100_000 + b"]")
        assert (answer.status_code, answer.json()["detail"]) == (422, text.BODY_TOO_RICH)
        assert client.post("/size", content=b'"' + b"A" * 1_000_000 + b'"').is_success


def test_of_uploads_no_names_and_no_paths_pile_up(http, monkeypatch):
    monkeypatch.setattr(guard, "MOST_IDS", 3)
    files = {"files": ("a.txt", b"a")}
    for path in ("upload", "upload_progress"):
        answer = http.post(f"gradio_api/{path}?upload_id={'x' * 101}", files=files)
        assert answer.status_code == 422
    for number in range(9):
        assert http.post(f"gradio_api/upload?upload_id={number}", files=files).is_success
    assert len(guard.file_upload_statuses._statuses) <= guard.MOST_IDS + 1
    assert len(guard.file_upload_statuses._signals) <= guard.MOST_IDS + 1


def test_small_files_count_as_what_they_take_of_the_disk(monkeypatch):
    monkeypatch.setattr("demo.brought.MOST_OF_ONE", 20 * guard.PART)
    files = [("files", (f"{number}.txt", b"a")) for number in range(15)]
    with guarded_app() as client:
        assert client.post("/gradio_api/upload", files=files).is_success
        assert client.post("/gradio_api/upload", files=files[:5]).is_success
        assert client.post("/gradio_api/upload", files=files[:2]).status_code == 507


def test_whoever_leaves_or_sends_too_slowly_fails_nothing(stand_in, monkeypatch, caplog):
    monkeypatch.setattr(guard, "GRACE", 0.1)
    paths = {
        "GET /gradio_api/heartbeat/a": b"408", "POST /gradio_api/call/search": b"408",
        "POST /gradio_api/mcp/": b"408", "POST /gradio_api/upload": b"408", "GET /no": b"408",
    }  # fmt: skip
    address = urlsplit(stand_in)
    asks = "{} HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: 1000000\r\n\r\n-"
    for leaves in (False, True):
        for path, status in paths.items():
            kind = "multipart/form-data; boundary=b" if "upload" in path else "application/json"
            with socket.create_connection((address.hostname, address.port), 10) as client:
                client.sendall(asks.format(path, kind).encode())
                assert leaves or client.recv(1_000).split()[1] == status
    time.sleep(0.3)
    assert not caplog.records


def test_files_need_room(monkeypatch):
    monkeypatch.setattr("demo.brought.MOST_OF_ONE", 10)
    monkeypatch.setattr("demo.brought.KEPT_FREE", 0)
    with guarded_app() as client:
        assert client.post("/gradio_api/upload", content=b"x").json() == 1
        answer = client.post("/gradio_api/upload", content=b"x" * 10)
        assert answer.status_code == 507 and "You have brought more" in answer.text


def test_a_visitor_brings_so_much_within_hours_and_the_disk_stays_free(monkeypatch):
    brought = Brought()
    monkeypatch.setattr("demo.brought.MOST_OF_ONE", 1_000)
    with brought.arriving("a", 600) as came:
        came(600)
    with pytest.raises(NoRoomError, match="You have brought more"), brought.arriving("a", 600):
        pass
    with brought.arriving("b", 600):
        monkeypatch.setattr("demo.brought.KEPT_FREE", 10**18)
        with pytest.raises(NoRoomError, match=text.UPLOADS_FULL), brought.arriving("c", 1):
            pass


def test_what_was_announced_and_never_came_does_not_count(monkeypatch):
    brought = Brought()
    monkeypatch.setattr("demo.brought.MOST_OF_ONE", 1_000)
    monkeypatch.setattr("demo.brought.MOST_OF_ALL", 1_500)
    monkeypatch.setattr("demo.brought.UNKNOWN", 900)
    for _ in range(5):
        with brought.arriving("a", 900) as came:
            came(1)
            with pytest.raises(NoRoomError), brought.arriving("a", 0):
                pass
            with pytest.raises(NoRoomError, match=text.UPLOADS_FULL), brought.arriving("b", 700):
                pass
    with brought.arriving("a", 900), brought.arriving("b", 500):
        pass


def test_visitors_are_told_apart_by_their_network():
    assert network("203.0.113.9") == "203.0.113.9"
    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network("testclient") == "testclient"


def test_what_a_page_sends_of_its_address_is_checked():
    assert checked_value(None) == BEGINNING and checked_value(dict(BEGINNING)) == BEGINNING
    for value in ("?q=red", [], {"address": "?"}, BEGINNING | {"address": 3}):
        with pytest.raises(HicalmError, match="reload the page"):
            checked_value(value)
    event = {"address": "?q=red", "question": 3, "kept": ["home"]}
    assert asked(gr.EventData(None, event)) == ("?q=red", 3, ["home"])
    for data in (None, "x", {}, {"address": ["?"]}, {"address": "?", "question": "3"}):
        with pytest.raises(HicalmError, match="reload the page"):
            asked(gr.EventData(None, data))


def test_a_new_session_costs_next_to_nothing(workspace):
    blocks = build_layout(workspace)
    app = App.create_app(blocks)
    LightSessions.serve(app)
    began = time.process_time()
    for number in range(20):
        session = app.state_holder[f"session {number}"]
    assert (time.process_time() - began) / 20 < 0.01  # Gradio's own takes thirty times that
    part = next(iter(blocks.blocks))
    session[part] = changed = gr.HTML("changed", render=False)
    assert session[part] is changed and blocks.blocks[part] is not changed
    assert blocks.state_holder is app.state_holder
