"""Museums that visitors add: kept for a while on this server, and read one after the other.

Who adds a zip file gets a token that cannot be guessed. A thread unpacks and encodes the files in
the order of their arrival; then the token opens an ``Explorer`` over these museums alone.
"""

import logging
import queue
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo import text
from hicalm.errors import HicalmError

logger = logging.getLogger(__name__)

MOST_VIEWS = 2_000  # the CPU encodes some fifteen a second
MAX_RERANKED = 8  # sets of museums that are ready; the one unused for longest goes
MOST_FAILED = 32  # sentences about what failed
MOST_WAITING = 4  # sets that arrive, wait or are being read
KEPT_HOURS = 2  # without use
SWEEP_SECONDS = 60.0
LONGEST_NAME = 60  # characters

Progress = Callable[[int, int], None]


@dataclass
class OwnSet:
    """Museums of one zip file, from its arrival on.

    ``state`` is arriving, waiting, unpacking, encoding, ready or failed; ``done`` of ``of`` views
    are encoded; ``message`` says why it failed, ``lines`` what was left out.
    """

    token: str
    name: str
    folder: Path
    state: str = "arriving"
    done: int = 0
    of: int = 0
    message: str = ""
    lines: list[str] = field(default_factory=list)
    explorer: Any = None
    used: float = field(default_factory=time.monotonic)

    @property
    def archive(self) -> Path:
        """Where the zip file is written."""
        return self.folder / "museums.zip"

    @property
    def ended(self) -> bool:
        """Whether nothing more is going to happen to it."""
        return self.state in ("ready", "failed")


def open_museums(own: OwnSet, searcher: Any, progress: Progress) -> Any:
    """Unpack and encode a zip file, and return a searcher over its museums.

    Raises HicalmError for whatever is wrong with the file.
    """
    from hicalm.data.collection import load_collection
    from hicalm.importers.archive import unpack
    from hicalm.importers.images import import_images

    museums, out = own.folder / "unpacked", own.folder / "collection"
    try:
        unpack(own.archive, museums)
        own.archive.unlink()
        encoder, art_expert = searcher.encoder, searcher.art_expert
        report = import_images(
            museums, out, encoder, art_expert, skip_broken=True, name=own.name, progress=progress
        )
    except HicalmError as error:  # a visitor's folder has the name that the visitor gave it
        raise HicalmError(str(error).replace(str(museums.resolve()), own.name)) from error
    shutil.rmtree(museums, ignore_errors=True)
    own.lines = [f"{name}: {reason}" for name, reason in report.left_out.items()] + report.odd
    return searcher.over(load_collection(out))


class OwnMuseums:
    """The sets of museums that visitors added, by token; safe to call from several threads.

    ``over`` makes an Explorer of a function from the app's own searcher to the new one.
    """

    def __init__(self, over: Callable[[Callable[[Any], Any]], Any]):
        self._over = over
        self._sets: dict[str, OwnSet] = {}
        self._lock = threading.Lock()
        self._waiting: queue.Queue[OwnSet] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._root: tempfile.TemporaryDirectory | None = None  # deleted when the server ends

    def begin(self, name: str) -> OwnSet:
        """Return a new set, for its zip file to be written. Raises HicalmError where busy."""
        with self._lock:
            if sum(not one.ended for one in self._sets.values()) >= MOST_WAITING:
                raise HicalmError(text.OWN_BUSY)
            if self._root is None:
                self._root = tempfile.TemporaryDirectory(prefix="hicalm-museums-")
            token = secrets.token_urlsafe(18)
            own = OwnSet(token, name, Path(tempfile.mkdtemp(dir=self._root.name)))
            self._sets[token] = own
            return own

    def take(self, own: OwnSet) -> None:
        """Let a set whose zip file has arrived wait for its turn."""
        with self._lock:
            own.state = "waiting"
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="own-museums", daemon=True)
                self._thread.start()
        self._waiting.put(own)

    def find(self, token: str) -> OwnSet | None:
        """Return a set, which counts as using it, or None where it is gone."""
        with self._lock:
            own = self._sets.get(token)
            if own is not None:
                own.used = time.monotonic()
            return own

    def searchable(self, token: str) -> bool:
        """Tell whether a set is there and is, or may become, ready."""
        own = self._sets.get(token)
        return own is not None and own.state != "failed"

    def explorer(self, token: str) -> Any:
        """Return the Explorer of a set. Raises HicalmError where it is gone or not ready."""
        own = self.find(token)
        if own is None:
            raise HicalmError(text.OWN_GONE.format(hours=KEPT_HOURS))
        if own.explorer is None:
            raise HicalmError(own.message or text.OWN_NOT_READY)
        return own.explorer

    def ahead(self, own: OwnSet) -> int:
        """Return how many sets are read before a waiting one."""
        with self._lock:
            others = [one for one in self._sets.values() if not one.ended]
        place = next((n for n, one in enumerate(others) if one is own), 0)
        return sum(one.state != "arriving" for one in others[:place])

    def remove(self, token: str) -> None:
        """Delete a set with all its files; reading it stops."""
        with self._lock:
            own = self._sets.pop(token, None)
        if own is not None:
            shutil.rmtree(own.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what was not used for ``KEPT_HOURS``, and the oldest of too many."""
        with self._lock:
            ended = sorted((o for o in self._sets.values() if o.ended), key=lambda one: -one.used)
        ready = [one for one in ended if one.state == "ready"]
        failed = [one for one in ended if one.state == "failed"]
        oldest = time.monotonic() - KEPT_HOURS * 3600
        stale = [one for one in ended if one.used < oldest]
        for own in (*stale, *ready[MAX_RERANKED:], *failed[MOST_FAILED:]):
            self.remove(own.token)

    def _work(self) -> None:
        while True:
            with suppress(queue.Empty):  # then it is time to look for what is no longer used
                self._read(self._waiting.get(timeout=SWEEP_SECONDS))
            self.sweep()

    def _read(self, own: OwnSet) -> None:
        def progress(done: int, of: int) -> None:
            if of > MOST_VIEWS:
                raise HicalmError(text.OWN_TOO_MANY_VIEWS.format(views=of, limit=MOST_VIEWS))
            if own.token not in self._sets:
                raise HicalmError(text.OWN_GONE.format(hours=KEPT_HOURS))
            own.state, own.done, own.of = "encoding", done, of

        if own.token not in self._sets:
            return
        own.state, ending = "unpacking", "failed"
        try:
            own.explorer = self._over(lambda searcher: open_museums(own, searcher, progress))
            ending = "ready"
        except HicalmError as error:
            own.message = str(error)
        except Exception:  # shown on the page: a thread has nobody else to tell
            if own.token in self._sets:  # else its files were deleted on purpose
                logger.exception("museums of a visitor were not read")
            own.message = text.OWN_FAILED
        if ending == "failed" or own.token not in self._sets:
            shutil.rmtree(own.folder, ignore_errors=True)
        own.used, own.state = time.monotonic(), ending
