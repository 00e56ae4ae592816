"""What visitors bring is kept for a while, and crowds out nobody else's."""

import pytest

from demo import kept
from demo.kept import HOURS, Kept


@pytest.fixture
def add(monkeypatch):
    things = Kept(10)

    def add(visitor: str, key: str, size: int) -> Kept:
        monkeypatch.setattr(kept, "visitor", lambda: visitor)
        things.add(key, f"value of {key}", size)
        return things

    return add


def test_who_has_most_makes_room(add):
    add("modest", "m", 3)
    for number in range(6):
        things = add("greedy", f"g{number}", 3)
    assert [key for key in ("m", "g0", "g3", "g4", "g5") if things.get(key)] == ["m", "g4", "g5"]
    assert add("greedy", "too large", 11).get("too large") is None and things.get("m")


def test_what_is_used_stays(add):
    add("a", "first", 4), add("a", "second", 4).get("first")
    things = add("a", "third", 4)
    assert things.get("first") == "value of first" and things.get("second") is None
    assert add("b", "first", 4).get("first") and things._size == 8  # the same again


def test_what_nobody_uses_goes_after_hours(add, monkeypatch):
    add("a", "old", 4)
    now = kept.time.monotonic() + HOURS * 3600 + 1
    monkeypatch.setattr(kept.time, "monotonic", lambda: now)
    assert add("b", "new", 1).get("old") is None
