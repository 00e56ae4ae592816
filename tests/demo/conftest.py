"""Fixtures of the app's tests: a workspace over the stand-in collection, and a served app."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.maps.map import Maps
from tests.demo.browser import SIZES, Browser, opened, serving, watched
from tests.demo.fake_maps import fake_maps
from tests.demo.fakes import FakeSearcher

ROOT = Path(__file__).parents[2]
WORLD, CHECKPOINT = ROOT / "assets" / "world", ROOT / "checkpoints" / "hicalm"
FORCE_FAKE = os.environ.get("HICALM_TEST_FAKE") == "1"


@pytest.fixture
def searcher() -> FakeSearcher:
    return FakeSearcher(museums=24)


@pytest.fixture
def open_maps() -> Callable[[Any], Maps] | None:
    """What opens the maps of the workspace: none here, where a module has no fixture of its own."""
    return None


@pytest.fixture
def workspace(searcher: FakeSearcher, open_maps) -> ServedWorkspace:
    warmup = Warmup(lambda: searcher, None, open_maps).start()
    warmup.wait(10)
    return ServedWorkspace(warmup)


def open_searcher():
    """The real searcher where its data is there, else the stand-in."""
    if WORLD.exists() and not FORCE_FAKE:
        from hicalm.search.searcher import Searcher

        return Searcher.open(WORLD, CHECKPOINT)
    return FakeSearcher()


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of a running app, its models warming up while the first test begins."""
    with serving(Warmup(open_searcher)) as url:
        yield url


@pytest.fixture(scope="session")
def stand_in() -> Iterator[str]:
    """The address of a running app over the stand-in collection and its maps."""
    with serving(Warmup(FakeSearcher, None, fake_maps)) as url:
        yield url


@pytest.fixture(scope="session")
def chromium(tmp_path_factory) -> Iterator[Browser]:
    """The one browser of all tests, whichever app they look at."""
    with opened(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(chromium, served) -> Iterator[Browser]:
    yield from watched(chromium, served, (1280, 900))


@pytest.fixture(params=SIZES)
def sized(browser, request) -> Iterator[Browser]:
    """The browser at both widths; nothing may reach beyond the page's right edge."""
    browser.size(*SIZES[request.param])
    yield browser
    width = SIZES[request.param][0]
    assert browser.script("return document.documentElement.scrollWidth") <= width
