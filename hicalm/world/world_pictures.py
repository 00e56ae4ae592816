"""Pictures of the built-in world, rendered on demand; and of any collection, by its source."""

import threading
from collections import OrderedDict

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.pictures import (
    COVER_WIDTH,
    NO_PICTURES,
    WORLD,
    FilePictures,
    NoPictures,
    PictureSource,
    _check_view,
)
from hicalm.errors import HicalmError
from hicalm.files import encode_jpeg
from hicalm.world.plan import FloorPlan, floor_plan
from hicalm.world.render import RoomScene, build_room

KEPT_ROOMS = 12  # built rooms kept in memory, about 9 MB each


class WorldPictures:
    """The built-in world: rooms are built on demand and the last few are kept."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        if "seed" not in collection.pictures or not collection.specifications:
            raise HicalmError(
                f"The collection '{collection.name}' names the built-in world as its pictures, but "
                "has not the seed and the specifications that they are drawn from."
            )
        self._seed = int(collection.pictures["seed"])
        self._scenes: OrderedDict[tuple[str, int], RoomScene] = OrderedDict()
        # The least recently used room is dropped; two threads must not do that at once.
        self._lock = threading.Lock()

    def picture(self, museum_id: str, room: int, view: int, width: int = 480) -> np.ndarray:
        """Render a view, uint8 RGB (3 width / 4, width, 3)."""
        _check_view(self._collection, museum_id, room, view)
        return self.scene(museum_id, room).render(view, width)

    def cover(self, museum_id: str) -> bytes:
        """Return the shipped thumbnail, or render the first view where there is none."""
        folder = self._collection.folder
        path = (
            folder / "covers" / f"{self._collection.museum(museum_id).id}.jpg" if folder else None
        )
        if path is not None and path.is_file():
            return path.read_bytes()
        return encode_jpeg(self.picture(museum_id, 0, 0, COVER_WIDTH))

    def floor_plan(self, museum_id: str) -> FloorPlan:
        """Return the floor plan of a museum, in metres."""
        return floor_plan(self._seed, self._specification(museum_id))

    def _specification(self, museum_id: str) -> dict:
        return self._collection.specifications[self._collection.row(museum_id)]

    def scene(self, museum_id: str, room: int) -> RoomScene:
        """Return a room ready to be rendered; building it takes about 0.15 s."""
        key = (museum_id, room)
        with self._lock:
            if key in self._scenes:
                self._scenes.move_to_end(key)
                return self._scenes[key]
        scene = build_room(self._seed, self._specification(museum_id), room)
        with self._lock:
            self._scenes[key] = scene
            while len(self._scenes) > KEPT_ROOMS:
                self._scenes.popitem(last=False)
        return scene


def open_pictures(collection: Collection) -> PictureSource:
    """Return the picture source that the collection names. Raises HicalmError if unknown."""
    source = collection.pictures.get("source")
    if source == WORLD:
        return WorldPictures(collection)
    if source == "files":
        return FilePictures(collection)
    if source == NO_PICTURES:
        return NoPictures(collection)
    raise HicalmError(f"Unknown picture source '{source}': expected 'world', 'files' or 'none'.")
