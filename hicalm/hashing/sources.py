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
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.head_training import EncodeTexts
from hicalm.hashing.matfiles import TaggedPictures, load_matfiles
from hicalm.hashing.painting_boxes import PaintingBoxes
from hicalm.hashing.pairs import Pairs, draw_split
from hicalm.hashing.picture_objects import (
    SURE,
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
MOST_TOKENS = 62  # of a text's tags, where tags are tokens: 64 with the end marks, as published


class Source(Protocol):
    """Pairs to learn from, pairs to search, and the objects of their pictures."""

    encode_words: EncodeTexts  # the words of pairs -> features (N, D), each alone

    def training(self, max_pairs: int) -> Pairs:
        """Return at most so many pairs to learn from."""

    def query_names(self) -> tuple[str, ...]:
        """Return the names of the queries, before anything is encoded."""

    def search(self) -> tuple[Pairs, Pairs]:
        """Return queries and the retrieval set."""

    def objects(self, pairs: Pairs, kind: str, detection_score: float = SURE) -> Objects:
        """Return the objects of some pairs' pictures.

        Args:
            kind: one of ``OBJECTS``, or the path of a .json file of boxes (``GivenBoxes.load``) by
                the names of picture files; of a collection, by the names of its pairs.
            detection_score: least score of what the detector finds.
        """


def open_source(
    folder: Path,
    encoder: "Encoder",
    queries: int,
    split: str = "test",
    settings: HashSettings = HashSettings(),
) -> Source:
    """Return the data of a folder: of a collection, if it is one, else of .mat files.

    Args:
        queries: how many are drawn by chance; the rest is the retrieval set.
        settings: say which generator draws, and what the tags of .mat files are.
        split: of a collection, which is searched; what is learnt from is its split "train".
    Raises HicalmError for a folder that is neither, and for features of another encoder.
    """
    folder = Path(folder)
    if (folder / COLLECTION_FILE).is_file():
        collection = load_collection(folder)
        for kind in ("view", "sentence"):
            collection.features.check_fingerprint(kind, Fingerprint.of(encoder))
        return CollectionSource(collection, encoder, queries, split, settings.draw)
    if not any(folder.glob("*.mat")):
        raise HicalmError(
            f"'{folder}' holds neither a collection (collection.json) nor the files of MIRFlickr-"
            "25k or NUS-WIDE (index.mat, caption.mat and label.mat)."
        )
    return FileSource(load_matfiles(folder), encoder, queries, settings.draw, settings.tags)


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
        self,
        collection: Collection,
        encoder: "Encoder",
        queries: int,
        split: str,
        draw: str = "new",
    ) -> None:
        self._collection, self._encoder = collection, encoder
        self._queries, self._split, self._draw = queries, split, draw
        self.encode_words: EncodeTexts = encoder.encode_texts

    def training(self, max_pairs: int) -> Pairs:
        """Return pairs of the split "train", room by room."""
        return _enough(draw_rooms(view_pairs(self._collection, "train"), max_pairs))

    def query_names(self) -> tuple[str, ...]:
        """Return the names of the views that are queries."""
        return self.search()[0].names

    def search(self) -> tuple[Pairs, Pairs]:
        """Return queries and the retrieval set of the split to search."""
        pairs = view_pairs(self._collection, self._split)
        queries, rest = draw_split(len(pairs), self._queries, self._draw)
        return pairs.select(queries), pairs.select(rest)

    def objects(self, pairs: Pairs, kind: str, detection_score: float = SURE) -> Objects:
        """Return the objects of views; where no boxes are looked for, no picture is rendered."""
        if kind == "paintings":
            painted = PaintingBoxes(self._collection, pairs.names)
            # a view is mostly room, and rooms of like walls are not what should be alike
            return _objects(pairs, painted.pictures(), painted, self._encoder, whole=False)
        if kind == "whole":
            return whole_pictures(pairs.raw_images)
        boxes = _boxes(kind, pairs.names, detection_score)
        return _objects(pairs, self._pictures(pairs.names), boxes, self._encoder)

    def _pictures(self, names: Iterable[str]) -> Iterator[np.ndarray]:
        source = open_pictures(self._collection)
        return (source.picture(*room_of(name), ENCODED_WIDTH) for name in names)


class FileSource:
    """Tagged pictures of .mat files: queries first drawn, then those to learn from of the rest."""

    def __init__(
        self,
        found: TaggedPictures,
        encoder: "Encoder",
        queries: int,
        draw: str = "new",
        tags: str = "whole",
    ) -> None:
        self._found, self._encoder, self._tokens = found, encoder, tags == "tokens"
        self._rows = draw_split(len(found), queries, draw)
        self.encode_words: EncodeTexts = (
            self._encode_tokens if self._tokens else encoder.encode_texts
        )

    def training(self, max_pairs: int) -> Pairs:
        """Return the first pairs of the retrieval set, which lies in random order."""
        return _enough(self._pairs(self._rows[1][:max_pairs]))

    def query_names(self) -> tuple[str, ...]:
        """Return the names of the pictures that are queries, inside their folder."""
        return self._names(self._rows[0])

    def search(self) -> tuple[Pairs, Pairs]:
        """Return queries and the retrieval set, of which some were learnt from, as published."""
        queries, rest = self._rows
        return self._pairs(queries), self._pairs(rest)

    def objects(self, pairs: Pairs, kind: str, detection_score: float = SURE) -> Objects:
        """Return the objects of pictures. Raises HicalmError for "paintings"."""
        if kind == "paintings":
            raise HicalmError("Only the built-in world knows paintings: choose other objects.")
        if kind == "whole":
            return whole_pictures(pairs.raw_images)
        files = [self._found.folder / name for name in pairs.names]
        boxes = _boxes(kind, [file.name for file in files], detection_score)
        return _objects(pairs, map(_read, files), boxes, self._encoder)

    def _pairs(self, rows: np.ndarray) -> Pairs:
        found, files = self._found, [self._found.pictures[row] for row in rows]
        whole = found.texts()
        texts = [whole[row] for row in rows]
        images = self._encode(files)
        return Pairs(
            unit(images),
            unit(self._encoder.encode_texts(texts)),
            self._tokens_of(texts) if self._tokens else tuple(found.tags[row] for row in rows),
            {"label": found.labels[rows]},
            self._names(rows),
            np.linalg.norm(images, axis=1),
        )

    def _names(self, rows: np.ndarray) -> tuple[str, ...]:
        found = self._found
        return tuple(found.pictures[row].relative_to(found.folder).as_posix() for row in rows)

    def _tokens_of(self, texts: list[str]) -> tuple[tuple[str, ...], ...]:
        """Return the numbers of the tokens of texts, as words; commas are among them."""
        numbers = self._encoder.token_numbers(texts)
        return tuple(tuple(map(str, own[:MOST_TOKENS])) for own in numbers)

    def _encode_tokens(self, words: list[str]) -> np.ndarray:
        return self._encoder.encode_tokens([int(word) for word in words])

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
    return find_objects(pairs.raw_images, bar, boxes, encoder, whole)


def _boxes(kind: str, names: Iterable[str], detection_score: float) -> BoxSource:
    check_objects(kind)
    if kind.endswith(BOXES):
        return GivenBoxes.load(Path(kind), names)
    return Detector.load(detection_score) if kind == "detector" else Grid()


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
