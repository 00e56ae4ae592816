"""A collection in discovered rooms: museums whose views were all in one room have several.

A search, its explanations and the maps then use those as they use any rooms. Nobody wrote a text
about one of them, so what was said of the one room is said of the museum.
"""

import shutil
from collections.abc import Collection as Ids
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
from hicalm.data.room_discovery import LEAST_VIEWS, discovered_rooms, sort_views
from hicalm.data.rows import select_rows
from hicalm.data.sentences import only_named
from hicalm.errors import HicalmError
from hicalm.files import check_new_folder, making
from hicalm.ragged import offsets

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
    _write(whole, found, out)
    rooms = [len(own) for own in found if own]
    return len(rooms), sum(rooms)


def sort_museums(whole: Collection, unsorted: Ids[str], out: Path) -> Collection:
    """Write a loaded collection with the ``unsorted`` museums, by their ids, in discovered rooms.

    Their assorted pictures lie in them by what they have in common (``sort_views``). Returns the
    collection of ``out``, or ``whole`` where none of these museums has enough views to be sorted.
    Raises HicalmError for an ``out`` that is there.
    """
    found = [
        discovered_rooms(whole, museum.id, sort_views)
        if museum.id in unsorted and museum.rooms[0].views >= LEAST_VIEWS
        else ()
        for museum in whole.museums
    ]
    if not any(found):
        return whole
    check_new_folder(out)
    _write(whole, found, out)
    return load_collection(out)


def _write(whole: Collection, found: Sequence[Found], out: Path) -> None:
    with making(out) as part:
        save_collection(in_rooms(whole, found), part)
        if whole.pictures.get("source") == "files":
            _copy_pictures(whole, found, part / whole.pictures["root"])


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
    kept = [np.arange(_sentences(museum)) for museum in museums]
    begins = offsets(np.array([_sentences(museum) for museum in collection.museums]))
    said = np.concatenate([begin + rows for begin, rows in zip(begins[:-1], kept, strict=True)])
    rows = dict.fromkeys(VIEW_KINDS, order) | {"sentence": said}
    features = collection.features
    arrays = {kind: select_rows(own, rows[kind]) for kind, own in features.arrays.items()}
    features = Features(arrays, features.fingerprints)
    return replace(collection, museums=tuple(museums), features=features, folder=None)


def _museum(museum: Museum, found: Found) -> Museum:
    """Return a museum in the rooms found; its first sentences are those it had, or all of them."""
    if not found:
        return museum
    (whole,) = museum.rooms
    # what only names the room is no longer so, and some imports say all of the museum again of it
    said = whole.paragraph not in (museum.introduction, only_named(whole.name))
    text = museum.introduction + (whole.paragraph if said else ())
    rooms = tuple(Room(NAME.format(n), (), len(own)) for n, own in enumerate(found, start=1))
    return replace(museum, introduction=text, rooms=rooms)


def _sentences(museum: Museum) -> int:
    return sum(map(len, museum.paragraphs))


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
