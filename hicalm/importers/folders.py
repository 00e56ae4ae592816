"""Folders of somebody's own pictures: which museums, rooms, views and texts are in them.

A folder per museum, in it a folder per room, in it the pictures; pictures beside the rooms'
folders are a room as well. A text file describes the museum or the room in whose folder it lies.
Links are not followed and hidden files are not seen.
"""

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hicalm.data.sentences import clean, split_sentences
from hicalm.errors import HicalmError

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
TEXTS = frozenset({".txt"})
LARGEST_TEXT = 200_000  # bytes; longer ones are no description of a room
LONGEST_NAME = 120  # characters of a title that are kept
LONGEST_ID = 60  # characters
_HIDDEN = frozenset({"__macosx", "thumbs.db", "desktop.ini", "@eadir"})


@dataclass(frozen=True)
class FoundRoom:
    """A room's folder: its name, its paragraph (sentences) and its picture files in order."""

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


@dataclass(frozen=True)
class _Contents:
    """What lies in one folder, in natural order."""

    folders: list[Path]
    pictures: list[Path]
    texts: list[Path]


def find_museums(folder: Path, warnings: list[str]) -> list[FoundMuseum]:
    """Return the museums of a folder in natural order; what is left out is added to ``warnings``.

    Raises HicalmError for a folder that is not there or holds no museum with pictures.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise HicalmError(f"'{shown(folder)}' is not a folder. Name the one with the museums.")
    contents = _list(folder, folder, warnings)
    if contents.pictures:
        warnings.append(
            f"{_pictures(len(contents.pictures))} beside the museums' folders left out: every "
            "museum needs a folder of its own."
        )
    museums: list[FoundMuseum] = []
    taken: set[str] = set()
    for path in contents.folders:
        found = _museum(path, folder, taken, warnings)
        if found.rooms:
            museums.append(found)
            taken.add(found.id)
        else:
            warnings.append(f"'{shown(path.name)}' holds no pictures and was left out.")
    if not museums:
        raise HicalmError(
            f"'{shown(folder)}' holds no museum with pictures. Make a folder per museum in it, in "
            "that a folder per room, and put pictures (jpg, png or webp) into those."
        )
    return museums


def _museum(path: Path, root: Path, taken: Iterable[str], warnings: list[str]) -> FoundMuseum:
    contents = _list(path, root, warnings)
    title = as_title(path.name) or "A museum"
    text = _text(contents.texts, "museum.txt", path, root, warnings)
    rooms = []
    if contents.pictures:
        # With no other room, what describes the museum describes this one.
        paragraph = () if contents.folders else text
        rooms.append(_room(title, paragraph, contents.pictures))
    for folder in contents.folders:
        inner = _list(folder, root, warnings)
        for deeper in inner.folders:
            warnings.append(f"'{relative_name(deeper, root)}' lies inside a room and was left out.")
        if not inner.pictures:
            warnings.append(f"'{relative_name(folder, root)}' holds no pictures and was left out.")
            continue
        name = as_title(folder.name) or f"Room {len(rooms) + 1}"
        paragraph = _text(inner.texts, "room.txt", folder, root, warnings)
        rooms.append(_room(name, paragraph, inner.pictures))
    introduction = text or (f"A museum called {title}.",)
    return FoundMuseum(_id(title, taken), title, introduction, tuple(rooms))


def _room(name: str, paragraph: tuple[str, ...], pictures: list[Path]) -> FoundRoom:
    # Every room needs a sentence; its name is all that is known.
    return FoundRoom(name, paragraph or (f"A room called {name}.",), tuple(pictures))


def _list(folder: Path, root: Path, warnings: list[str]) -> _Contents:
    """Sort what lies in a folder by kind. One that cannot be read is empty, and a warning."""
    found, others = _Contents([], [], []), []
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: natural(entry.name))
    except OSError as error:
        warnings.append(f"'{relative_name(folder, root)}' cannot be read: {error.strerror}.")
        return found
    for entry in entries:
        path, kind = Path(entry.path), Path(entry.name).suffix.lower()
        if is_hidden(entry.name):
            continue
        if entry.is_symlink():
            warnings.append(f"'{relative_name(path, root)}' is a link, which is not followed.")
        elif entry.is_dir(follow_symlinks=False):
            found.folders.append(path)
        elif entry.is_file(follow_symlinks=False) and kind in PICTURES:
            found.pictures.append(path)
        elif entry.is_file(follow_symlinks=False) and kind in TEXTS:
            found.texts.append(path)
        else:
            others.append(entry.name)
    if others:
        more = f" and {len(others) - 1:,} other files beside it were" if others[1:] else " was"
        warnings.append(
            f"'{relative_name(folder / others[0], root)}'{more} left out: pictures are jpg, png "
            "or webp, descriptions txt."
        )
    return found


def _text(
    texts: list[Path], usual: str, folder: Path, root: Path, warnings: list[str]
) -> tuple[str, ...]:
    """Return the sentences of the text with the usual name, or of the only one."""
    named = [path for path in texts if path.name.lower() == usual]
    if not named and len(texts) > 1:
        warnings.append(
            f"'{relative_name(folder, root)}' has {len(texts)} texts and none is called "
            f"{usual}: none was read."
        )
    chosen = named or texts
    if len(chosen) != 1:
        return ()
    try:
        with chosen[0].open("rb") as file:
            content = file.read(LARGEST_TEXT + 1)
    except OSError as error:
        warnings.append(f"'{relative_name(chosen[0], root)}' cannot be read: {error.strerror}.")
        return ()
    if len(content) > LARGEST_TEXT:
        warnings.append(
            f"'{relative_name(chosen[0], root)}' has more than {LARGEST_TEXT:,} bytes and was not "
            "read."
        )
        return ()
    return split_sentences(clean(_decode(content)))


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
    title = shown(name.replace("_", " "))[:LONGEST_NAME].strip()
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


def _pictures(count: int) -> str:
    return "1 picture was" if count == 1 else f"{count:,} pictures were"
