"""Comparing methods, the researchers' page and exports in Chromium, on a desk and a phone."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from gradio_client import Client
from selenium.webdriver.support.ui import WebDriverWait

from tests.demo.browser import PATIENCE, SIZES, Browser
from tests.demo.conftest import CHECKPOINT, FORCE_FAKE

RANKS = (
    "[...document.querySelectorAll('#ranks [role=gridcell][data-col=\"4\"]')]"
    ".map(cell => Number(cell.textContent))"
)
QUERY = "a first room with portraits, then a room of horses"
METHODS = f"?q={QUERY}&show=methods&on.left=hicalm&on.right=hicalm-museum"
METRICS = "?show=metrics"
HOW = "How this was ranked"
EVERY = "Ranks by every method"

pytestmark = [pytest.mark.browser, pytest.mark.slow]
needs_metrics = pytest.mark.skipif(
    FORCE_FAKE or not CHECKPOINT.is_dir(), reason="the stand-in has no metrics"
)


@pytest.fixture
def downloads(browser, tmp_path) -> Path:
    """The folder that the browser saves to."""
    browser.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    return tmp_path


def shown(browser: Browser, side: str) -> list[str]:
    return [one.get_attribute("data-museum") for one in browser.all(f".ranked.{side} li")]


def save(browser: Browser, kind: str) -> None:
    """Ask for a file of the results, in the open fold."""
    browser.wait(f"document.querySelector('#results-{kind}')")
    browser.click(f"#results-{kind}")


def wait_file(folder: Path, ending: str) -> bytes:
    """Wait until a file with this ending is saved, and return it."""
    waiting = WebDriverWait(folder, PATIENCE, poll_frequency=0.1)
    return waiting.until(lambda path: list(path.glob(f"*.{ending}")))[0].read_bytes()


def test_two_methods_are_chosen_swapped_and_kept_in_the_address(sized):
    sized.open(f"?q={QUERY}&stages=rank", "results")
    ids = [card.get_attribute("data-museum") for card in sized.all(".card")]
    sized.open_fold(HOW)
    sized.click("[data-key=methods]")
    sized.wait_page("methods")
    assert shown(sized, "left") == ids and len(shown(sized, "right")) == 12
    sized.choose("Right", "Mean features")
    sized.wait("new URLSearchParams(location.search).get('on.right') === 'clip-mean'")
    sized.wait_page("methods")
    right = shown(sized, "right")
    sized.click("[data-key=swap]")
    sized.wait("new URLSearchParams(location.search).get('on.left') === 'clip-mean'")
    sized.wait_page("methods")
    assert (shown(sized, "left"), shown(sized, "right")) == (right, ids)
    sized.driver.refresh()
    sized.wait_page("methods")
    assert shown(sized, "left") == right
    sized.click(".ranked.right li a")
    sized.wait_page("museum")
    assert sized.find(".room[data-museum]").get_attribute("data-museum") == ids[0]
    assert sized.find("#query textarea").get_attribute("value") == QUERY


def test_lines_end_at_the_rows_they_join(browser):
    browser.size(1440, 1000)
    browser.open(METHODS, "methods")
    gaps = browser.script(
        "const middle = row => (row.getBoundingClientRect().top"
        " + row.getBoundingClientRect().bottom) / 2;"
        "const ends = [...document.querySelectorAll('.moves path:is(.up, .down, .same)')];"
        "const matrix = document.querySelector('.moves').getScreenCTM();"
        "return ends.flatMap(path => ['left', 'right'].map((side, end) => {"
        "  const at = path.getPointAtLength(end * path.getTotalLength()).matrixTransform(matrix);"
        "  const row = `.ranked.${side} li[data-museum='${path.dataset.museum}']`;"
        "  return Math.abs(at.y - middle(document.querySelector(row))) }))"
    )
    assert gaps and max(gaps) < 2


def test_pointing_at_a_museum_marks_it_on_both_sides(browser):
    browser.size(1440, 1000)
    browser.open(f"?q={QUERY}&show=methods&on.left=hicalm&on.right=hicalm-museum", "methods")
    browser.script(
        "document.querySelector('.ranked.left li a')"
        ".dispatchEvent(new Event('focusin', {bubbles: true}))"
    )
    browser.wait("document.querySelectorAll('.bump .lit').length === 3")  # two rows and a line


def test_the_ranks_by_every_method_are_a_table_that_can_be_sorted(sized):
    sized.open(f"{METHODS}&top=6", "methods")
    sized.open_fold(EVERY)
    rows = "[...document.querySelectorAll('.page.methods [role=row]')]"
    column = f"{rows}.map(row => row.querySelectorAll('[role=gridcell]')[1]?.innerText)"
    ranks = f"{column}.filter(rank => rank).slice(0, 6).join()"
    sized.wait(f"{ranks} === '1,2,3,4,5,6'")  # by the first method
    sized.wait_page("methods")
    menu = ".page.methods [aria-colindex='2'] .cell-menu-button"  # shown where it is pointed at
    sized.script("document.querySelector(arguments[0]).click()", menu)
    sized.wait("document.querySelectorAll('[role=menuitem]').length > 1")
    highest_first = "document.querySelectorAll('[role=menuitem]')[1].click()"
    sized.script(highest_first)
    first = f"{column}.filter(rank => rank).map(Number)"
    sized.wait(f"{first}[0] > 6 && {first}[0] === Math.max(...{first})")
    sized.choose("Left", "Flat")
    sized.wait("new URLSearchParams(location.search).get('on.left') === 'flat'")
    sized.wait_page("methods")
    assert sized.script(f"return {ranks}")  # the table is of all methods, and stays


@needs_metrics
def test_a_failure_is_picked_and_opens_beside_the_right_museum(sized):
    sized.open(METRICS, "metrics")
    right = sized.find(".failures li b").text
    assert "Beside" in sized.find(".failures li").text
    sized.click(".failures li a")
    sized.wait_page("compare")
    assert right in sized.find("#stage").text
    sized.driver.back()
    sized.wait_page("metrics")


@needs_metrics
def test_the_table_is_sorted_and_filtered_and_its_rows_lead_on(sized):
    sized.open(METRICS, "metrics")
    sized.wait(f"{RANKS}.length > 5")
    ranks = sized.script(f"return {RANKS}")
    assert ranks == sorted(ranks, reverse=True)
    sized.tick("Single sentences")
    sized.wait("new URLSearchParams(location.search).get('on.length') === 'sentence'")
    sized.wait_page("metrics")
    sized.driver.refresh()
    sized.wait_page("metrics")
    sized.wait(f"{RANKS}.length > 5")
    sized.click("#ranks [data-testid=cell-2-1]")
    sized.wait("document.querySelector('.chosen a')")
    sized.click(".chosen a")
    sized.wait("['compare', 'museum'].includes(document.querySelector('.explorer').dataset.page)")


def test_the_list_is_saved_with_all_contributions(sized, downloads):
    sized.open(f"?q={QUERY}&top=6", "results")
    sized.open_fold(HOW)
    for kind in ("csv", "json"):
        save(sized, kind)
        wait_file(downloads, kind)
    table = pd.read_csv(io.BytesIO(wait_file(downloads, "csv")))
    found = json.loads(wait_file(downloads, "json"))
    for rank, result in enumerate(found["results"], start=1):
        own = table[(table["rank"] == rank) & (table.kind == "room")]
        assert own.contribution.sum() + own.baseline.iloc[0] == pytest.approx(result["score"])
        rooms = [room["contribution"] for room in result["explanation"]["rooms"]]
        assert own.contribution.tolist() == pytest.approx(rooms)
    assert len(found["results"]) == 6


def test_a_file_is_made_once_whatever_was_looked_at_before(browser, downloads):
    browser.open("?q=red&top=3", "results")
    for _ in range(2):
        browser.click(".card h2 a")
        browser.wait_page("museum")
        browser.driver.back()
        browser.wait_page("results")
    browser.open_fold(HOW)
    save(browser, "csv")
    wait_file(downloads, "csv")
    assert len(list(downloads.iterdir())) == 1


def test_the_report_opens_offline(browser, downloads):
    browser.open(f"?q={QUERY}&top=2", "results")
    browser.open_fold(HOW)
    save(browser, "html")
    wait_file(downloads, "html")
    browser.console_errors()
    for size in SIZES.values():
        browser.size(*size)
        browser.driver.get(next(downloads.glob("*.html")).as_uri())
        browser.wait("document.readyState === 'complete'")
        assert browser.script("return document.documentElement.scrollWidth") <= size[0]
        pictures = "[...document.images].map(image => image.naturalWidth)"
        assert browser.script(f"return {pictures}") == [320] * 6
        assert browser.grave_violations() == []
    assert browser.console_errors() == []


@pytest.mark.parametrize(
    ("address", "page"),
    [(METHODS, "methods"), pytest.param(METRICS, "metrics", marks=needs_metrics)],
)
def test_no_serious_accessibility_violation(sized, address, page):
    sized.open(address, page)
    if page == "methods":
        sized.open_fold(EVERY)
        sized.wait("document.querySelector('.page.methods [role=gridcell]')?.checkVisibility()")
        sized.wait_page("methods")
    assert sized.grave_violations_of_both_looks() == []


def test_the_open_fold_has_no_serious_accessibility_violation(sized):
    sized.open("?q=red&top=6", "results")
    sized.open_fold(HOW)
    assert sized.grave_violations_of_both_looks() == []


def test_the_api_explains_a_museum(served):
    client = Client(served, verbose=False)
    first = client.predict("horses", top=1, api_name="/search")["results"][0]
    answer = client.predict("horses", first["museum_id"], api_name="/explain")
    assert answer["score"] == pytest.approx(first["score"], abs=1e-5)
    total = sum(room["contribution"] for room in answer["rooms"]) + answer["baseline"]
    assert total == pytest.approx(answer["score"], abs=1e-4)
    with pytest.raises(Exception, match="no museum"):
        client.predict("horses", "nowhere", api_name="/explain")
