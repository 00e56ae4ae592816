"""Fixtures of the app's tests: an explorer over the stand-in collection."""

import pytest

from demo.explorer import Explorer
from demo.warmup import Warmup
from tests.demo.fakes import FakeSearcher


@pytest.fixture
def searcher() -> FakeSearcher:
    return FakeSearcher(museums=24)


@pytest.fixture
def explorer(searcher: FakeSearcher) -> Explorer:
    warmup = Warmup(lambda: searcher).start()
    warmup.wait(10)
    return Explorer(warmup)
