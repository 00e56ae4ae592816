"""How much visitors may bring: files in Gradio's cache take room until they are tidied up."""

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gradio.utils import get_upload_folder

from demo import text
from demo.visitors import NOBODY
from hicalm.errors import HicalmError

HOURS = 2  # that a file may stay
MOST_OF_ONE = 1_000_000_000  # bytes of one visitor within that time
MOST_OF_ALL = 8_000_000_000
KEPT_FREE = 2_000_000_000  # bytes of the disk
UNKNOWN = 200_000_000  # bytes of what does not say how much it is


class NoRoomError(HicalmError):
    """What a visitor brings cannot be taken in."""


@dataclass
class _Arrival:
    """A visitor's bytes: how many were announced, how many came, and when the first did."""

    visitor: str
    announced: int
    came: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        return max(self.announced, self.came)

    def grow(self, came: int) -> None:
        self.came = came


class Brought:
    """What arrived within the last ``HOURS``, by visitor."""

    def __init__(self) -> None:
        self._arrivals: deque[_Arrival] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def arriving(self, visitor: str, announced: int) -> Iterator[Callable[[int], None]]:
        """Give a function to say how many bytes of a visitor have come so far.

        Until this ends they count as those that were announced (0: it was not said how many), and
        then as those that came. Raises NoRoomError where these cannot be taken in.
        """
        arrival = self._add(_Arrival(visitor, announced or UNKNOWN))
        try:
            yield arrival.grow
        finally:
            arrival.announced = 0

    def _add(self, arrival: _Arrival) -> _Arrival:
        folder = Path(get_upload_folder())
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            while self._arrivals and self._arrivals[0].since < arrival.since - HOURS * 3600:
                self._arrivals.popleft()
            everything = [*self._arrivals, arrival]
            own = sum(one.size for one in everything if one.visitor == arrival.visitor)
            if arrival.visitor != NOBODY and own > MOST_OF_ONE:
                limit = MOST_OF_ONE // 1_000_000
                raise NoRoomError(text.UPLOADS_TOO_MANY.format(limit=limit, hours=HOURS))
            if sum(one.size for one in everything) > MOST_OF_ALL:
                raise NoRoomError(text.UPLOADS_FULL)
            expected = sum(max(one.announced - one.came, 0) for one in everything)
            if shutil.disk_usage(folder).free - expected < KEPT_FREE:
                raise NoRoomError(text.UPLOADS_FULL)
            self._arrivals.append(arrival)
        return arrival
