"""Time the maps in a browser: ``python benchmarks/map_speed.py``.

Starts ``app.py`` in a new process, drives headless Chromium, and prints medians: from the page of a
level's map opened to its points drawn (with and without the browser's cache), from the click on a
colour to its points alone, and from the click on a point to its museum.
"""

import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.page_speed import browsing
from hicalm.levels import LEVELS
from tests.demo.browser import Browser

TIMES = 5
QUERY = "sailing ships on the sea"
DRAWN = "document.querySelector('.map-frame')?.dataset.drawn"
SELECT = """
const done = arguments[arguments.length - 1], began = performance.now();
new MutationObserver((_, watch) => {
  watch.disconnect();
  requestAnimationFrame(() => done(performance.now() - began));
}).observe(document.querySelector('.map-frame'), {attributeFilter: ['data-drawn']});
document.querySelector('.map-values a').click();
"""
CLICK = """
window.opened = null;
const root = document.querySelector('.explorer');
new MutationObserver((_, watch) => {
  if (root.dataset.page !== 'museum') return;
  watch.disconnect();
  requestAnimationFrame(() => (window.opened = performance.now() - window.clicked));
}).observe(root, {attributes: true});
const once = {once: true, capture: true};
window.addEventListener('pointerup', () => (window.clicked = performance.now()), once);
document.querySelector('.map-frame').scrollIntoView({block: 'center'});
const box = document.querySelector('.over-number').getBoundingClientRect();
return [box.x + box.width / 2, box.y + box.height / 2];
"""


def draw(browser: Browser, level: str) -> float:
    """Return the milliseconds from a level's page opened to its points drawn."""
    shown = f"show=map&on.level={level}&on.color=theme"
    browser.driver.get(f"{browser.base}?q={QUERY.replace(' ', '+')}&{shown}")
    return float(browser.wait(DRAWN))


def click(browser: Browser) -> float:
    """Return the milliseconds from a click on the best result's point to its museum."""
    x, y = browser.script(CLICK)
    for kind in ("mousePressed", "mouseReleased"):
        event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
        browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)
    return float(browser.wait("window.opened"))


def measure(browser: Browser) -> None:
    """Print the median times of every level."""
    draw(browser, "museum")  # the browser's graphics process starts here
    for level in LEVELS:
        new, kept, selected, opened = [], [], [], []
        for _ in range(TIMES):
            browser.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
            new.append(draw(browser, level))
            kept.append(draw(browser, level))
            selected.append(browser.driver.execute_async_script(SELECT))
            browser.wait_page("map")
            opened.append(click(browser))
        times = (new, kept, selected, opened)
        names = ("drawn", "drawn again", "a colour selected", "click to museum")
        medians = (
            f"{name} {statistics.median(own):.0f} ms"
            for name, own in zip(names, times, strict=True)
        )
        print(f"{level}: {', '.join(medians)}", flush=True)


def main() -> None:
    """Start, measure, stop."""
    with browsing() as (browser, _):
        measure(browser)


if __name__ == "__main__":
    main()
