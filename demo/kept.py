"""What visitors bring and is kept in memory for a while: each crowds out nobody else."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from demo.visitors import of_who_has_most, visitor

Value = TypeVar("Value")

HOURS = 2  # without use


@dataclass
class _One(Generic[Value]):
    value: Value
    size: int
    visitor: str
    used: float = field(default_factory=time.monotonic)


class Kept(Generic[Value]):
    """Values by key, of a bounded size together; safe to use from several threads.

    Where there is no room, it is made by the visitor who has most: the value that was not used for
    longest goes.
    """

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[str, _One[Value]] = OrderedDict()  # the last used at the end
        self._lock = threading.Lock()

    def add(self, key: str, value: Value, size: int) -> None:
        """Keep a value of a size, in the unit of the bound."""
        with self._lock:
            if key in self._kept:
                self._touch(key)
                return
            self._kept[key] = _One(value, size, visitor())
            self._size += size
            oldest = time.monotonic() - HOURS * 3600
            while self._kept and next(iter(self._kept.values())).used < oldest:
                self._drop(next(iter(self._kept)))
            kept = self._kept
            while self._size > self._most:
                self._drop(
                    of_who_has_most(kept, lambda one: kept[one].visitor, lambda one: kept[one].size)
                )

    def get(self, key: str) -> Value | None:
        """Return the value of a key, which counts as using it; None where it is gone."""
        with self._lock:
            return self._touch(key).value if key in self._kept else None

    def _touch(self, key: str) -> _One[Value]:
        one = self._kept[key]
        one.used = time.monotonic()
        self._kept.move_to_end(key)
        return one

    def _drop(self, key: str) -> None:
        self._size -= self._kept.pop(key).size
