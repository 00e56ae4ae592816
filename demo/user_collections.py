"""Collections that visitors add: kept for a while on this server, and read one after the other.

Who brings files gets a token that cannot be guessed, and rooms proposed for the pictures. Once
those are confirmed, a thread encodes the pictures, one collection after the other; then the token
opens an ``Workspace`` over this collection alone.
"""

import queue
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from demo import text
from demo.address import Address
from demo.picture_readers import CONSE, PHOTOGRAPHS, PhotoReader, are_photographs
from demo.refusals import note
from demo.visitors import NOBODY, of_who_has_most, visitor
from demo.warmup import Models
from demo.workspace import Workspace
from hicalm.errors import FullDiskError, HicalmError
from hicalm.files import is_full
from hicalm.importers.sorting import Placed, arrange, propose
from hicalm.importers.view_files import views_in

if TYPE_CHECKING:  # it takes torch along
    from hicalm.search.searcher import Searcher

MAX_VIEWS = 2_000  # the CPU encodes some fifteen a second
MAX_KEPT = 8  # collections that are ready; the one unused for longest goes
MAX_FAILED = 32  # sentences about what failed
MAX_PROPOSED = 8  # whose rooms nobody has confirmed yet
MAX_WAITING = 4  # collections that arrive, wait or are being read
MAX_OWN = 2  # of these, of one visitor
KEPT_HOURS = 2  # without use
OPENING = 600.0  # seconds that a collection waits for the models
SWEEP_SECONDS = 60.0
LONGEST_NAME = 60  # characters

Progress = Callable[[int, int], None]


@dataclass
class UserCollection:
    """Museums that a visitor brings, from their arrival on.

    ``state`` is arriving, proposed, waiting, encoding, ready or failed; ``placed`` are the pictures
    in their rooms, ``reading`` says as what they are read (``picture_readers.READINGS``),
    ``discovers`` whether museums without rooms get discovered ones, ``done`` of ``of`` views are
    encoded; ``message`` says why it failed, ``left_out`` what is not searched, by name with the
    reason.
    """

    token: str
    name: str
    folder: Path
    state: str = "arriving"
    placed: list[Placed] = field(default_factory=list)
    reading: str = ""
    discovers: bool = True
    done: int = 0
    of: int = 0
    message: str = ""
    left_out: dict[str, str] = field(default_factory=dict)
    workspace: Workspace | None = None
    visitor: str = NOBODY
    used: float = field(default_factory=time.monotonic)

    @property
    def files(self) -> Path:
        """Where the pictures and texts lie until they are read."""
        return self.folder / "files"

    @property
    def ended(self) -> bool:
        """Whether nothing more is going to happen to it by itself."""
        return self.state in ("proposed", "ready", "failed")


def open_user_collection(
    added: UserCollection, searcher: "Searcher", progress: Progress, photos: PhotoReader
) -> "Searcher":
    """Encode the pictures, and return a searcher over their museums.

    Photographs are read by an encoder of ``photos``, and ranked without training. Museums whose
    pictures nobody sorted get discovered rooms, if there are enough of them. Raises HicalmError for
    whatever is wrong with them.
    """
    from hicalm.data.collection import load_collection
    from hicalm.data.discovered_collection import sort_museums
    from hicalm.encoders.object_expert import ObjectExpert
    from hicalm.importers.folders import NO_HOME, TEXTS, find_museums, shown
    from hicalm.importers.images import import_images
    from hicalm.search.zero_shot_searcher import zero_shot_searcher

    if searcher.pictures_note:
        raise HicalmError(searcher.pictures_note)
    museums, out = added.folder / "museums", added.folder / "collection"
    names = arrange(added.files, added.placed, museums)
    others = (path for path in sorted(added.files.rglob("*")) if path.suffix.lower() in TEXTS)
    for path in others:
        added.left_out[shown(path.relative_to(added.files))] = NO_HOME
    try:
        like = searcher.collection.features.fingerprints  # a visitor's museums get the same kinds
        by_photos = added.reading == PHOTOGRAPHS or (
            not added.reading and are_photographs(museums, searcher)
        )
        encoder = photos.encoder() if by_photos else searcher.encoder
        with_objects = "object" in like and not by_photos
        unsorted = {one.id for one in find_museums(museums, {}) if one.is_unsorted}
        report = import_images(
            museums,
            out,
            encoder,
            None if by_photos else searcher.art_expert,
            object_expert=ObjectExpert.load() if with_objects else None,
            skip_broken=True,
            name=added.name,
            progress=progress,
        )
    except FullDiskError:
        raise
    except HicalmError as error:  # a visitor's folder has the name that the visitor gave it
        raise HicalmError(str(error).replace(str(museums.resolve()), added.name)) from error
    for folder in (museums, added.files):
        shutil.rmtree(folder, ignore_errors=True)
    added.left_out |= {names.get(name, name): reason for name, reason in report.left_out.items()}
    added.left_out |= dict.fromkeys(report.warnings, "")
    collection = load_collection(out)
    if added.discovers:
        collection = sort_museums(collection, unsorted, added.folder / "sorted")
        if collection.folder != out:
            shutil.rmtree(out, ignore_errors=True)
    return zero_shot_searcher(collection, encoder) if by_photos else searcher.over(collection)


class UserCollections:
    """The collections that visitors added, by token; safe to call from several threads.

    They are searched with the models of ``workspace``, or as ``photos``, and in turn with it.
    """

    def __init__(self, workspace: Workspace, photos: PhotoReader):
        self._workspace, self._photos = workspace, photos
        self._by_token: dict[str, UserCollection] = {}
        self._lock = threading.Lock()
        self._waiting: queue.Queue[UserCollection] = queue.Queue()
        self._root: tempfile.TemporaryDirectory | None = None  # deleted when the server ends

    def add(self, name: str, fill: Callable[[Path], dict[str, str]]) -> UserCollection:
        """Return a new collection with rooms proposed for its files.

        ``fill`` writes the files into a folder that is not there yet, and returns what it left out.
        Raises HicalmError where busy, and what ``fill`` raises; then nothing of it is kept.
        """
        added = self._begin(name)
        try:
            added.left_out = fill(added.files)
            added.placed = propose(added.files, name)
        except Exception:  # whatever went wrong, its place is free for others
            self.remove(added.token)
            raise
        added.state = "proposed"
        self.sweep()
        return added

    def _begin(self, name: str) -> UserCollection:
        with self._lock:
            self._check_places(visitor())
            if self._root is None:
                self._root = tempfile.TemporaryDirectory(prefix="hicalm-museums-")
                threading.Thread(target=self._work, name="user-collections", daemon=True).start()
            token = secrets.token_urlsafe(18)
            added = UserCollection(token, name, Path(tempfile.mkdtemp(dir=self._root.name)))
            added.visitor = visitor()
            self._by_token[token] = added
            return added

    def _check_places(self, name: str) -> None:
        """Raise HicalmError where too many arrive, wait or are read; of one visitor or of all."""
        owners = [one.visitor for one in self._by_token.values() if not one.ended]
        if name != NOBODY and owners.count(name) >= MAX_OWN:
            raise HicalmError(text.COLLECTION_BUSY_YOURSELF)
        if len(owners) >= MAX_WAITING:
            raise HicalmError(text.COLLECTION_BUSY)

    def enqueue(
        self,
        added: UserCollection,
        placed: Sequence[Placed],
        reading: str = "",
        discovers: bool = True,
    ) -> None:
        """Let a collection wait for its turn to be read, with these pictures of its proposal.

        ``reading`` is one of ``picture_readers.READINGS``, ``discovers`` says whether museums
        without rooms get discovered ones.

        Raises HicalmError for none or too many of them, and where others wait already.
        """
        if not placed:
            raise HicalmError(text.COLLECTION_EMPTY)
        views = sum(views_in(added.files / one.file) for one in placed)
        if views > MAX_VIEWS:
            raise HicalmError(text.COLLECTION_TOO_MANY_VIEWS.format(views=views, limit=MAX_VIEWS))
        with self._lock:
            self._check_places(added.visitor)
            if added.state != "proposed":
                return  # a second click
            kept = {one.file for one in placed}
            left = [one.file for one in added.placed if one.file not in kept]
            added.left_out |= dict.fromkeys(left, text.COLLECTION_LEFT_OUT)
            added.placed, added.reading, added.state = list(placed), reading, "waiting"
            added.discovers = discovers
            self._by_token[added.token] = self._by_token.pop(added.token)  # in the order of reading
        self._waiting.put(added)

    def find(self, token: str) -> UserCollection | None:
        """Return a collection, which counts as using it, or None where it is gone."""
        with self._lock:
            added = self._by_token.get(token)
            if added is not None:
                added.used = time.monotonic()
            return added

    def searchable(self, token: str) -> bool:
        """Tell whether a collection is there and is, or may become, ready."""
        added = self._by_token.get(token)
        return added is not None and added.state not in ("failed", "proposed")

    def workspace(self, token: str) -> Workspace:
        """Return that of a collection. Raises HicalmError where it is gone or not ready."""
        added = self.find(token)
        if added is None:
            raise HicalmError(text.COLLECTION_GONE.format(hours=KEPT_HOURS))
        if added.workspace is None:
            raise HicalmError(added.message or text.COLLECTION_NOT_READY)
        return added.workspace

    def ahead(self, added: UserCollection) -> int:
        """Return how many collections are read before a waiting one."""
        with self._lock:
            others = [one for one in self._by_token.values() if not one.ended]
        position = next((n for n, one in enumerate(others) if one is added), 0)
        return sum(one.state != "arriving" for one in others[:position])

    def remove(self, token: str) -> None:
        """Delete a collection with all its files; reading it stops."""
        with self._lock:
            added = self._by_token.pop(token, None)
        if added is not None:
            shutil.rmtree(added.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what was not used for ``KEPT_HOURS``, and of too many the oldest of whoever has
        most: nobody's collection goes because another visitor brings many."""
        with self._lock:
            ended = sorted(
                (o for o in self._by_token.values() if o.ended), key=lambda one: one.used
            )
        oldest = time.monotonic() - KEPT_HOURS * 3600
        for state, most in (
            ("ready", MAX_KEPT),
            ("failed", MAX_FAILED),
            ("proposed", MAX_PROPOSED),
        ):
            kept = [one for one in ended if one.state == state and one.used >= oldest]
            gone = [one for one in ended if one.state == state and one.used < oldest]
            while len(kept) > most:
                gone.append(of_who_has_most(kept, lambda one: one.visitor))
                kept.remove(gone[-1])
            for added in gone:
                self.remove(added.token)

    def _work(self) -> None:
        while True:
            with suppress(queue.Empty):  # then it is time to look for what is no longer used
                self._read(self._waiting.get(timeout=SWEEP_SECONDS))
            self.sweep()

    def _read(self, added: UserCollection) -> None:
        def progress(done: int, of: int) -> None:
            if added.token not in self._by_token:
                raise HicalmError(text.COLLECTION_GONE.format(hours=KEPT_HOURS))
            added.state, added.done, added.of = "encoding", done, of

        if added.token not in self._by_token:
            return
        ending = "failed"
        try:
            searcher = self._workspace.warmup.wait(OPENING)
            opened = open_user_collection(added, searcher, progress, self._photos)
            added.workspace = self._workspace.over(opened)
            ending = "ready"
        except Exception as error:  # shown on the page: a thread has nobody else to tell
            if is_full(error):
                added.message = text.DISK_FULL
            elif isinstance(error, HicalmError):
                added.message = str(error)
            else:
                if added.token in self._by_token:  # else its files were deleted on purpose
                    note("the collection of a visitor was not read", error)
                added.message = text.COLLECTION_FAILED
        if ending == "failed" or added.token not in self._by_token:
            shutil.rmtree(added.folder, ignore_errors=True)
        added.used, added.state = time.monotonic(), ending


class ServedWorkspace(Workspace):
    """The workspace of the collection that the app serves, with those that visitors added to it."""

    def __init__(self, warmup: Models, photo_encoder: str = CONSE):
        """``photo_encoder`` reads photographs that visitors bring, by its name."""
        super().__init__(warmup)
        self.user_collections = UserCollections(self, PhotoReader(photo_encoder))

    def at(self, address: Address) -> Workspace:
        """Return the workspace of the museums that an address is about.

        Raises HicalmError where those that a visitor added are gone or not ready.
        """
        return self.user_collections.workspace(address.collection) if address.collection else self
