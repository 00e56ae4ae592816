"""A small built-in world that is read attribute by attribute, with an encoder that knows its words.

Every view shows one painting of its room and the room itself, by the anchors of their attributes.
The networks beside the checkpoint were never taught: what they say differs from room to room, and
that is all that these tests need.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hicalm.data.collection import Collection, Features
from hicalm.encoders.attributes import (
    EMBED_DIM,
    PAINTING_KINDS,
    ROOM_KINDS,
    anchors,
    attribute_columns,
)
from hicalm.encoders.query_encoder import QueryFeatures
from hicalm.matching.fit_calibration import FitCalibration
from hicalm.models import DualEncoder
from hicalm.models.checkpoints import save_model
from hicalm.models.score_weights import LevelWeights
from hicalm.search.plan_ranking import MATCH
from hicalm.search.searcher import Searcher
from hicalm.world.generate import world_collection
from tests.hicalm.collections import FakeEncoder, random_model
from tests.hicalm.matching.read_rooms import random_networks

MENTIONED, NOT_MENTIONED = 0.95, 0.02
CALIBRATION = FitCalibration(
    weights=(1.0, 0.5, 0.25),
    several=(0.0, 0.0),
    knots=(-9.0, 0.0, 9.0),
    fits=(0.0, 0.25, 1.0),
    found_weights=(1.0, 1.0, 0.5),
    found_several=(0.1, 0.2),
    found_from=0.4,
    found_knots=(0.0, 1.0),
    found_fits=(0.2, 0.9),
)


class AnchorEncoder(FakeEncoder):
    """Reads which attributes a text names, in the built-in encoder's 256 dimensions."""

    query_hash = "beef"
    # What plain English has and a small world's texts have not.
    whole_words = frozenset({"eight", "without", "least", "most", "museum", "anywhere", "then"})

    def __init__(self) -> None:
        super().__init__("anchors", "f00d")
        self.dim = EMBED_DIM

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        rows = [np.zeros((0, EMBED_DIM), np.float32)]
        for text in texts:
            noise = np.random.default_rng(zlib.crc32(text.encode())).standard_normal((1, EMBED_DIM))
            rows.append(named(text)[None] @ anchors().numpy() + 0.05 * noise)
        return np.concatenate(rows).astype(np.float32)

    def encode_queries(self, texts: Sequence[str]) -> QueryFeatures:
        shown = np.array([named(text) for text in texts]).reshape(-1, len(attribute_columns()))
        probabilities = np.where(shown, MENTIONED, NOT_MENTIONED).astype(np.float32)
        return QueryFeatures(self.encode_texts(texts), probabilities)

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        return np.pad(super().encode_images(images), ((0, 0), (0, EMBED_DIM - 8)))


def named(text: str) -> np.ndarray:
    """Return which attributes (A,) a text names, as they are or in the plural, float32."""
    found = [re.search(rf"\b{value}s?\b", text.lower()) for _, value in attribute_columns()]
    return np.array([match is not None for match in found], np.float32)


def anchored_world(
    seed: int = 5, museums: int = 4, source: str = "world", split: str = "test"
) -> Collection:
    """Return a world of museums of a split; ``source`` is that of its pictures."""
    world = world_collection(seed, {"train": 0, "validation": 0, "test": 0} | {split: museums})
    random, columns = np.random.default_rng(seed), attribute_columns()
    shown = np.zeros((int(world.view_counts.sum()), len(columns)))
    rooms = [room for museum in world.specifications for room in museum["rooms"]]
    pictured = [(room, view) for room in rooms for view in range(12)]
    for row, (room, view) in enumerate(pictured):
        painting = room["paintings"][view % len(room["paintings"])]
        seen = [(kind, painting[kind]) for kind in PAINTING_KINDS if painting[kind] is not None]
        seen += [(kind, room[kind]) for kind in ROOM_KINDS]
        shown[row, [columns[pair] for pair in seen]] = 1
    views = shown @ anchors().numpy() + random.standard_normal((len(shown), EMBED_DIM)) * 0.02
    encoder = AnchorEncoder()
    arrays = {
        "view": views.astype(np.float16),
        "sentence": encoder.encode_texts(world.sentences).astype(np.float16),
    }
    prints = {"view": encoder.fingerprint, "sentence": encoder.fingerprint}
    pictures = dict(world.pictures) | {"source": source}
    return replace(world, features=Features(arrays, prints), pictures=pictures)


def anchored_model() -> DualEncoder:
    """Return an untrained model that reads the anchors' features."""
    return random_model(view_dim=EMBED_DIM, text_dim=EMBED_DIM)


def save_anchored(folder: Path) -> Path:
    """Write an untrained HiCALM, and untaught networks beside it; return HiCALM's folder."""
    checkpoint = folder / "hicalm"
    save_model(anchored_model(), checkpoint)
    networks = random_networks()
    networks.encoder = AnchorEncoder().fingerprint.label
    networks.save(folder / MATCH)
    CALIBRATION.save(folder / MATCH)
    return checkpoint


def anchored_searcher(world: Collection, checkpoint: Path) -> Searcher:
    """Return a searcher with the models that ``save_anchored`` wrote."""
    return Searcher(world, anchored_model(), AnchorEncoder(), None, LevelWeights(), checkpoint)
