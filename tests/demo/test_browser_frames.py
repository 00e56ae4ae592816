"""The app in frames of other sites, in a real Chromium: where it is allowed it works, else not."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from demo import guard
from tests.demo.browser import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Framing(BaseHTTPRequestHandler):
    """Answers with a page that shows the app in a frame."""

    def __init__(self, framed: str, *given: object) -> None:
        self.framed = framed
        super().__init__(*given)

    def do_GET(self) -> None:
        page = f"<!doctype html><iframe src='{self.framed}' width=1200 height=900></iframe>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def framing(stand_in) -> Iterator[str]:
    """The address of another site whose page shows the app in a frame."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Framing, stand_in))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


def test_an_allowed_site_shows_the_app_in_a_frame_and_it_works(
    chromium: Browser, framing, monkeypatch
):
    policy = guard.HEADERS["content-security-policy"].replace(guard.SPACES, framing)
    monkeypatch.setitem(guard.HEADERS, "content-security-policy", policy)
    chromium.driver.get(framing)
    chromium.driver.switch_to.frame(0)
    chromium.wait_page("home")
    chromium.type("red walls")
    chromium.click("#query .submit-button")
    chromium.wait_page("results")
    assert chromium.all("[data-museum]")
    chromium.driver.switch_to.default_content()
    assert chromium.console_errors() == []


def test_any_other_site_shows_nothing(chromium: Browser, framing):
    chromium.driver.get(framing)
    chromium.driver.switch_to.frame(0)
    assert chromium.script("return document.querySelector('.explorer, gradio-app')") is None
    chromium.driver.switch_to.default_content()
    (told,) = chromium.console_errors()
    assert "frame-ancestors" in told
