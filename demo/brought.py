"""How much visitors may bring: files in Gradio's cache take room until they are tidied up."""

import shutil
import threading
import time
from collections import deque
from pathlib import Path

from gradio.utils import get_upload_folder

from demo import text
from demo.visitors import NOBODY

HOURS = 2  # that a file may stay
MOST_OF_ONE = 1_000_000_000  # bytes of one visitor within that time
MOST_OF_ALL = 8_000_000_000
KEPT_FREE = 2_000_000_000  # bytes of the disk
UNKNOWN = 200_000_000  # bytes of what does not say how much it is


class Brought:
    """What arrived within the last ``HOURS``, by visitor."""

    def __init__(self) -> None:
        self._arrived: deque[tuple[float, str, int]] = deque()
        self._lock = threading.Lock()

    def room(self, visitor: str, size: int) -> str:
        """Return why ``size`` bytes of a visitor cannot be taken in, or "", which counts them."""
        size, now = size or UNKNOWN, time.monotonic()
        folder = Path(get_upload_folder())
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            while self._arrived and self._arrived[0][0] < now - HOURS * 3600:
                self._arrived.popleft()
            own = sum(one[2] for one in self._arrived if one[1] == visitor)
            if visitor != NOBODY and own + size > MOST_OF_ONE:
                return text.UPLOADS_TOO_MANY.format(limit=MOST_OF_ONE // 1_000_000, hours=HOURS)
            everything = sum(one[2] for one in self._arrived)
            if everything + size > MOST_OF_ALL:
                return text.UPLOADS_FULL
            if shutil.disk_usage(folder).free - size < KEPT_FREE:
                return text.UPLOADS_FULL
            self._arrived.append((now, visitor, size))
        return ""
