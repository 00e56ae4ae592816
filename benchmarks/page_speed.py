"""Time the pages in a browser: ``python benchmarks/page_speed.py [--times 5]``.

Starts ``app.py`` in a new process, drives headless Chromium, and prints medians with the least and
the most: from a query sent to its cards, from a step back to the results, from the link to two
museums side by side, from the wish for a CSV file of twelve results to its download, and from the
map opened to its points. Every query is new, so nothing of it is remembered. Beside the times on
the clock stand those of the CPU, of the app and of the page's script and layout together, which
other programs on the same cores change less. Then what a page of results takes over the wire, with
an empty cache and with Gradio's files in it.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote_plus

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.start_up import ENVIRONMENT, cpu_seconds, free_port, wait_for
from tests.demo.browser import Browser

SETTLED = 6.0  # seconds until the pictures of a page are drawn, and the places in them found
SUBJECTS = ("seascapes", "horses", "portraits", "birds", "city skylines", "vases of flowers")
WALLS = ("red", "blue", "green", "white", "yellow", "grey", "pink", "black")
QUERIES = [f"{subject} in a room with {wall} walls" for wall in WALLS for subject in SUBJECTS]
TIMED = """
const [act, ready, done] = arguments, began = performance.now();
const isReady = new Function(`return ${ready}`);
new Function(act)();
const look = () => (isReady() ? done(performance.now() - began) : requestAnimationFrame(look));
look();
"""
IDLE = "document.querySelector('.explorer').getAttribute('aria-busy') === 'false'"
PAGE = "document.querySelector('.explorer').dataset.page"
SEARCH = """
const box = document.querySelector('#query textarea');
box.value = %s;
box.dispatchEvent(new Event('input', {bubbles: true}));
setTimeout(() => document.querySelector('#query .submit-button').click());
"""
COMPARE = """
[...document.querySelectorAll('.more-about a')].find(a => a.href.includes('against=')).click();
"""
SAVE = """
window.saved = false;
const file = document.getElementById('results-file');
file.addEventListener('click', () => (window.saved = true), {once: true, capture: true});
document.getElementById('results-csv').click();
"""
WEIGHT = """
const kinds = ['navigation', 'resource'];
const all = kinds.flatMap(kind => performance.getEntriesByType(kind));
return [all.filter(one => one.transferSize > 0).length,
  all.reduce((sum, one) => sum + one.transferSize, 0) / 1000];
"""


@contextmanager
def browsing() -> Iterator[tuple[Browser, int]]:
    """Start the app and a browser on it, whose models are ready; gives the app's process, too."""
    port = free_port()
    command = [sys.executable, "app.py", "--port", str(port)]
    app = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/", time.perf_counter())
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = Browser(Path(profile))
            browser.base = f"http://127.0.0.1:{port}/"
            try:
                browser.open()
                browser.wait("document.querySelector('.explorer')?.dataset.models === 'ready'")
                domain = {"timeDomain": "threadTicks"}
                browser.driver.execute_cdp_cmd("Performance.enable", domain)
                yield browser, app.pid
            finally:
                browser.driver.quit()
    finally:
        app.terminate()
        app.wait(20)


def cpu_milliseconds(browser: Browser, app: int) -> float:
    """Return what the app and the page's main thread have computed until now."""
    metrics = browser.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    page = next(one["value"] for one in metrics if one["name"] == "TaskDuration")
    return 1000 * (cpu_seconds(app) + page)


def timed(browser: Browser, app: int, act: str, ready: str) -> tuple[float, float]:
    """Return the milliseconds from a script of the page to what it leads to: clock and CPU."""
    time.sleep(SETTLED)
    before = cpu_milliseconds(browser, app)
    clock = float(browser.driver.execute_async_script(TIMED, act, f"{ready} && {IDLE}"))
    return clock, cpu_milliseconds(browser, app) - before


def measure(browser: Browser, app: int, query: str) -> dict[str, tuple[float, float]]:
    """Return the milliseconds of every step for one query: clock and CPU."""
    link = f"document.querySelector('.card h2 a')?.href.includes({quote_plus(query)!r})"
    found = f"{PAGE} === 'results' && {link}"
    step = partial(timed, browser, app)
    times = {"query to cards": step(SEARCH % repr(query), found)}
    times["two museums"] = step(COMPARE, f"{PAGE} === 'compare'")
    times["back to the results"] = step("history.back()", found)
    browser.open_fold("How this was ranked")
    times["CSV of 12 results"] = step(SAVE, "window.saved")
    return times


def draw_map(browser: Browser) -> float:
    """Return the milliseconds from the map opened, with what a browser keeps, to its points."""
    browser.driver.get(f"{browser.base}?show=map")
    return float(browser.wait("document.querySelector('.map-frame')?.dataset.drawn"))


def spread(milliseconds: Sequence[float]) -> str:
    """Return the median with the least and the most."""
    middle = statistics.median(milliseconds)
    return f"{middle:.0f} ms ({min(milliseconds):.0f} to {max(milliseconds):.0f})"


def weights(browser: Browser) -> Iterator[tuple[str, list[float]]]:
    """Yield the requests and kB of a page of results, without and with a cache."""
    browser.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    for name, query in (("with an empty cache", "lighthouses"), ("with Gradio's files", "cats")):
        browser.open(f"?q={query}", "results")
        time.sleep(SETTLED)
        yield name, browser.script(WEIGHT)


def main() -> None:
    """Start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="queries that are measured")
    times = parser.parse_args().times
    with browsing() as (browser, app):
        measure(browser, app, QUERIES[-1])
        rounds = [measure(browser, app, query) for query in QUERIES[:times]]
        for name in rounds[0]:
            clock, cpu = zip(*(one[name] for one in rounds), strict=True)
            print(f"{name}: {spread(clock)}; CPU {spread(cpu)}")
        draw_map(browser)
        print(f"map: {spread([draw_map(browser) for _ in rounds])}")
        for name, (requests, kilobytes) in weights(browser):
            print(f"results {name}: {requests:.0f} requests, {kilobytes:.0f} kB")


if __name__ == "__main__":
    main()
