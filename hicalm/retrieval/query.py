"""A query as the model reads it: typed words, a picture, or one of the collection's views."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from hicalm.data.batches import ViewBatch
from hicalm.encoders.art_expert import ArtExpert
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.geometry import normalise
from hicalm.models import DualEncoder
from hicalm.reading.query_text import check_query, split_rooms
from hicalm.retrieval.scoring import LevelWeights, QueryVectors, encode_queries

# A picture is a single view: it is compared with views first, and with their rooms.
PICTURE_WEIGHTS = np.array([0.0, 0.25, 0.75], np.float32)
SMALLEST_PICTURE = 8  # pixels a side


@dataclass(frozen=True, eq=False)
class Query:
    """One query in the model's space.

    ``text`` and ``paragraphs`` (each a tuple of sentences) say how words were understood and are
    empty for a picture. ``vectors`` hold one query (Q = 1); ``weights`` float32 (3,) are those of
    the levels; ``features`` float32 (S, D) are the encoder's, of its sentences. Two queries
    that were read are never equal.
    """

    text: str
    paragraphs: tuple[tuple[str, ...], ...]
    vectors: QueryVectors
    weights: np.ndarray
    features: np.ndarray

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences in order."""
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph)


class QueryReader:
    """Reads queries with an encoder and a model; safe to call from several threads."""

    def __init__(
        self,
        model: DualEncoder,
        encoder: Encoder,
        art_expert: ArtExpert | None,
        weights: LevelWeights,
    ) -> None:
        self.model = model
        self._encoder, self._art_expert, self._weights = encoder, art_expert, weights
        # Tokenizers and open_clip models keep state during a call.
        self._lock = threading.Lock()

    def encode_texts(self, texts: list[str]) -> np.ndarray:
        """Return the encoder's features of texts, float32 (N, D)."""
        with self._lock:
            return self._encoder.encode_texts(texts)

    def encode_words(self, texts: Sequence[str]) -> tuple[list[list[str]], np.ndarray]:
        """Return the words of texts and their features, float32 (ΣW, D)."""
        with self._lock:
            return self._encoder.encode_words(texts)

    def encode_cells(self, picture: np.ndarray) -> np.ndarray:
        """Return the features of a picture's cells, float32 (h, w, D).

        Raises HicalmError for an encoder that has none.
        """
        with self._lock:
            return self._encoder.encode_cells([picture])[0]

    def read(self, text: str) -> Query:
        """Read a text. Raises HicalmError for an empty, too long or wordless one."""
        text = check_query(text)
        paragraphs = split_rooms(text)
        sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
        features = self.encode_texts(sentences)
        counts = np.array([len(paragraph) for paragraph in paragraphs])
        vectors = encode_queries(self.model, features, counts, np.array([len(paragraphs)]))
        weights = self._weights.of(len(paragraphs), len(sentences))
        return Query(text, paragraphs, vectors, weights, features)

    def read_picture(self, image: np.ndarray) -> Query:
        """Read a picture, uint8 RGB (h, w, 3). Raises HicalmError if it is none."""
        image = np.asarray(image)
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise HicalmError("A picture must be an RGB image of 8 bits per channel.")
        if min(image.shape[:2]) < SMALLEST_PICTURE:
            raise HicalmError(
                f"The picture is {image.shape[1]} x {image.shape[0]} pixels; "
                f"it needs at least {SMALLEST_PICTURE} x {SMALLEST_PICTURE}."
            )
        with self._lock:
            feature = self._encoder.encode_images([image])
            if self._art_expert is not None:
                feature = np.concatenate([feature, self._art_expert.encode_images([image])], axis=1)
        return self.read_view(feature)

    @torch.inference_mode()
    def read_view(self, feature: np.ndarray) -> Query:
        """Read a view's features (1, D), as a museum of one room with one view."""
        one = torch.ones(1, dtype=torch.long)
        views = ViewBatch(views=torch.as_tensor(feature), view_counts=one, room_counts=one)
        embedding = self.model.encode_vision(views)
        vectors = QueryVectors(
            museum=normalise(embedding.museum).numpy(),
            paragraph=normalise(embedding.room).numpy(),
            sentence=normalise(embedding.view_room).numpy(),
            paragraph_counts=np.ones(1, int),
            sentence_counts=np.ones(1, int),
        )
        return Query("", (), vectors, PICTURE_WEIGHTS, np.zeros((0, 0), np.float32))
