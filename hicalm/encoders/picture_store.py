"""Encoder-sized pictures of the built-in world with their labels: what the encoder learns from.

The pictures are written as plain ``.npy`` arrays that can be mapped into memory, and marked as
done museum by museum, so that rendering can be split over processes, stopped and taken up again.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from hicalm.errors import HicalmError
from hicalm.files import lay_down, replacing
from hicalm.ragged import offsets
from hicalm.world.paintings import paint
from hicalm.world.render import VIEWS_PER_ROOM, build_room
from hicalm.world.vocabulary import FLOORS, LIGHTINGS, OBJECTS, PALETTES, STYLES, SUBJECTS
from hicalm.world.vocabulary import WALL_COLORS as WALLS

VIEW_WIDTH, VIEW_HEIGHT = 160, 120  # pixels of a view as the encoder sees it
PAINTING_SIZE = 112  # pixels of a painting's sides; its aspect is squashed to a square
ENCODER_PIXELS_PER_METRE = 72
SEEN_PAINTINGS = 3  # a view's label names this many of its largest paintings
NONE = -1  # label of a subject that a non-figurative painting does not have

PAINTING_VOCABULARY = {"subject": SUBJECTS, "style": STYLES, "palette": PALETTES}
ROOM_VOCABULARY = {"wall_color": WALLS, "floor": FLOORS, "lighting": LIGHTINGS}


@dataclass(frozen=True)
class WorldIndex:
    """Where each museum's rows lie, by the specifications alone.

    room_offsets (B+1,), painting_offsets (ΣR+1,): first room of each museum and first painting of
    each room; a room's views are rows 12 r to 12 r + 11.
    """

    specifications: list[dict]
    room_offsets: np.ndarray
    painting_offsets: np.ndarray

    @classmethod
    def of(cls, specifications: list[dict]) -> "WorldIndex":
        """Count the rooms and paintings of every museum."""
        rooms = [len(museum["rooms"]) for museum in specifications]
        paintings = [
            len(room["paintings"]) for museum in specifications for room in museum["rooms"]
        ]
        room_counts, painting_counts = (np.array(own, np.int64) for own in (rooms, paintings))
        return cls(specifications, offsets(room_counts), offsets(painting_counts))

    @property
    def rooms(self) -> list[dict]:
        """All rooms in order (ΣR)."""
        return [room for museum in self.specifications for room in museum["rooms"]]

    def painting_labels(self) -> np.ndarray:
        """Return subject (or NONE), style and palette of every painting, int64 (ΣP, 3)."""
        return np.array(
            [
                [
                    values.index(painting[kind]) if painting[kind] is not None else NONE
                    for kind, values in PAINTING_VOCABULARY.items()
                ]
                for room in self.rooms
                for painting in room["paintings"]
            ],
            np.int64,
        ).reshape(-1, 3)

    def room_labels(self) -> np.ndarray:
        """Return wall, floor and light of every room and a 0/1 column per object, int64 (ΣR, 8)."""
        return np.array(
            [
                [values.index(room[kind]) for kind, values in ROOM_VOCABULARY.items()]
                + [int(name in room["objects"]) for name in OBJECTS]
                for room in self.rooms
            ],
            np.int64,
        )


class PictureStore:
    """A folder of pictures of a world: ``views.npy``, ``paintings.npy`` and what each view shows.

    views uint8 (ΣV, 120, 160, 3); paintings uint8 (ΣP, 112, 112, 3); seen int64 (ΣV, 3): the
    index (in its room) of the largest paintings in a view, NONE where there are fewer; shares
    float32 (ΣV, 3): the share of the frame each covers; angles float32 (ΣV, 3): degrees between
    the view's axis and the painting's centre.

    Raises HicalmError for the pictures of another world, and FullDiskError.
    """

    def __init__(self, folder: Path, index: WorldIndex) -> None:
        self.folder, self.index = Path(folder), index
        self.folder.mkdir(parents=True, exist_ok=True)
        views, paintings = VIEWS_PER_ROOM * len(index.rooms), int(index.painting_offsets[-1])
        painting_shape = (paintings, PAINTING_SIZE, PAINTING_SIZE, 3)
        self.views = self._open("views", (views, VIEW_HEIGHT, VIEW_WIDTH, 3), np.uint8)
        self.paintings = self._open("paintings", painting_shape, np.uint8)
        self.seen = self._open("seen", (views, SEEN_PAINTINGS), np.int64)
        self.shares = self._open("shares", (views, SEEN_PAINTINGS), np.float32)
        self.angles = self._open("angles", (views, SEEN_PAINTINGS), np.float32)
        self.done = self._open("done", (len(index.specifications),), np.uint8)

    def _open(self, name: str, shape: tuple[int, ...], dtype: type) -> np.memmap:
        path = self.folder / f"{name}.npy"
        if not path.exists():
            with replacing(path) as temporary:
                np.lib.format.open_memmap(temporary, "w+", dtype, shape)
                with temporary.open("r+b") as file:
                    lay_down(file, temporary.stat().st_size)
        array = np.load(path, mmap_mode="r+")
        if array.shape != shape:
            raise HicalmError(
                f"{path} holds pictures of another world: its shape is {array.shape}, "
                f"expected {shape}. Choose another folder or delete this one."
            )
        return array

    def render(self, seed: int, part: int = 0, parts: int = 1) -> None:
        """Render every museum of one part that is not there yet (about 0.7 s a museum a core)."""
        todo = [b for b in range(part, len(self.done), parts) if not self.done[b]]
        for museum in tqdm(todo, desc=f"pictures {part + 1}/{parts}", unit="museum", mininterval=5):
            self._render_museum(seed, museum)
            self.done[museum] = 1

    def _render_museum(self, seed: int, museum: int) -> None:
        specification = self.index.specifications[museum]
        first_room = int(self.index.room_offsets[museum])
        for number in range(len(specification["rooms"])):
            drawn: list[np.ndarray] = []

            def painter(
                painting: dict, own_seed: int, size: int, kept: list[np.ndarray] = drawn
            ) -> np.ndarray:
                kept.append(paint(painting, own_seed, size))
                return kept[-1]

            scene = build_room(seed, specification, number, ENCODER_PIXELS_PER_METRE, painter)
            room = first_room + number
            start = int(self.index.painting_offsets[room])
            for offset, picture in enumerate(drawn):
                self.paintings[start + offset] = _fit(picture, PAINTING_SIZE, PAINTING_SIZE)
            for view in range(VIEWS_PER_ROOM):
                row = room * VIEWS_PER_ROOM + view
                self.views[row] = _fit(scene.render(view, 2 * VIEW_WIDTH), VIEW_WIDTH, VIEW_HEIGHT)
                self._note_paintings(row, scene.visible_paintings(view)[:SEEN_PAINTINGS])

    def _note_paintings(self, row: int, visible: list[tuple]) -> None:
        self.seen[row], self.shares[row], self.angles[row] = NONE, 0, 180
        for slot, (painting, _, share, angle) in enumerate(visible):
            self.seen[row, slot], self.shares[row, slot] = painting, share
            self.angles[row, slot] = angle


def _fit(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


__all__ = ["NONE", "PAINTING_VOCABULARY", "ROOM_VOCABULARY", "PictureStore", "WorldIndex"]
