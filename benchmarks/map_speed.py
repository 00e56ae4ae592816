"""Time the maps in a browser: ``python benchmarks/map_speed.py``.

Starts ``app.py`` in a new process, drives headless Chromium, and prints medians: from the page of a
level's map to its points drawn (with and without the browser's cache), recolouring, and from the
click on a point to its museum.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.start_up import free_port, wait_for
from hicalm.levels import LEVELS
from tests.demo.browser import Browser

TIMES = 5
QUERY = "sailing ships on the sea"
DRAWN = "document.querySelector('.map-page')?.dataset.drawn"
RECOLOUR = """
const done = arguments[arguments.length - 1], select = document.querySelector('.map-color');
const plot = document.querySelector('.map-plot'), began = performance.now();
plot.once('plotly_afterplot', () => requestAnimationFrame(() => done(performance.now() - began)));
select.value = 'style';
select.dispatchEvent(new Event('change'));
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
const box = [...document.querySelectorAll('.over-result')].pop().getBoundingClientRect();
return [box.x + box.width / 2, box.y + box.height / 2];
"""


def draw(browser: Browser, level: str) -> float:
    """Return the milliseconds from a level's page shown to its points drawn."""
    browser.driver.get(f"{browser.base}?q={QUERY.replace(' ', '+')}&show=map&on.level={level}")
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
    browser.wait("document.querySelector('.explorer')?.dataset.models === 'ready'")
    draw(browser, "museum")  # the browser's graphics process starts here
    for level in LEVELS:
        new, kept, recoloured, opened = [], [], [], []
        for _ in range(TIMES):
            browser.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
            new.append(draw(browser, level))
            kept.append(draw(browser, level))
            recoloured.append(browser.driver.execute_async_script(RECOLOUR))
            opened.append(click(browser))
        times = (new, kept, recoloured, opened)
        names = ("drawn", "drawn again", "recoloured", "click to museum")
        medians = (
            f"{name} {statistics.median(own):.0f} ms"
            for name, own in zip(names, times, strict=True)
        )
        print(f"{level}: {', '.join(medians)}", flush=True)


def main() -> None:
    """Start, measure, stop."""
    port = free_port()
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    app = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=environment
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/", time.perf_counter())
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = Browser(f"http://127.0.0.1:{port}/", Path(profile))
            try:
                browser.open()
                measure(browser)
            finally:
                browser.driver.quit()
    finally:
        app.terminate()
        app.wait(20)


if __name__ == "__main__":
    main()
