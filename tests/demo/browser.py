"""Drive Debian's or any other Chromium without a window, and look at what it logged."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from benchmarks.start_up import free_port
from demo.connections import serve
from demo.layout import build_layout, launch_options
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No other host is there: what asks for one has an error in the console.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
SIZES = {"desk": (1440, 1000), "phone": (390, 844)}  # CSS pixels
TRIES = 3  # launches of an app
PATIENCE = 40  # seconds for a page on a busy machine
COLOR_RULES = ("color-contrast", "link-in-text-block")  # axe's on what the look changes
# Nothing fades any more: half-faded text would be judged by its passing colours.
STILL = "document.getAnimations().every(one => one.playState !== 'running')"


def find_chromium() -> tuple[str, str] | None:
    """Return the paths of Chromium and its driver, or None where one is missing."""
    driver = shutil.which("chromedriver")
    browser = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    return (browser, driver) if browser and driver else None


def in_ci() -> bool:
    """Whether this run must not skip the browser."""
    return os.environ.get("CI", "").lower() in ("true", "1")


@contextmanager
def serving(warmup: Warmup) -> Iterator[str]:
    """Serve what the warm-up opens, at any free port; gives the app's address."""
    workspace = ServedWorkspace(warmup)
    blocks, url = launched(workspace)
    warmup.start()  # only now, as in app.py: Gradio waits five seconds for its server
    try:
        yield url
    finally:
        blocks.close()


def launched(workspace: ServedWorkspace) -> tuple[gr.Blocks, str]:
    """Launch the app as app.py does, at a free port; a busy machine gets three tries.

    Gradio gives its server five seconds, and the MCP server of an app that was too slow cannot be
    started again: every further port then takes five seconds, too. So each try builds a new app.
    """
    failure: OSError | None = None
    for _ in range(TRIES):
        blocks = build_layout(workspace)
        options = launch_options(workspace) | {"mcp_server": True, "server_port": free_port()}
        try:
            return blocks, serve(blocks, quiet=True, **options)
        except OSError as error:
            failure = error
    raise failure or AssertionError("no try was made")


@contextmanager
def opened(profile: Path, *flags: str) -> Iterator["Browser"]:
    """Open Chromium; without one the test is skipped, in CI it fails."""
    if find_chromium() is None:
        reason = "no Chromium with a chromedriver was found on the PATH"
        pytest.fail(reason) if in_ci() else pytest.skip(reason)
    browser = Browser(profile, *flags)
    try:
        yield browser
    finally:
        browser.driver.quit()


def watched(chromium: "Browser", served: str, size: tuple[int, int]) -> Iterator["Browser"]:
    """Give a test a browser whose console must stay clean, which it is not of other hosts."""
    chromium.visit(served)
    chromium.size(*size)
    chromium.console_errors()
    yield chromium
    errors = chromium.console_errors()
    assert errors == [], errors


class Browser:
    """A page of an app, with waits built in."""

    def __init__(self, profile: Path, *flags: str):
        browser, driver = find_chromium() or ("", "")
        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for flag in (*FLAGS, *flags, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.base = ""
        self.size(1280, 900)

    def visit(self, served: str) -> None:
        """Choose the app whose addresses are opened."""
        if served != self.base:
            self.driver.get("about:blank")  # the page of another app asks that one until it is left
            self.base = served

    def renew_tab(self) -> None:
        """Go on in a new tab and close the old one."""
        old = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        new = self.driver.current_window_handle
        self.driver.switch_to.window(old)
        self.driver.close()
        self.driver.switch_to.window(new)

    def size(self, width: int, height: int) -> None:
        """Set the size of the page in CSS pixels; narrow ones behave as a phone's."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, address: str = "", page: str = "") -> None:
        """Open an address of the app and wait for a kind of page."""
        self.driver.get(self.base + address)
        self.wait_page(page or "home")

    def script(self, code: str, *arguments: object) -> object:
        """Run JavaScript and return its value."""
        return self.driver.execute_script(code, *arguments)

    def wait(self, code: str, seconds: float = PATIENCE) -> object:
        """Wait until a JavaScript expression is true, and return it."""
        waiting = WebDriverWait(self.driver, seconds, poll_frequency=0.05)
        return waiting.until(lambda _: self.script(f"return {code}"), f"never true: {code}")

    def wait_page(self, page: str) -> None:
        """Wait until a kind of page is shown and nothing is being loaded."""
        self.wait(
            "document.querySelector('.explorer')?.getAttribute('aria-busy') === 'false'"
            f" && document.querySelector('.explorer').dataset.page === {json.dumps(page)}"
        )

    def find(self, selector: str):
        """Return the first element of a CSS selector."""
        return (self.all(selector) or self.driver.find_elements(By.CSS_SELECTOR, selector))[0]

    def all(self, selector: str) -> list:
        """Return the elements of a CSS selector, but for pages that were left."""
        code = (
            "return [...document.querySelectorAll(arguments[0])]"
            ".filter(one => one.closest('.page')?.checkVisibility() ?? true)"
        )
        return self.script(code, selector)

    def click(self, selector: str) -> None:
        """Bring an element into view and click it, once it is there."""
        self.wait(f"document.querySelector({json.dumps(selector)}) !== null")
        element = self.find(selector)
        self.script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def type(self, text: str) -> None:
        """Put a text into the search box, in place of what is there."""
        self.script(
            "const box = document.querySelector('#query textarea'); box.value = arguments[0];"
            "box.dispatchEvent(new Event('input', {bubbles: true})); box.focus()",
            text,
        )

    def press(self, label: str) -> None:
        """Click the shown button whose label begins so."""
        self._labelled(".explorer button", label).click()

    def open_fold(self, label: str) -> None:
        """Open the accordion whose label begins so, where it is closed."""
        fold = self._labelled(".page .label-wrap", label)
        if "open" not in fold.get_attribute("class").split():
            fold.click()

    def choose(self, label: str, value: str) -> None:
        """Choose a value of a dropdown."""
        self._labelled("input[role=combobox]", label, "aria-label").click()
        self._labelled("[role=listbox] [role=option]", value, "aria-label").click()
        self.script("document.activeElement.blur()")  # one of several values leaves the list open
        self.wait("!document.querySelector('[role=listbox]')")

    def tick(self, label: str) -> None:
        """Tick a checkbox, or take its tick away."""
        self._labelled(".explorer label", label).click()

    def ticked(self, label: str) -> bool:
        """Whether a checkbox is ticked."""
        box = self._labelled(".explorer label", label)
        return box.find_element(By.CSS_SELECTOR, "input").is_selected()

    def toast(self, words: str) -> None:
        """Wait for a message of Gradio's with these words."""
        self.wait(
            "[...document.querySelectorAll('.toast-body')]"
            f".some(toast => toast.textContent.includes({json.dumps(words)}))"
        )

    def _labelled(self, selector: str, label: str, name: str = "textContent"):
        """Return the shown element whose text, or attribute of a name, begins so; into view."""
        code = (
            "const [selector, label, name] = arguments;"
            "const found = [...document.querySelectorAll(selector)].find("
            "one => one.checkVisibility()"
            " && (one[name] ?? one.getAttribute(name)).trim().startsWith(label));"
            "found?.scrollIntoView({block: 'center'}); return found"
        )
        waiting = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05)
        return waiting.until(lambda _: self.script(code, selector, label, name), f"no {label}")

    def console_errors(self) -> list[str]:
        """Return the console's messages since the last call.

        Gradio logs two where a page is left while it waits for an answer; these are none.
        """
        log = self.driver.get_log("browser")
        errors = [entry["message"] for entry in log if entry["level"] == "SEVERE"]
        left = ("AbortError", "Connection errored out") if "AbortError" in str(errors) else ()
        return [error for error in errors if not any(words in error for words in left)]

    def grave_violations_of_both_looks(self) -> list[tuple[str, list[str]]]:
        """Return axe's serious and critical findings on a page in the light and the dark look."""
        found = self.grave_violations()
        self.script("document.body.classList.add('dark')")
        found += self.grave_violations(*COLOR_RULES)
        self.script("document.body.classList.remove('dark')")
        return found

    def grave_violations(self, *rules: str) -> list[tuple[str, list[str]]]:
        """Return axe's serious and critical findings by all or some rules: rule and elements."""
        axe = pytest.importorskip("axe_core_python")
        self.wait(STILL)
        if self.script("return !window.axe"):
            self.script(Path(axe.__path__[0], "axe.min.js").read_text("utf-8"))
        options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
        found = self.driver.execute_async_script(
            "axe.run(document, arguments[0]).then(arguments[arguments.length - 1])", options
        )
        return [
            (rule["id"], [node["html"][:160] for node in rule["nodes"]][:5])
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
        ]
