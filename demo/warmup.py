"""Open the collection and the models in a thread, so that the page is served at once."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from demo import text
from hicalm.data.collection import Collection
from hicalm.data.pictures import PictureSource
from hicalm.errors import HicalmError
from hicalm.maps.map import Maps

if TYPE_CHECKING:  # it takes torch along
    from hicalm.search.searcher import Searcher

logger = logging.getLogger(__name__)


class Models:
    """What is open of a collection: its museums and pictures, its searcher, its maps."""

    def __init__(self) -> None:
        self._finished = threading.Event()
        self.searcher: Searcher | None = None
        self.collection: Collection | None = None
        self.pictures: PictureSource | None = None
        self.maps: Maps | None = None
        self.failure = ""  # one sentence, where opening failed
        self.maps_failure = text.NO_MAPS

    @classmethod
    def opened(cls, searcher: "Searcher", maps_failure: str) -> "Models":
        """Return those of a searcher, without maps for the reason given."""
        models = cls()
        models.collection, models.pictures = searcher.collection, searcher.pictures
        models.searcher, models.maps_failure = searcher, maps_failure
        models._finished.set()
        return models

    @property
    def state(self) -> str:
        """``"warming"``, ``"ready"`` or ``"failed"``."""
        if self.failure:
            return "failed"
        return "ready" if self.searcher is not None else "warming"

    def wait(self, seconds: float) -> "Searcher":
        """Return the searcher, waiting for it.

        Raises HicalmError where it failed to open or is not ready after ``seconds``.
        """
        if not self._finished.wait(seconds):
            raise HicalmError(f"{text.WARMING}. Please try again in a moment.")
        if self.searcher is None:
            raise HicalmError(self.failure)
        return self.searcher


class Warmup(Models):
    """Opens the models in the background and says how far it is.

    ``open_collection`` is optional and quick: it returns ``(collection, pictures)``, with which
    museums can be looked at while ``open_searcher`` still loads the models. ``open_maps`` is
    optional too: it returns the maps of that collection, and where it raises HicalmError there are
    none, for the reason in ``maps_failure``. What only some searches need is made last.
    """

    def __init__(
        self,
        open_searcher: Callable[[], "Searcher"],
        open_collection: Callable[[], tuple[Collection, PictureSource]] | None = None,
        open_maps: Callable[[Collection], Maps] | None = None,
    ):
        super().__init__()
        self._open_searcher = open_searcher
        self._open_collection = open_collection
        self._open_maps = open_maps
        self._thread = threading.Thread(target=self._open, name="warm-up", daemon=True)

    def start(self) -> "Warmup":
        """Start the thread; call it once."""
        self._thread.start()
        return self

    def join(self) -> None:
        """Wait until the thread, which was started, has ended: seconds at most."""
        self._thread.join()

    def _open(self) -> None:
        try:
            if self._open_collection:
                self.collection, self.pictures = self._open_collection()
            searcher = self._open_searcher()
            self.collection, self.pictures = searcher.collection, searcher.pictures
            self._read_maps(searcher.collection)
            self.searcher = searcher
        except HicalmError as error:
            logger.error("warm-up failed: %s", error)
            self.failure = str(error)
        except Exception:  # shown as a state of the page: a thread has nobody else to tell
            logger.exception("warm-up failed")
            self.failure = text.LOADING_FAILED
        finally:
            self._finished.set()
        if self.searcher is not None:
            self.searcher.prepare()

    def _read_maps(self, collection: Collection) -> None:
        if self._open_maps is None:
            return
        try:
            self.maps = self._open_maps(collection)
        except HicalmError as error:  # everything else works without them
            logger.warning("no maps: %s", error)
            self.maps_failure = str(error)
