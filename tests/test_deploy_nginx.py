"""The proxy's file in ``deploy/``, by nginx itself, in front of two stand-ins for the app."""

import http.client
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.start_up import free_port

FILE = Path(__file__).parents[1] / "deploy" / "nginx.conf"
REPLICAS = 2


class Replica(BaseHTTPRequestHandler):
    """Answers with its port and what it was told, and ends the answer when it may."""

    protocol_version = "HTTP/1.1"
    may_end = threading.Event()

    def do_GET(self) -> None:
        told = {name.lower(): value for name, value in self.headers.items()}
        told["port"] = self.server.server_address[1]
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        content = json.dumps(told).encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        self.wfile.flush()
        if self.path != "/slow" or self.may_end.wait(20):
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx, which reads our file but for what only the containers have."""
    with served_by_nginx(tmp_path_factory.mktemp("nginx"), {}) as port:
        yield port


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of one for which the test is on no private network."""
    with served_by_nginx(
        tmp_path_factory.mktemp("nginx"), {"127.0.0.0/8": "127.99.0.0/16"}
    ) as port:
        yield port


@contextmanager
def served_by_nginx(folder: Path, changed: dict[str, str]) -> Iterator[int]:
    """Serve stand-ins by our file, in which something is ``changed``; gives the port."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not on the PATH")
    port = free_port()
    replicas = [ThreadingHTTPServer(("127.0.0.1", 0), Replica) for _ in range(REPLICAS)]
    for one in replicas:
        threading.Thread(target=one.serve_forever, daemon=True).start()
    servers = " ".join(f"server 127.0.0.1:{one.server_address[1]};" for one in replicas)
    here = {"server app:7860;": servers, "listen 80;": f"listen 127.0.0.1:{port};"}
    ours = FILE.read_text("utf-8")
    for line, replaced in (here | changed).items():
        assert line in ours
        ours = ours.replace(line, replaced)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/errors warn; user root;\n"
        f"events {{}}\nhttp {{ access_log off; {paths}\n{ours}}}\n"
    )
    command = ["nginx", "-p", str(folder), "-e", f"{folder}/errors", "-c", f"{folder}/nginx.conf"]
    with subprocess.Popen(command) as process:
        while process.poll() is None and not answers(port):
            time.sleep(0.05)
        assert process.poll() is None, (folder / "errors").read_text()
        yield port
        process.terminate()
    for one in replicas:
        one.shutdown()


def answers(port: int) -> bool:
    try:
        asked(port)
    except OSError:
        return False
    return True


def asked(port: int, **headers: str) -> tuple[dict[str, object], str]:
    """Return what the replica was told, and the cookie that came with its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/", headers=headers)
    answer = connection.getresponse()
    told, cookie = json.loads(answer.read()), answer.headers["Set-Cookie"]
    connection.close()
    return told, cookie


def test_a_visitor_stays_at_one_replica_and_others_come_to_the_other(proxy: int) -> None:
    replicas = set()
    for _ in range(30):
        told, cookie = asked(proxy)
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
        for _ in range(3):
            again, _ = asked(proxy, Cookie=cookie.split(";")[0])
            assert again["port"] == told["port"]
        replicas.add(told["port"])
    assert len(replicas) == REPLICAS


def test_who_stands_before_it_says_who_asks(proxy: int) -> None:
    """The test is on a private network, as another proxy would be; 1.2.3.4 is what it was told."""
    told, _ = asked(proxy, Host="museums.example")
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert told["host"] == "museums.example"
    sent_on = {"X-Forwarded-For": "1.2.3.4, 203.0.113.7, 10.0.0.2", "X-Forwarded-Proto": "https"}
    told, _ = asked(proxy, **sent_on)
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("203.0.113.7", "https")


def test_what_a_visitor_says_of_the_own_address_is_not_believed(stranger: int) -> None:
    told, _ = asked(stranger, **{"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"})
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("127.0.0.1", "http")


def test_answers_come_as_they_are_made(proxy: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy, timeout=10)
    connection.request("GET", "/slow")
    answer = connection.getresponse()
    assert json.loads(answer.read1())["host"]
    Replica.may_end.set()
    assert answer.read() == b""
    connection.close()
