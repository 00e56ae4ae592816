"""Pages that wait for their turn, in a real Chromium: they say so and ask again by themselves."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gradio.context import LocalContext

from demo import layout, refusals, text, turns, visitors
from demo.warmup import Warmup
from tests.demo.browser import Browser, serving
from tests.demo.fakes import GatedSearcher

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# The page's script waits for seconds; here its twenty are half a one.
HURRIED = (
    "const later = window.setTimeout; window.setTimeout ="
    " (call, wait, ...values) => later(call, wait === 20000 ? 500 : wait, ...values)"
)
NOTICE = "document.querySelector('#address .notice')"


@pytest.fixture
def gated(chromium: Browser) -> Iterator[GatedSearcher]:
    searcher = GatedSearcher()
    with serving(Warmup(lambda: searcher)) as url:
        chromium.visit(url)
        yield searcher
        searcher.gate.set()
        chromium.driver.get("about:blank")


def test_a_page_says_that_it_waits_and_has_what_was_done_meanwhile(chromium, gated, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.3)
    monkeypatch.setattr(layout, "BUSY_SECONDS", 0.2)
    chromium.open("?q=red+walls", "waiting")
    assert chromium.find(".page .panel h1").text == text.BEING_DONE
    chromium.open("?q=red+walls+" + "and+horses+" * 60, "waiting")
    assert chromium.find(".page .panel h1").text == text.BEING_DONE  # in the other lane
    chromium.type("blue walls")
    chromium.click("#query .submit-button")
    before = text.BEFORE_SHORT.format(before="1 other request")
    chromium.wait(f"document.querySelector('.page .panel h1')?.textContent === {before!r}")
    assert text.BUSY_AGAIN in chromium.find(".page .panel").text
    gated.gate.set()
    chromium.wait_page("results")
    assert [query for query, *_ in gated.searches].count("blue walls") == 1


def test_a_fold_that_is_refused_is_filled_later(chromium, gated, monkeypatch):
    gated.gate.set()
    museum = gated.collection.museums[0].id
    chromium.open(f"?q=red+walls&museum={museum}", "museum")
    monkeypatch.setattr(refusals, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(turns, "MOST_WAITING", 0)
    chromium.open_fold(text.HOW_IT_ADDS_UP)
    said, toast = f"{text.BUSY} {text.BUSY_AGAIN}", "document.querySelector('.toast-message-text')"
    chromium.wait(f"{toast}?.textContent.includes({said!r})")
    assert not chromium.script("return document.querySelector('.why .group')?.checkVisibility()")
    monkeypatch.undo()
    chromium.wait("document.querySelector('.why .group')?.checkVisibility()")
    assert not chromium.script("return document.querySelector('.toast-body.error')")


def test_what_a_visitor_left_before_its_turn_is_not_done(chromium, gated, monkeypatch):
    asked: list[Callable[[], bool]] = []

    queues: list[Any] = []

    def presence() -> Callable[[], bool]:
        queues.append(LocalContext.blocks.get()._queue)
        asked.append(visitors.presence())
        return asked[-1]

    def is_listened_to() -> bool:
        waiting = queues[0].pending_messages_per_session.values()
        return all(messages.empty() for messages in waiting)

    def until(happened: Callable[[], object]) -> None:
        for _ in range(400):
            if happened():
                return
            time.sleep(0.05)
        raise AssertionError

    monkeypatch.setattr(turns, "presence", presence)
    for number, colour in enumerate(("red", "blue"), start=1):
        chromium.driver.get(f"{chromium.base}?q={colour}+walls")
        until(lambda number=number: len(asked) >= number)
    until(is_listened_to)  # only then it is noticed that a page is left
    assert asked[1]()
    chromium.driver.get("about:blank")
    until(lambda: not asked[1]())
    gated.gate.set()
    chromium.open("?q=green+walls", "results")
    assert "green walls" in {query for query, *_ in gated.searches}
    assert "blue walls" not in {query for query, *_ in gated.searches}


def test_a_page_that_gets_no_answer_asks_again(chromium, gated):
    script = {"source": HURRIED}
    added = chromium.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    chromium.driver.get(f"{chromium.base}?q=red+walls")
    chromium.wait(f"{NOTICE}?.textContent.includes('is asked again')")
    gated.gate.set()
    chromium.wait_page("results")
    assert chromium.script(f"return {NOTICE}.hidden")
    chromium.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
