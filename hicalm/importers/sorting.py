"""Which museum and room each picture that somebody brings belongs to, proposed by names.

Folders are museums, and folders in them rooms, or floors of rooms. Loose pictures are rooms by the
beginning of their names: ``kitchen-1.jpg`` and ``kitchen-2.jpg`` are the room "kitchen". A loose
panorama or video is a room. People may change all of it
before the files are put into the folders that ``find_museums`` reads.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from hicalm.errors import HicalmError
from hicalm.importers.archive import (
    MAX_FILES,
    MAX_UNPACKED_BYTES,
    check_name,
    unpack,
    without_wrapper,
)
from hicalm.importers.folders import (
    KINDS,
    NOT_READ,
    PICTURES,
    TEXTS,
    as_title,
    is_hidden,
    natural,
    room_folder,
    room_name,
    shown,
)
from hicalm.importers.view_files import views_in

LONGEST_FOLDER = 240  # bytes of a name; file systems take 255
_NUMBERED = re.compile(r"[\s._()-]*\d+[\s._()-]*$")
_CAMERA = frozenset({"img", "image", "dsc", "dscn", "dscf", "pxl", "photo", "picture", "p"})


class Placed(NamedTuple):
    """A picture file by its name below the folder, and the titles of its museum and room."""

    file: str
    museum: str
    room: str


def take_in(files: Mapping[str, Path], folder: Path) -> dict[str, str]:
    """Copy files, by the names that they came with, into a folder that does not exist yet.

    One zip file alone is unpacked. Returns what was left out, each with the reason.
    Raises HicalmError for names that lead elsewhere, too much, and where there is no picture.
    """
    names = [PurePosixPath(name) for name in files]
    if len(files) == 1 and names[0].suffix.lower() == ".zip":
        return unpack(next(iter(files.values())), folder)
    if len(files) > MAX_FILES:
        raise HicalmError(f"These are {len(files):,} files, and the limit is {MAX_FILES:,}.")
    if sum(path.stat().st_size for path in files.values()) > MAX_UNPACKED_BYTES:
        raise HicalmError(
            f"These files have more than {MAX_UNPACKED_BYTES / 1e6:,.0f} MB. Make the pictures "
            "smaller, or bring fewer."
        )
    wanted: dict[PurePosixPath, Path] = {}
    left_out: dict[str, str] = {}
    for name, path in files.items():
        place = PurePosixPath(check_name(name))
        if place.suffix.lower() in PICTURES | TEXTS and not any(map(is_hidden, place.parts)):
            wanted[place] = path
        else:
            alone = place.suffix.lower() == ".zip"
            left_out[shown(name)] = "A zip file: bring it alone." if alone else NOT_READ
    if not any(place.suffix.lower() in PICTURES for place in wanted):
        raise HicalmError(f"There is no picture among these files: {KINDS}.")
    for place, path in without_wrapper(wanted, left_out).items():
        try:
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            if (folder / place).exists():
                raise FileExistsError
            shutil.copyfile(path, folder / place)
        except (FileExistsError, NotADirectoryError):
            left_out[shown(str(place))] = "Another file has the same name."
    return left_out


def propose(folder: Path, name: str) -> list[Placed]:
    """Return a place for every picture in a folder; ``name`` is the museum of loose ones."""
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    pictures = sorted(
        (path for path in paths if path.suffix.lower() in PICTURES),
        key=lambda path: [natural(part) for part in path.parts],
    )
    beginnings = Counter((path.parent, _beginning(path.stem)) for path in pictures)
    holders = {path.parent for path in pictures}
    placed = []
    for path in pictures:
        museum = (as_title(path.parts[0]) if path.parts[1:] else "") or name
        beginning = _beginning(path.stem)
        numbered = beginning != as_title(path.stem) or beginnings[path.parent, beginning] > 1
        room = room_name(room_folder(path, holders).parts[1:])
        if not room and views_in(folder / path) > 1:
            room = as_title(path.stem)
        elif not room and numbered:
            room = beginning
        placed.append(Placed(path.as_posix(), museum, room or museum))
    return placed


def _beginning(stem: str) -> str:
    """Return a file's name without its number; empty for names that cameras give."""
    title = as_title(_NUMBERED.sub("", stem))
    return "" if title.casefold() in _CAMERA else title


def arrange(folder: Path, placed: Sequence[Placed], out: Path) -> dict[str, str]:
    """Move pictures, with the texts of their folders, into ``out``: museums, and rooms in them.

    Returns the name that each picture had, by its name in ``out``.
    """
    names: dict[str, str] = {}
    homes: dict[PurePosixPath, Path] = {}  # of the texts of a folder: that of its first picture
    holders = {PurePosixPath(one.file).parent for one in placed}
    for file, museum, room in placed:
        source, target = folder / file, out / _folder(museum)
        path = PurePosixPath(file)
        homes.setdefault(PurePosixPath(*path.parts[:-1][:1]), target)
        target = target if room == museum else target / _folder(room)
        homes.setdefault(PurePosixPath(room_folder(path, holders)), target)
        target.mkdir(parents=True, exist_ok=True)
        place = target / source.name
        number = 1
        while place.exists():
            number += 1
            place = target / f"{source.stem}-{number}{source.suffix}"
        source.rename(place)
        names[place.relative_to(out).as_posix()] = file
    for parent, target in homes.items():
        for text in (folder / parent).iterdir():
            there = text.is_file() and text.suffix.lower() in TEXTS
            if there and not (target / text.name).exists():
                text.rename(target / text.name)
    return names


def titles(values: Iterable[tuple[str, str, str]]) -> list[Placed]:
    """Return places as people wrote them, tidied; those without a museum or room are left out."""
    found = [Placed(file, as_title(museum), as_title(room)) for file, museum, room in values]
    return [one for one in found if one.museum and one.room]


def _folder(title: str) -> str:
    """Return a title as a folder's name that stays where it is and is no hidden one."""
    short = re.sub(r"[/\\\0]", " ", title).encode(errors="ignore")[:LONGEST_FOLDER]
    name = short.decode(errors="ignore").strip(" .")
    return name if name and not is_hidden(name) else "Museum"
