"""Pictures for a collection that came as features alone: a folder of them, museum by museum."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from hicalm.data.collection import Museum, load_collection, save_texts
from hicalm.data.picture_files import read_picture
from hicalm.data.pictures import COVER_WIDTH, NO_PICTURES, museum_folder
from hicalm.errors import HicalmError
from hicalm.files import making
from hicalm.importers.features import MAX_NAMED
from hicalm.importers.folders import FoundMuseum, as_title, find_museums
from hicalm.importers.images import PICTURES


def attach_pictures(collection: Path, folder: Path, progress: bool = True) -> int:
    """Copy the pictures of all views of a collection into its folder, and return their number.

    ``folder`` has a folder a museum, of its id or title; in it a folder a room, or all of a
    museum's pictures. Rooms and pictures come in the natural order of their names, and there is one
    a view. Raises HicalmError for a collection that has pictures, and where some are missing, too
    many or unreadable; then nothing has changed.
    """
    collection = Path(collection)
    loaded = load_collection(collection)
    if loaded.pictures.get("source") != NO_PICTURES:
        raise HicalmError(f"The collection '{collection}' has pictures already.")
    found = {museum.title: museum for museum in find_museums(folder, {})}
    rooms, problems = [], []
    for museum in loaded.museums:
        own = _rooms(museum, _found(museum, found))
        if isinstance(own, str):
            problems.append(own)
        else:
            rooms.append(own)
    if problems:
        rest = len(problems) - MAX_NAMED
        more = f" And {rest:,} more." if rest > 0 else ""
        raise HicalmError(f"'{folder}' does not fit: {' '.join(problems[:MAX_NAMED])}{more}")
    count = 0
    with making(collection / PICTURES) as made:
        pairs = list(zip(loaded.museums, rooms, strict=True))
        for museum, folders in tqdm(pairs, desc="museums", disable=not progress):
            for number, pictures in enumerate(folders, start=1):
                count += len(pictures)
                _copy(pictures, museum_folder(made, museum.id) / str(number))
    save_texts(replace(loaded, pictures={"source": "files", "root": PICTURES}), collection)
    return count


def _found(museum: Museum, found: dict[str, FoundMuseum]) -> FoundMuseum | None:
    return found.get(as_title(museum.id)) or found.get(as_title(museum.title))


def _rooms(museum: Museum, found: FoundMuseum | None) -> list[tuple[Path, ...]] | str:
    """Return the pictures of each room, or in a sentence why there are others."""
    if found is None:
        return f"There is no folder of {museum.id}."
    wanted = [room.views for room in museum.rooms]
    there = [room.pictures for room in found.rooms]
    if len(there) == 1 and len(there[0]) == sum(wanted):
        pictures = iter(there[0])
        return [tuple(next(pictures) for _ in range(count)) for count in wanted]
    if [len(one) for one in there] != wanted:
        counts = ", ".join(str(len(one)) for one in there)
        return f"{museum.id} has {counts} pictures a room, but {', '.join(map(str, wanted))} views."
    return there


def _copy(pictures: Sequence[Path], target: Path) -> None:
    """Copy the pictures of a room, as far as they can be read. Raises HicalmError for another."""
    target.mkdir(parents=True)
    for number, path in enumerate(pictures, start=1):
        try:
            read_picture(path, COVER_WIDTH)
        except HicalmError as error:
            raise HicalmError(f"'{path}': {error}") from error
        shutil.copyfile(path, target / f"{number:05d}{path.suffix.lower()}")
