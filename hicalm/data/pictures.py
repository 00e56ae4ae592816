"""The pictures of a collection's views: what a source of them gives; files, and no pictures."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hicalm.data.collection import Collection
from hicalm.data.picture_files import fit, read_picture
from hicalm.errors import HicalmError
from hicalm.files import encode_jpeg

WORLD = "world"  # the source of pictures that show the built-in world
NO_PICTURES = "none"  # the source of a collection of features alone
COVER_WIDTH = 320  # pixels
CARD, CARD_INK = (214, 206, 192), (74, 66, 54)  # colours of a view without a picture
ENCODED_WIDTH = 320  # pixels of a view that an encoder reads, before its own resizing


@dataclass(frozen=True)
class Rectangle:
    """A room on the floor plan; (x, y) is its upper left corner, metres."""

    x: float
    y: float
    width: float
    depth: float


@dataclass(frozen=True)
class FloorPlan:
    """Rooms in visiting order and the door between each and the next, as a line; metres."""

    rooms: tuple[Rectangle, ...]
    doors: tuple[tuple[tuple[float, float], tuple[float, float]], ...]


class PictureSource(Protocol):
    """Pictures of a collection's views."""

    def picture(self, museum_id: str, room: int, view: int, width: int = 480) -> np.ndarray:
        """Return a view, uint8 RGB (3 width / 4, width, 3). Raises HicalmError if unknown."""

    def cover(self, museum_id: str) -> bytes:
        """Return a small JPEG picture of a museum."""

    def floor_plan(self, museum_id: str) -> FloorPlan | None:
        """Return the museum's floor plan in metres, or None where it is not known."""


class FilePictures:
    """Picture files: ``<museum id>/<room, 1 to R>/<any name>``, views in the order of the names."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        if collection.folder is None:
            raise HicalmError("A collection with picture files must be loaded from its folder.")
        if "root" not in collection.pictures:
            raise HicalmError("The collection does not name the folder of its pictures ('root').")
        self._root = (collection.folder / collection.pictures["root"]).resolve()
        if not self._root.is_relative_to(collection.folder.resolve()):
            raise HicalmError(
                f"The collection's pictures lie outside its folder ({collection.pictures['root']})."
            )

    def picture(self, museum_id: str, room: int, view: int, width: int = 480) -> np.ndarray:
        """Read a view and fit it into 4:3, uint8 RGB (3 width / 4, width, 3)."""
        _check_view(self._collection, museum_id, room, view)
        files = self.files_of(museum_id, room)
        if view >= len(files):
            raise HicalmError(f"The picture of view {view + 1} in '{room + 1}' is missing.")
        try:
            return fit(read_picture(files[view], width), width)
        except HicalmError as error:
            raise HicalmError(f"'{files[view]}': {error}") from error

    def files_of(self, museum_id: str, room: int) -> list[Path]:
        """Return the picture files of a room, from 0, view after view."""
        folder = self.folder_of(museum_id) / str(room + 1)
        return sorted(path for path in folder.glob("*") if path.is_file())

    def folder_of(self, museum_id: str) -> Path:
        """Return the folder of a museum's pictures. Raises HicalmError if it is not inside."""
        return museum_folder(self._root, museum_id)

    def cover(self, museum_id: str) -> bytes:
        """Return the first view, small."""
        return encode_jpeg(self.picture(museum_id, 0, 0, COVER_WIDTH))

    def floor_plan(self, museum_id: str) -> None:
        """Picture files say nothing about the plan."""
        self._collection.museum(museum_id)


class NoPictures:
    """Features only: every view is a card that says which view it is."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def picture(self, museum_id: str, room: int, view: int, width: int = 480) -> np.ndarray:
        """Draw a card with the numbers of room and view, uint8 RGB (3 width / 4, width, 3)."""
        _check_view(self._collection, museum_id, room, view)
        image = Image.new("RGB", (width, 3 * width // 4), CARD)
        middle, size = (width / 2, 3 * width / 8), width / 8
        said = f"Room {room + 1}\nview {view + 1}"
        ImageDraw.Draw(image).text(
            middle, said, CARD_INK, ImageFont.load_default(size), "mm", align="center"
        )
        return np.asarray(image)

    def cover(self, museum_id: str) -> bytes:
        """Return the card of the first view, small."""
        return encode_jpeg(self.picture(museum_id, 0, 0, COVER_WIDTH))

    def floor_plan(self, museum_id: str) -> None:
        """Features say nothing about the plan."""
        self._collection.museum(museum_id)


def museum_folder(root: Path, museum_id: str) -> Path:
    """Return the folder of a museum's pictures below ``root``; HicalmError if it is not inside."""
    folder = (root / museum_id).resolve()
    if not folder.is_relative_to(root.resolve()):
        raise HicalmError(f"The museum id '{museum_id}' leads outside the pictures' folder.")
    return folder


def is_world(collection: Collection) -> bool:
    """Tell whether a collection's pictures show the built-in world, which a program has drawn."""
    return collection.pictures.get("source") == WORLD


def copy_pictures(whole: Collection, part: Collection, folder: Path) -> None:
    """Copy the picture files of some museums of a loaded collection; a world needs none."""
    if whole.pictures.get("source") != "files":
        return
    source = FilePictures(whole)
    for museum in part.museums:
        target = Path(folder) / whole.pictures["root"] / museum.id
        shutil.copytree(source.folder_of(museum.id), target, dirs_exist_ok=True)


def _check_view(collection: Collection, museum_id: str, room: int, view: int) -> None:
    rooms = collection.museum(museum_id).rooms
    if not 0 <= room < len(rooms):
        raise HicalmError(f"{museum_id} has {len(rooms)} rooms; there is no room {room + 1}.")
    if not 0 <= view < rooms[room].views:
        raise HicalmError(
            f"Room {room + 1} of {museum_id} has {rooms[room].views} views; "
            f"there is no view {view + 1}."
        )
