"""Folders of somebody's own pictures: which museums, rooms, views and texts are in them.

A folder per museum, in it a folder per room, in it the pictures and videos; folders between the two
are floors, whose names come before the rooms'. Pictures beside the rooms' folders are a room as
well, but each panorama and each video there is one of its own; those beside the museums' folders
are a museum that is called as the whole. A text file describes the museum or the room in whose
folder it lies. Links are not followed and hidden files are not seen.
"""

import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from hicalm.data.picture_files import ENDINGS
from hicalm.data.sentences import clean, only_named, split_sentences
from hicalm.errors import HicalmError
from hicalm.importers.view_files import VIDEOS, views_in

PICTURES = ENDINGS | VIDEOS  # what views come from
TEXTS = frozenset({".txt"})
KINDS = "pictures are jpg, png, webp, gif, bmp, tif, avif or heic, videos mp4, webm, mov or avi"
NOT_READ = f"It is of no kind that is read: {KINDS}, texts txt."
NO_HOME = "A text that belongs to no museum or room."
EMPTY = "It holds no pictures."
MAX_DEPTH = 8  # folders around a file
LAYOUT_DEPTH = 3  # parts of museum/room/picture: one more, and the outermost may be a wrapper
LARGEST_TEXT = 200_000  # bytes; longer ones are no description of a room
LONGEST_NAME = 120  # characters of a title that are kept
LONGEST_ID = 60  # characters
_HIDDEN = frozenset({"__macosx", "thumbs.db", "desktop.ini", "@eadir"})
_FLOOR = re.compile(
    r"(?:floor|geschoss|stockwerk|\b(?:level|storey|story|basement|cellar|attic|mezzanine|wing|"
    r"[eé]tage|stock|piano|piso|planta))s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FoundRoom:
    """A room: its name, its paragraph (sentences), and its pictures and videos in order."""

    name: str
    paragraph: tuple[str, ...]
    pictures: tuple[Path, ...]


@dataclass(frozen=True)
class FoundMuseum:
    """A museum's folder; its id holds only characters that are safe in addresses and paths."""

    id: str
    title: str
    introduction: tuple[str, ...]
    rooms: tuple[FoundRoom, ...]

    @property
    def is_unsorted(self) -> bool:
        """Whether all that it has are single pictures beside each other, in no room's folder."""
        own = self.rooms[0]
        loose = len(self.rooms) == 1 and own.name == self.title
        return loose and all(views_in(path) == 1 for path in own.pictures)


@dataclass(frozen=True)
class _Contents:
    """What lies in one folder, in natural order."""

    folders: list[Path]
    pictures: list[Path]
    texts: list[Path]


def find_museums(folder: Path, left_out: dict[str, str], name: str = "") -> list[FoundMuseum]:
    """Return the museums of a folder in natural order; ``name`` is that of loose pictures.

    What is left out is added to ``left_out``, each by its name with the reason. Folders that only
    wrap the museums' are passed through. Raises HicalmError for a folder that is not there or holds
    no museum with pictures.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise HicalmError(f"'{shown(folder)}' is not a folder. Name the one with the museums.")
    return _Finder(folder, left_out).museums(name)


def wrapper(files: Iterable[PurePath]) -> tuple[str, ...]:
    """Return the folders, outermost first, that only wrap those of the museums.

    ``files`` are the pictures, by their places. A folder wraps where all of them lie in it, and one
    too deep for a museum's folder, unless it holds nothing but floors.
    """
    places = [file.parts for file in files]
    outer: list[str] = []
    while (
        places and len({parts[0] for parts in places}) == 1 and max(map(len, places)) > LAYOUT_DEPTH
    ):
        inner = [parts[1:] for parts in places]
        if all(len(parts) > 1 and _FLOOR.search(parts[0]) for parts in inner):
            break
        outer.append(places[0][0])
        places = inner
    return tuple(outer)


def room_folder(file: PurePath, holders: Collection[PurePath]) -> PurePath:
    """Return the folder of a picture's room: in its museum's, the outermost that holds a picture.

    ``holders`` are all folders that do. Folders in a room's belong to the room.
    """
    inside = (folder for folder in reversed(file.parents) if len(folder.parts) > 1)
    return next((folder for folder in inside if folder in holders), file.parent)


def room_name(folders: Iterable[str]) -> str:
    """Return the name of a room from those of the folders that lead to it, floors first."""
    return ", ".join(filter(None, map(as_title, folders)))


class _Finder:
    """Looks through a folder, and notes what is left out."""

    def __init__(self, folder: Path, left_out: dict[str, str]) -> None:
        self._named, self._left_out = folder, left_out
        self._root = folder

    def museums(self, name: str) -> list[FoundMuseum]:
        self._enter_wrapper()
        contents = self._list(self._root)
        museums: list[FoundMuseum] = []
        for path in contents.folders:
            self._add(museums, path, as_title(path.name), self._list(path))
        if contents.pictures:  # a museum of what lies beside the museums' folders
            loose = _Contents([], contents.pictures, contents.texts)
            self._add(museums, self._root, name or as_title(self._root.name), loose)
        else:
            self._leave_out(contents.texts, NO_HOME)
        if not museums:
            raise HicalmError(
                f"'{shown(self._named)}' holds no museum with pictures. Make a folder per museum "
                f"in it, in that a folder per room, and put pictures into those: {KINDS}."
            )
        return museums

    def _enter_wrapper(self) -> None:
        files = (path for path in _walk(self._named) if path.suffix.lower() in PICTURES)
        for part in wrapper([path.relative_to(self._named) for path in files]):
            beside = self._list(self._root)
            self._root = self._root / part
            self._leave_out(beside.texts, NO_HOME)
            self._leave_out([path for path in beside.folders if path != self._root], EMPTY)

    def _leave_out(self, paths: Iterable[Path], reason: str) -> None:
        for path in paths:
            self._left_out.setdefault(relative_name(path, self._named), reason)

    def _add(self, museums: list[FoundMuseum], path: Path, title: str, contents: _Contents) -> None:
        title = title or "A museum"
        text = self._text(contents.texts, "museum.txt", path)
        # With no other room, what describes the museum describes this one.
        rooms = _loose(title, () if contents.folders else text, contents.pictures)
        for folder in contents.folders:
            rooms += self._rooms(folder, (folder.name,), len(rooms) + 1)
        if rooms:
            introduction = text or (f"A museum called {title}.",)
            id = _id(title, [museum.id for museum in museums])
            museums.append(FoundMuseum(id, title, introduction, tuple(rooms)))
        elif not contents.folders:
            self._leave_out([path], EMPTY)

    def _rooms(self, folder: Path, names: tuple[str, ...], number: int) -> list[FoundRoom]:
        """Return the room of a folder, or the rooms of a floor."""
        inner = self._list(folder)
        if not inner.pictures and inner.folders:
            self._leave_out(inner.texts, NO_HOME)
            rooms: list[FoundRoom] = []
            for path in inner.folders:
                rooms += self._rooms(path, (*names, path.name), number + len(rooms))
            return rooms
        if not inner.pictures:
            self._leave_out([folder], EMPTY)
            return []
        pictures = inner.pictures + [one for path in inner.folders for one in self._deeper(path)]
        paragraph = self._text(inner.texts, "room.txt", folder)
        return [_room(room_name(names) or f"Room {number}", paragraph, pictures)]

    def _deeper(self, folder: Path) -> list[Path]:
        """Return the pictures of a folder in a room's folder."""
        inner = self._list(folder)
        self._leave_out(inner.texts, NO_HOME)
        return inner.pictures + [one for path in inner.folders for one in self._deeper(path)]

    def _list(self, folder: Path) -> _Contents:
        """Sort what lies in a folder by kind. One that cannot be read is empty, and left out."""
        found = _Contents([], [], [])
        if len(folder.relative_to(self._root).parts) > MAX_DEPTH:
            self._leave_out([folder], f"It lies more than {MAX_DEPTH} folders deep.")
            return found
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: natural(entry.name))
        except OSError as error:
            self._leave_out([folder], f"It cannot be read: {error.strerror}.")
            return found
        for entry in entries:
            path, kind = Path(entry.path), Path(entry.name).suffix.lower()
            if is_hidden(entry.name):
                continue
            if entry.is_symlink():
                self._leave_out([path], "It is a link, which is not followed.")
            elif entry.is_dir(follow_symlinks=False):
                found.folders.append(path)
            elif entry.is_file(follow_symlinks=False) and kind in PICTURES:
                found.pictures.append(path)
            elif entry.is_file(follow_symlinks=False) and kind in TEXTS:
                found.texts.append(path)
            else:
                self._leave_out([path], NOT_READ)
        return found

    def _text(self, texts: list[Path], usual: str, folder: Path) -> tuple[str, ...]:
        """Return the sentences of the text with the usual name, or of the only one."""
        chosen = [path for path in texts if path.name.lower() == usual] or texts
        if len(chosen) > 1:
            reason = f"There are {len(texts)} texts, and none is called {usual}."
            self._leave_out(texts, reason)
            return ()
        others = [text for text in texts if text not in chosen]
        self._leave_out(others, f"'{usual}' beside it was read.")
        return self._sentences(chosen[0]) if chosen else ()

    def _sentences(self, text: Path) -> tuple[str, ...]:
        try:
            with text.open("rb") as file:
                content = file.read(LARGEST_TEXT + 1)
        except OSError as error:
            self._leave_out([text], f"It cannot be read: {error.strerror}.")
            return ()
        if len(content) > LARGEST_TEXT:
            self._leave_out([text], f"It has more than {LARGEST_TEXT:,} bytes.")
            return ()
        return split_sentences(clean(_decode(content)))


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that people put there; links are not followed."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not is_hidden(name)]
        yield from (Path(parent, name) for name in files if not is_hidden(name))


def _loose(title: str, paragraph: tuple[str, ...], pictures: list[Path]) -> list[FoundRoom]:
    """Return the rooms of what lies beside the rooms' folders."""
    single, rooms = [], []
    for path in pictures:
        if views_in(path) == 1:
            single.append(path)
        else:
            rooms.append(_room(as_title(path.stem) or title, paragraph, [path]))
    return ([_room(title, paragraph, single)] if single else []) + rooms


def _room(name: str, paragraph: tuple[str, ...], pictures: list[Path]) -> FoundRoom:
    # Every room needs a sentence; its name is all that is known.
    return FoundRoom(name, paragraph or only_named(name), tuple(pictures))


def _decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, in UTF-16 that says so, or as Windows used to write."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def is_hidden(name: str) -> bool:
    """Tell whether a file's name says that systems put it there, not people."""
    return name.startswith(".") or name.lower() in _HIDDEN


def natural(name: str) -> list[object]:
    """Return a key that sorts "room 2" before "room 10"."""
    parts: list[str | int] = re.split(r"([0-9]+)", unicodedata.normalize("NFC", name).casefold())
    parts[1::2] = map(int, parts[1::2])  # numbers and what is between them take turns
    return [parts, name]


def shown(name: str | Path) -> str:
    """Return a file's name as one line that can be printed, whatever is in it."""
    return " ".join(clean(str(name)).split())[:500]


def as_title(name: str) -> str:
    """Return a folder's name as a title, empty where it has neither letters nor digits."""
    title = shown(unicodedata.normalize("NFC", name).replace("_", " "))[:LONGEST_NAME].strip()
    return title if any(character.isalnum() for character in title) else ""


def _id(title: str, taken: Iterable[str]) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_ID].strip("-") or "museum"
    number, result = 1, plain
    while result in taken:
        number += 1
        result = f"{plain}-{number}"
    return result


def relative_name(path: Path, root: Path) -> str:
    """Return where a file lies in a folder, as one line that can be printed."""
    return shown(path.relative_to(root)) if path != root else shown(root)
