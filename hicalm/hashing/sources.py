"""Data to learn codes from and to search: a collection's folder, or a folder of .mat files."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from tqdm import tqdm

from hicalm.data.collection import COLLECTION_FILE, Collection, Fingerprint, load_collection
from hicalm.data.picture_files import read_picture
from hicalm.data.pictures import ENCODED_WIDTH
from hicalm.errors import HicalmError
from hicalm.geometry import unit
from hicalm.hashing.matfiles import TaggedPictures, load_matfiles
from hicalm.hashing.painting_boxes import PaintingBoxes
from hicalm.hashing.pairs import Pairs, draw_split
from hicalm.hashing.picture_objects import (
    BoxSource,
    Detector,
    GivenBoxes,
    Grid,
    Objects,
    find_objects,
    whole_pictures,
)
from hicalm.hashing.view_pairs import draw_rooms, room_of, view_pairs
from hicalm.world.world_pictures import open_pictures

if TYPE_CHECKING:  # they take torch along
    from hicalm.encoders.encoder import Encoder

PICTURES_AT_ONCE = 64
OBJECTS = ("whole", "paintings", "grid", "detector")
BOXES = ".json"  # how the name of a file of boxes ends
MIN_TRAINING_PAIRS = 2


class Source(Protocol):
    """Pairs to learn from, pairs to search, and the objects of their pictures."""

    def training(self, max_pairs: int) -> Pairs:
        """Return at most so many pairs to learn from."""

    def search(self) -> tuple[Pairs, Pairs]:
        """Return queries and the retrieval set."""

    def objects(self, pairs: Pairs, kind: str) -> Objects:
        """Return the objects of some pairs' pictures.

        Args:
            kind: one of ``OBJECTS``, or the path of a .json file of boxes (``GivenBoxes.load``) by
                the names of picture files; of a collection, by the names of its pairs.
        """


def open_source(folder: Path, encoder: "Encoder", queries: int, split: str = "test") -> Source:
    """Return the data of a folder: of a collection, if it is one, else of .mat files.

    Args:
        queries: how many are drawn by chance; the rest is the retrieval set.
        split: of a collection, which is searched; what is learnt from is its split "train".
    Raises HicalmError for a folder that is neither, and for features of another encoder.
    """
    folder = Path(folder)
    if (folder / COLLECTION_FILE).is_file():
        collection = load_collection(folder)
        for kind in ("view", "sentence"):
            collection.features.check_fingerprint(kind, Fingerprint.of(encoder))
        return CollectionSource(collection, encoder, queries, split)
    if not any(folder.glob("*.mat")):
        raise HicalmError(
            f"'{folder}' holds neither a collection (collection.json) nor the files of MIRFlickr-"
            "25k or NUS-WIDE (index.mat, caption.mat and label.mat)."
        )
    return FileSource(load_matfiles(folder), encoder, queries)


def check_objects(kind: str) -> None:
    """Raise HicalmError for objects that are none of ``OBJECTS`` and no .json file of boxes."""
    if kind not in OBJECTS and not (kind.endswith(BOXES) and Path(kind).is_file()):
        raise HicalmError(
            f"There are no objects '{kind}': choose one of {', '.join(OBJECTS)}, or a {BOXES} file "
            "of boxes."
        )


class CollectionSource:
    """Views of a collection with their sentences; see ``view_pairs``."""

    def __init__(
        self, collection: Collection, encoder: "Encoder", queries: int, split: str
    ) -> None:
        self._collection, self._encoder = collection, encoder
        self._queries, self._split = queries, split

    def training(self, max_pairs: int) -> Pairs:
        """Return pairs of the split "train", room by room."""
        return _enough(draw_rooms(view_pairs(self._collection, "train"), max_pairs))

    def search(self) -> tuple[Pairs, Pairs]:
        """Return queries and the retrieval set of the split to search."""
        pairs = view_pairs(self._collection, self._split)
        queries, rest = draw_split(len(pairs), self._queries)
        return pairs.select(queries), pairs.select(rest)

    def objects(self, pairs: Pairs, kind: str) -> Objects:
        """Return the objects of views; where no boxes are looked for, no picture is rendered."""
        if kind == "paintings":
            painted = PaintingBoxes(self._collection, pairs.names)
            # a view is mostly room, and rooms of like walls are not what should be alike
            return _objects(pairs, painted.pictures(), painted, self._encoder, whole=False)
        if kind == "whole":
            return whole_pictures(pairs.images)
        return _objects(
            pairs, self._pictures(pairs.names), _boxes(kind, pairs.names), self._encoder
        )

    def _pictures(self, names: Iterable[str]) -> Iterator[np.ndarray]:
        source = open_pictures(self._collection)
        return (source.picture(*room_of(name), ENCODED_WIDTH) for name in names)


class FileSource:
    """Tagged pictures of .mat files: queries first drawn, then those to learn from of the rest."""

    def __init__(self, found: TaggedPictures, encoder: "Encoder", queries: int) -> None:
        self._found, self._encoder = found, encoder
        self._rows = draw_split(len(found), queries)

    def training(self, max_pairs: int) -> Pairs:
        """Return the first pairs of the retrieval set, which lies in random order."""
        return _enough(self._pairs(self._rows[1][:max_pairs]))

    def search(self) -> tuple[Pairs, Pairs]:
        """Return queries and the retrieval set, of which some were learnt from, as published."""
        queries, rest = self._rows
        return self._pairs(queries), self._pairs(rest)

    def objects(self, pairs: Pairs, kind: str) -> Objects:
        """Return the objects of pictures. Raises HicalmError for "paintings"."""
        if kind == "paintings":
            raise HicalmError("Only the built-in world knows paintings: choose other objects.")
        if kind == "whole":
            return whole_pictures(pairs.images)
        files = [Path(name) for name in pairs.names]
        boxes = _boxes(kind, [file.name for file in files])
        return _objects(pairs, map(_read, files), boxes, self._encoder)

    def _pairs(self, rows: np.ndarray) -> Pairs:
        found = self._found
        files, texts = [found.pictures[row] for row in rows], found.texts()
        return Pairs(
            unit(self._encode(files)),
            unit(self._encoder.encode_texts([texts[row] for row in rows])),
            tuple(found.tags[row] for row in rows),
            {"label": found.labels[rows]},
            tuple(str(file) for file in files),
        )

    def _encode(self, files: list[Path]) -> np.ndarray:
        blocks = range(0, len(files), PICTURES_AT_ONCE)
        parts = [
            self._encoder.encode_images([_read(f) for f in files[at : at + PICTURES_AT_ONCE]])
            for at in tqdm(blocks, desc="pictures", mininterval=5)
        ]
        return np.concatenate(parts)


def _objects(
    pairs: Pairs,
    pictures: Iterable[np.ndarray],
    boxes: BoxSource,
    encoder: "Encoder",
    whole: bool = True,
) -> Objects:
    bar = tqdm(pictures, desc="objects", total=len(pairs), mininterval=5)
    return find_objects(pairs.images, bar, boxes, encoder, whole)


def _boxes(kind: str, names: Iterable[str]) -> BoxSource:
    check_objects(kind)
    if kind.endswith(BOXES):
        return GivenBoxes.load(Path(kind), names)
    return Detector.load() if kind == "detector" else Grid()


def _enough(pairs: Pairs) -> Pairs:
    if len(pairs) < MIN_TRAINING_PAIRS:
        raise HicalmError(
            f"Codes are learnt from at least {MIN_TRAINING_PAIRS} pairs, not from {len(pairs)}."
        )
    return pairs


def _read(path: Path) -> np.ndarray:
    try:
        return read_picture(path)
    except HicalmError as error:
        raise HicalmError(f"'{path}': {error}") from error
