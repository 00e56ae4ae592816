"""Search a collection: encode once, query often. The app, the API and the CLI see only this."""

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hicalm.checkpoints import load_model
from hicalm.data.batch import ViewBatch
from hicalm.data.collection import Collection, Mark, load_collection
from hicalm.data.pictures import open_pictures
from hicalm.encoders.art_expert import ArtExpert
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.geometry import normalise
from hicalm.index import MuseumIndex, build_index, check_encoder, view_features
from hicalm.results import MuseumMatch, RoomMatch, SearchResult
from hicalm.scoring import LEVELS, LevelWeights, QueryVectors, encode_queries, level_cosines
from hicalm.text import check_query, split_rooms

# A picture is a single view: it is compared with views first, and with their rooms.
PICTURE_WEIGHTS = np.array([0.0, 0.25, 0.75], np.float32)
SMALLEST_PICTURE = 8  # pixels a side
MOST_RESULTS = 10_000


class Searcher:
    """A collection's museums in a model's space, with the encoder that reads queries."""

    def __init__(
        self, collection: Collection, model: torch.nn.Module, encoder: Encoder,
        art_expert: ArtExpert | None, weights: LevelWeights,
    ) -> None:  # fmt: skip
        collection.features.check_mark("view", Mark.of(encoder))
        check_encoder(collection, model)
        if art_expert is not None:
            collection.features.check_mark("art", Mark.of(art_expert))
        self.collection, self.pictures = collection, open_pictures(collection)
        self._model, self._encoder, self._art_expert = model, encoder, art_expert
        self._weights = weights
        self._view_features = view_features(collection, model.config.art_dim)
        self._index: MuseumIndex = build_index(
            model, self._view_features, collection.view_counts, collection.room_counts
        )
        # Tokenizers and open_clip models keep state during a call.
        self._lock = threading.Lock()

    @classmethod
    def open(cls, collection: Path | Collection, checkpoint: Path) -> "Searcher":
        """Load the models, and the collection if it is a folder (seconds).

        Raises HicalmError for what is missing or broken.
        """
        museums = collection if isinstance(collection, Collection) else load_collection(collection)
        model = load_model(checkpoint)
        mark = museums.features.marks.get("view")
        if mark is None:
            raise HicalmError(
                f"The collection '{museums.folder}' has no view features. Make them with "
                f"'python -m hicalm encode {museums.folder}'."
            )
        expert = ArtExpert.load() if model.config.art_dim else None
        return cls(museums, model, Encoder.load(mark.name), expert, LevelWeights.load(checkpoint))

    def search(
        self, query: str, top: int = 10, filters: Mapping[str, Any] | None = None
    ) -> SearchResult:
        """Rank the museums for a text.

        ``filters`` keeps museums by ``rooms`` (least, most) and by any attribute (allowed values).
        Raises HicalmError for an empty or too long query, or filters that leave nothing.
        """
        started = time.perf_counter()
        text = check_query(query)
        paragraphs = split_rooms(text)
        sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
        with self._lock:
            features = self._encoder.encode_texts(sentences)
        counts = np.array([len(paragraph) for paragraph in paragraphs])
        vectors = encode_queries(self._model, features, counts, np.array([len(paragraphs)]))
        weights = self._weights.of(len(paragraphs), len(sentences))
        matches = self._rank(vectors, weights, top, filters)
        return SearchResult(text, paragraphs, matches, time.perf_counter() - started)

    def search_image(
        self, image: np.ndarray, top: int = 10, filters: Mapping[str, Any] | None = None
    ) -> SearchResult:
        """Rank the museums for a picture, uint8 RGB (h, w, 3). Raises HicalmError if it is none."""
        started = time.perf_counter()
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
        matches = self._rank(self._picture_vectors(feature), PICTURE_WEIGHTS, top, filters)
        return SearchResult("", (), matches, time.perf_counter() - started)

    def more_like(
        self, museum_id: str, room: int, view: int, top: int = 10,
        filters: Mapping[str, Any] | None = None,
    ) -> SearchResult:  # fmt: skip
        """Rank the museums for one of the collection's own views. Raises HicalmError if unknown."""
        started = time.perf_counter()
        museum = self.collection.row(museum_id)
        rooms = self.collection.museums[museum].rooms
        if not (0 <= room < len(rooms) and 0 <= view < rooms[room].views):
            raise HicalmError(f"{museum_id} has no view {view + 1} in a room {room + 1}.")
        row = self._index.views_of(self._index.rooms_of(museum).start + room).start + view
        vectors = self._picture_vectors(self._view_features[row : row + 1])
        matches = self._rank(vectors, PICTURE_WEIGHTS, top, filters)
        return SearchResult("", (), matches, time.perf_counter() - started)

    @torch.inference_mode()
    def _picture_vectors(self, feature: np.ndarray) -> QueryVectors:
        """Bring a view's features (1, D) into the space as a museum of one room with one view."""
        one = torch.ones(1, dtype=torch.long)
        views = ViewBatch(views=torch.as_tensor(feature), view_counts=one, room_counts=one)
        embedding = self._model.encode_vision(views)
        return QueryVectors(
            museum=normalise(embedding.museum).numpy(),
            paragraph=normalise(embedding.room).numpy(),
            sentence=normalise(embedding.view_room).numpy(),
            paragraph_counts=np.ones(1, int),
            sentence_counts=np.ones(1, int),
        )

    def _rank(
        self, vectors: QueryVectors, weights: np.ndarray, top: int,
        filters: Mapping[str, Any] | None,
    ) -> tuple[MuseumMatch, ...]:  # fmt: skip
        if not 1 <= top <= MOST_RESULTS:
            raise HicalmError(f"Ask for 1 to {MOST_RESULTS:,} results, not {top:,}.")
        allowed = self._allowed(filters or {})
        parts = level_cosines(vectors, self._index)[0] * weights
        scores = parts.sum(axis=1)
        order = allowed[np.argsort(-scores[allowed], kind="stable")][:top]
        return tuple(self._match(row, scores[row], parts[row], vectors) for row in order)

    def _match(
        self, row: int, score: float, parts: np.ndarray, vectors: QueryVectors
    ) -> MuseumMatch:
        museum, rooms, own = self.collection.museums[row], [], self._index.rooms_of(row)
        for number, room in enumerate(range(own.start, own.stop)):
            views = (vectors.sentence @ self._index.view[self._index.views_of(room)].T).max(axis=0)
            similarity = float((vectors.paragraph @ self._index.room[room]).max())
            rooms.append(RoomMatch(number, similarity, int(views.argmax()), tuple(views.tolist())))
        best = max(rooms, key=lambda match: match.similarity)
        levels = dict(zip(LEVELS, parts.tolist(), strict=True))
        return MuseumMatch(
            museum.id, museum.title, float(score), levels, tuple(rooms), best.index, best.best_view
        )

    def _allowed(self, filters: Mapping[str, Any]) -> np.ndarray:
        """Return the rows of the museums that pass all filters. Raises HicalmError if none does."""
        rows = [
            row
            for row, museum in enumerate(self.collection.museums)
            if all(_passes(museum, name, wanted) for name, wanted in filters.items() if wanted)
        ]
        if not rows:
            raise HicalmError("No museum passes all filters. Remove one of them.")
        return np.array(rows)


def _passes(museum: Any, name: str, wanted: Sequence) -> bool:
    if name == "rooms":
        least, most = wanted
        return least <= len(museum.rooms) <= most
    wanted = (wanted,) if isinstance(wanted, str) else wanted
    value = museum.split if name == "split" else museum.attributes.get(name)
    return value in wanted
