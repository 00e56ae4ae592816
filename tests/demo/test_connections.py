"""Connections whose other end does nothing are left, whatever they hold; the others stay."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from benchmarks.start_up import free_port
from demo import connections
from demo.connections import Connection

LARGE = 40_000_000  # bytes: more than the system itself keeps for a reader
ASKS = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = FastAPI()
    content = "x" * LARGE

    @app.get("/large")
    def large() -> PlainTextResponse:
        return PlainTextResponse(content)

    number = free_port()
    config = uvicorn.Config(app, port=number, http=Connection, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield number
    server.should_exit = True
    thread.join(10)


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(connections, "LOOK", 0.05)


@contextlib.contextmanager
def asking(port: int, sent: bytes = b"", host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """Connect from an address of the loopback, send something, and read nothing."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    client.bind((host, 0))
    client.settimeout(20)
    with client:
        client.connect(("127.0.0.1", port))
        client.sendall(sent)
        yield client


def open_from(host: str, soon: int | None = None) -> int:
    """How many connections of an address are open, ``soon`` if it is that within a while."""
    for _ in range(200):
        found = [one for one in list(Connection._all) if one.client and one.client[0] == host]
        if soon is None or len(found) == soon:
            break
        time.sleep(0.05)
    return len(found)


@pytest.mark.parametrize("sent", [b"", b"GET /large HTTP/1.1\r\nHost: x\r\nX: "])
def test_who_sends_no_whole_request_is_left(port, monkeypatch, sent):
    monkeypatch.setattr(connections, "HEAD", 0.2)
    with asking(port, sent, "127.0.0.2") as client, contextlib.suppress(ConnectionError):
        assert open_from("127.0.0.2", 1) == 1
        while open_from("127.0.0.2"):
            client.send(sent[:1])  # a byte now and then
            time.sleep(0.02)


def test_who_does_not_read_an_answer_is_left_with_it(port, monkeypatch):
    monkeypatch.setattr(connections, "STUCK", 0.3)
    monkeypatch.setattr(connections, "MOST_UNREAD", 10 * LARGE)
    with asking(port, ASKS, "127.0.0.3"):
        assert open_from("127.0.0.3", 0) == 0


def test_who_reads_slowly_gets_it_all(port, monkeypatch):
    monkeypatch.setattr(connections, "STUCK", 0.5)
    monkeypatch.setattr(connections, "HEAD", 0.5)
    with asking(port, ASKS, "127.0.0.4") as client:
        size = 0
        while size < LARGE:
            piece = client.recv(1_000_000)
            assert piece
            size += len(piece)
            time.sleep(0.005)


def test_answers_that_are_not_read_are_bounded_together(port, monkeypatch):
    monkeypatch.setattr(connections, "MOST_UNREAD", int(2.5 * LARGE))
    with contextlib.ExitStack() as stack:
        stack.enter_context(asking(port, ASKS, "127.0.0.5"))
        for _ in range(4):
            stack.enter_context(asking(port, ASKS, "127.0.0.6"))
            time.sleep(0.1)
        assert open_from("127.0.0.6", 1) == 1 and open_from("127.0.0.5") == 1
        assert sum(one.unread() for one in list(Connection._all)) <= 2.5 * LARGE


def test_too_many_idle_connections_go_of_who_has_most(port, monkeypatch):
    monkeypatch.setattr(connections, "MOST_IDLE", 5)
    with contextlib.ExitStack() as stack:
        stack.enter_context(asking(port, b"", "127.0.0.7"))
        for _ in range(12):
            stack.enter_context(asking(port, b"G", "127.0.0.8"))
        assert open_from("127.0.0.8", 4) == 4 and open_from("127.0.0.7") == 1


def test_nobody_gets_around_the_limits_by_a_web_socket(port, caplog):
    asks = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    with asking(port, asks) as client:
        assert client.recv(100).split()[1] == b"404"


def test_the_app_is_served_so(stand_in):
    address = stand_in.split("/")[2].split(":")
    with asking(int(address[1]), b"", "127.0.0.9"):
        assert open_from("127.0.0.9", 1) == 1
