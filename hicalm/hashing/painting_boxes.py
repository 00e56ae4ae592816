"""The paintings in views of the built-in world as given boxes: the world knows where they are."""

from collections.abc import Iterator, Sequence

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.pictures import ENCODED_WIDTH, is_world
from hicalm.errors import HicalmError
from hicalm.hashing.view_pairs import room_of
from hicalm.world.render import RoomScene, build_room

PIXELS_PER_METRE = 72  # of the walls, as the built-in encoder was trained


class PaintingBoxes:
    """The pictures of some views, and the rectangles around the paintings in them.

    Views of one room should follow each other: only the last room is kept.
    """

    def __init__(self, collection: Collection, names: Sequence[str]) -> None:
        """Raise HicalmError for a collection that is not of the built-in world."""
        if not is_world(collection) or not collection.specifications:
            raise HicalmError(
                f"Only in the built-in world it is known where paintings hang; '{collection.name}' "
                "needs other objects."
            )
        self._collection, self._names = collection, names
        self._last: tuple[tuple[str, int], RoomScene] | None = None

    def pictures(self) -> Iterator[np.ndarray]:
        """Render the views one after the other, uint8 RGB (240, 320, 3)."""
        for name in self._names:
            museum, room, view = room_of(name)
            yield self._scene(museum, room).render(view, ENCODED_WIDTH)

    def boxes(self, item: int, picture: np.ndarray) -> np.ndarray:
        """Return the rectangles (K, 4) around the paintings in a view, the largest first."""
        museum, room, view = room_of(self._names[item])
        seen = self._scene(museum, room).visible_paintings(view, picture.shape[1])
        corners = [np.concatenate([quad.min(axis=0), quad.max(axis=0)]) for _, quad, _, _ in seen]
        return np.array(corners).reshape(-1, 4)

    def _scene(self, museum: str, room: int) -> RoomScene:
        if self._last is None or self._last[0] != (museum, room):
            specification = self._collection.specifications[self._collection.row(museum)]
            seed = int(self._collection.pictures["seed"])
            self._last = (museum, room), build_room(seed, specification, room, PIXELS_PER_METRE)
        return self._last[1]
