"""Small collections and a fake encoder for the tests of files, scores, searches and metrics."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from hicalm.data.collection import (
    Collection,
    Features,
    Fingerprint,
    Museum,
    Room,
    save_collection,
)
from hicalm.data.discovered_collection import in_rooms
from hicalm.encoders.query_encoder import QueryFeatures
from hicalm.models import DualEncoder, ModelConfig, make_model
from hicalm.world.generate import world_collection

VIEWS = ((2, 1), (3,), (1, 2, 2))  # views of each room of each museum: 3 + 3 + 5
DIM = 8  # of the fake encoder
WORLD_SEED = 5


class FakeEncoder:
    """Words become fixed random vectors, a text the sum of its words; an image its mean colour.

    It has no query encoder and no anchors, knows no word of its own and reads texts of any length.
    """

    query_hash: str | None = None
    whole_words: frozenset[str] = frozenset()

    def __init__(self, name: str = "fake", content: str = "f00d") -> None:
        self.name, self.hash, self.dim = name, content, DIM
        self.texts_encoded = 0

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self.name, self.hash, self.dim)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        self.texts_encoded += len(texts)
        rows = [sum(map(self._word, text.lower().split()), np.zeros(DIM)) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), DIM)

    def encode_queries(self, texts: Sequence[str]) -> QueryFeatures:
        return QueryFeatures(self.encode_texts(texts), None)

    def unread_part(self, text: str) -> str:
        return ""

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        colours = np.array([image.reshape(-1, 3).mean(0) / 255 for image in images], np.float32)
        return np.pad(colours, ((0, 0), (0, DIM - 3)))

    def encode_words(self, texts: Sequence[str]) -> tuple[list[list[str]], np.ndarray]:
        words = [re.findall(r"\w+", text) for text in texts]
        rows = [self._word(word.lower()) for own in words for word in own]
        return words, np.array(rows, np.float32).reshape(-1, DIM)

    def token_numbers(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the letters and commas of texts: the tokens of this encoder."""
        return [[ord(letter) for letter in text if letter != " "] for text in texts]

    def encode_tokens(self, numbers: Sequence[int]) -> np.ndarray:
        return self.encode_texts([chr(number) for number in numbers])

    def encode_cells(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return the mean colours of 2 x 2 quarters of every image."""
        return np.stack(
            [
                self.encode_images(
                    [part for row in np.split(image, 2) for part in np.split(row, 2, 1)]
                )
                for image in images
            ]
        ).reshape(len(images), 2, 2, DIM)

    def _word(self, word: str) -> np.ndarray:
        return np.random.default_rng(zlib.crc32(word.encode())).standard_normal(DIM)


def make_museum(number: int, views: Sequence[int], split: str = "test") -> Museum:
    """Return a museum whose room r (from 0) has views[r] views and r + 1 sentences."""
    rooms = tuple(
        Room(
            name=f"Room {r}",
            paragraph=tuple(f"Museum {number} room {r} sentence {s}." for s in range(r + 1)),
            views=count,
            attributes={"floor": "wood", "objects": ["bench"]},
        )
        for r, count in enumerate(views)
    )
    introduction = (f"Museum {number} has {len(views)} rooms.",)
    return Museum(f"m-{number}", f"Musée «{number}»", split, introduction, rooms, {"theme": "sea"})


def ragged_collection(split: str = "test") -> Collection:
    """Return museums of 2, 1 and 3 rooms with 3, 3 and 5 views and 4, 2 and 7 sentences.

    View features are 10 v + d for view v and dimension d = 0, 1; sentence features are the
    sentence's number, so that a misplaced row shows.
    """
    museums = tuple(make_museum(number, views, split) for number, views in enumerate(VIEWS))
    view = 10 * np.arange(11, dtype=np.float16)[:, None] + np.arange(2, dtype=np.float16)
    sentence = np.arange(13, dtype=np.float16)[:, None]
    fingerprint = Fingerprint("fake", "f00d", 2)
    fingerprints = {"view": fingerprint, "sentence": replace(fingerprint, dim=1)}
    pictures = {"source": "files", "root": "pictures"}
    features = Features({"view": view, "sentence": sentence}, fingerprints)
    return Collection("Ragged", "A note.", museums, pictures, features)


def pictured(folder: Path, red: int = 20) -> Path:
    """Write the ragged collection with picture files, view v (over all museums) of ``red`` v."""
    collection, number = ragged_collection(), 0
    save_collection(collection, folder)
    for museum in collection.museums:
        for row, room in enumerate(museum.rooms, start=1):
            own = folder / "pictures" / museum.id / str(row)
            own.mkdir(parents=True)
            for view in range(room.views):
                Image.new("RGB", (8, 6), (red * number, 0, 0)).save(own / f"{view}.png")
                number += 1
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of every file in a folder, by its path there."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def encoded_world(seed: int = WORLD_SEED, **sizes: int) -> Collection:
    """Return a built-in world with random view features and the fake encoder's sentences."""
    world = world_collection(seed, {"train": 0, "validation": 0, "test": 6} | sizes)
    encoder = FakeEncoder()
    views = np.random.default_rng(seed).standard_normal((int(world.view_counts.sum()), DIM))
    arrays = {
        "view": views.astype(np.float16),
        "sentence": encoder.encode_texts(world.sentences).astype(np.float16),
    }
    fingerprints = {"view": encoder.fingerprint, "sentence": encoder.fingerprint}
    return replace(world, features=Features(arrays, fingerprints))


def in_discovered_rooms(collection: Collection) -> Collection:
    """Return museums whose views were all in one room, with every fifth view in the same room."""
    texts = [
        replace(museum, introduction=sum(museum.paragraphs, ()),
                rooms=(Room("All", (), sum(room.views for room in museum.rooms)),))
        for museum in collection.museums
    ]  # fmt: skip
    counts = [museum.rooms[0].views for museum in texts]
    found = [tuple(tuple(range(first, count, 5)) for first in range(5)) for count in counts]
    plain = replace(
        collection, museums=tuple(texts), pictures={"source": "none"}, specifications=()
    )
    return in_rooms(plain, found)


def levels_model() -> DualEncoder:
    """Return an untrained model of the method `levels`, whose details are narrower than rooms."""
    return random_model(text="attention", vision="attention", detail=5)


def random_model(hidden: int = 16, **changes: object) -> DualEncoder:
    """Return an untrained model that reads the fake encoder's features."""
    torch.manual_seed(3)
    config = {"view_dim": DIM, "text_dim": DIM, "hidden": hidden} | changes
    return make_model(ModelConfig(**config)).eval()
