"""The served app as its visitors reach it: by a proxy, and while others ask for much."""

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from uvicorn.middleware.proxy_headers import _TrustedHosts

import app
from demo import guard, turns, visitors
from demo.layout import STYLES, _versioned
from demo.warmup import Warmup
from tests.demo.browser import serving
from tests.demo.fakes import GatedSearcher


@pytest.fixture
def gated() -> Iterator[tuple[str, GatedSearcher]]:
    searcher = GatedSearcher()
    with serving(Warmup(lambda: searcher)) as url:
        yield url, searcher
        searcher.gate.set()


def test_visitors_are_who_a_proxy_says_they_are(stand_in, monkeypatch):
    names: list[str] = []

    def arrive(connection: Any) -> str:
        names.append(visitors.arrive(connection))
        return names[-1]

    monkeypatch.setattr(guard, "arrive", arrive)
    for said in ("203.0.113.7", "2001:db8::1", "6.6.6.6, 203.0.113.8"):
        assert httpx.get(stand_in, headers={"X-Forwarded-For": said}).status_code == 200
    assert names == ["203.0.113.7", "2001:db8::/64", "203.0.113.8"]


def test_proxies_of_private_networks_are_believed_and_no_others():
    assert app.HERE.is_dir()  # what it sets as it is imported
    believed = _TrustedHosts(os.environ["FORWARDED_ALLOW_IPS"])
    assert all(one in believed for one in ("127.0.0.1", "172.18.0.3", "10.0.0.9", "::1"))
    assert not any(one in believed for one in ("203.0.113.7", "2001:db8::1", "172.32.0.1"))


def test_files_wait_for_nobody_who_asks_for_much(gated):
    """All places are taken by searches that wait; then files are asked for."""
    many = [(f"203.0.113.{visitor}", number) for visitor in range(1, 21) for number in range(8)]
    assert len(many) == turns.MOST_WAITING
    url, searcher = gated
    with httpx.Client(base_url=url, timeout=30) as client:
        for address, number in many:
            body, who = {"query": f"red walls {address} {number}"}, {"X-Forwarded-For": address}
            assert client.post("gradio_api/call/v2/search", json=body, headers=who).is_success
        while waiting() < turns.MOST_WAITING:
            time.sleep(0.05)
        for path in (_versioned(STYLES[0]), "", "config"):
            assert client.get(path, timeout=5).is_success
        searcher.gate.set()
        asked = client.post("gradio_api/call/v2/search", json={"query": "blue walls"}).json()
        assert "complete" in client.get(f"gradio_api/call/search/{asked['event_id']}").text


def waiting() -> int:
    """Return how many threads there are, in each of which a call waits for its turn."""
    return sum("AnyIO" in thread.name for thread in threading.enumerate())
