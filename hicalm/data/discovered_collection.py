"""A collection in discovered rooms: museums whose views were all in one room have several.

A search, its explanations and the maps then use those as they use any rooms. Nobody wrote a text
about one of them, so what was said of the one room is said of the museum.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hicalm.data.collection import (
    VIEW_KINDS,
    Collection,
    Features,
    Museum,
    Room,
    load_collection,
    save_collection,
)
from hicalm.data.pictures import FilePictures, is_world
from hicalm.data.room_discovery import discovered_rooms
from hicalm.data.rows import select_rows
from hicalm.errors import HicalmError
from hicalm.files import check_new_folder, making

NAME = "Discovered room {}"  # of each, with its number
Found = tuple[tuple[int, ...], ...]  # the views, from 0, of each room that is found in a museum


def write_discovered_rooms(folder: Path, out: Path) -> tuple[int, int]:
    """Write the collection of ``folder`` in discovered rooms, with its pictures, to ``out``.

    Returns how many museums have such rooms, and how many those are. Nothing is left of a writing
    that fails. Raises HicalmError where no room is found, and for an ``out`` that is there.
    """
    check_new_folder(out)
    whole = load_collection(folder)
    if is_world(whole):
        raise HicalmError("The rooms of a built-in world are known: there are none to discover.")
    found = [discovered_rooms(whole, museum.id) for museum in whole.museums]
    if not any(found):
        raise HicalmError(
            f"No rooms are found in '{folder}': every museum has several rooms already, views "
            "that are all alike, or no features."
        )
    with making(out) as part:
        save_collection(in_rooms(whole, found), part)
        if whole.pictures.get("source") == "files":
            _copy_pictures(whole, found, part / whole.pictures["root"])
    rooms = [len(own) for own in found if own]
    return len(rooms), sum(rooms)


def in_rooms(collection: Collection, found: Sequence[Found]) -> Collection:
    """Return a collection with the rooms found in each of its museums (B); () keeps them."""
    museums = [_museum(*pair) for pair in zip(collection.museums, found, strict=True)]
    first = collection.view_offsets
    order = np.concatenate(
        [
            first[row] + np.concatenate(own) if own else np.arange(first[row], first[row + 1])
            for row, own in enumerate(found)
        ]
    )
    arrays = {
        kind: select_rows(rows, order) if kind in VIEW_KINDS else rows
        for kind, rows in collection.features.arrays.items()
    }
    features = Features(arrays, collection.features.fingerprints)
    return replace(collection, museums=tuple(museums), features=features, folder=None)


def _museum(museum: Museum, found: Found) -> Museum:
    if not found:
        return museum
    rooms = tuple(Room(NAME.format(n), (), len(own)) for n, own in enumerate(found, start=1))
    text = museum.introduction + museum.rooms[0].paragraph
    return replace(museum, introduction=text, rooms=rooms)


def _copy_pictures(whole: Collection, found: Sequence[Found], root: Path) -> None:
    source = FilePictures(whole)
    for museum, own in zip(whole.museums, found, strict=True):
        for number, files in enumerate(_files(source, museum, own), start=1):
            target = root / museum.id / str(number)
            target.mkdir(parents=True)
            for view, file in enumerate(files, start=1):
                shutil.copyfile(file, target / f"{view:05d}{file.suffix}")


def _files(source: FilePictures, museum: Museum, found: Found) -> Iterator[list[Path]]:
    """Yield the picture files of each new room of a museum."""
    if not found:
        yield from (source.files_of(museum.id, room) for room in range(len(museum.rooms)))
        return
    files = source.files_of(museum.id, 0)
    if len(files) < museum.rooms[0].views:
        raise HicalmError(f"Pictures of '{museum.id}' are missing: import the collection again.")
    yield from ([files[view] for view in own] for own in found)
