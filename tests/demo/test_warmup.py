"""What the warm-up makes last, nobody waits for."""

import threading

from demo.warmup import Warmup
from tests.demo.fakes import FakeSearcher


def test_searches_do_not_wait_for_what_only_some_need() -> None:
    asked, let = threading.Event(), threading.Event()

    class Slow(FakeSearcher):
        def prepare(self) -> None:
            asked.set()
            assert let.wait(60)

    warmup = Warmup(Slow).start()
    assert isinstance(warmup.wait(60), Slow) and warmup.state == "ready"
    assert asked.wait(60)
    let.set()
    warmup.join()
    assert warmup.state == "ready"


def test_where_opening_fails_nothing_is_prepared() -> None:
    def fail() -> FakeSearcher:
        raise RuntimeError("no memory")

    warmup = Warmup(fail).start()
    warmup.join()
    assert warmup.state == "failed"
