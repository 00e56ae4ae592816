"""Scores of museums for batches of queries: by levels, by museum vectors alone, untrained."""

import numpy as np
import torch

from hicalm.data.batches import TextBatch
from hicalm.data.collection import Collection
from hicalm.data.dataset import view_rows
from hicalm.errors import HicalmError
from hicalm.geometry import normalise, unit
from hicalm.models import DualEncoder
from hicalm.models.score_weights import LevelWeights
from hicalm.ragged import offsets, segment_ids, starts
from hicalm.retrieval.index import build_index, check_encoder, view_batches
from hicalm.retrieval.queries import Queries
from hicalm.retrieval.scoring import QueryVectors, cosines_of, encode_queries, score
from hicalm.retrieval.stored_index import AnyIndex

AT_ONCE = 64  # queries in one forward pass


class MuseumScorer:
    """Scores of a model by its museum vectors.

    Raises HicalmError for a model that does not read the collection's features.
    """

    def __init__(self, model: DualEncoder, collection: Collection) -> None:
        check_features(model, collection)
        self._model = model
        self._museums = _museum_vectors(model, collection)

    @torch.inference_mode()
    def scores(self, queries: Queries, whole: bool) -> np.ndarray:
        """Return the cosines (Q, B) of queries and museums.

        ``whole``: the queries are whole descriptions, whose last sentence a model with the quirk
        `zeroed-last-sentence` does not read. A short query would be empty without it.
        """
        paragraph = offsets(queries.paragraph_counts)
        sentence = offsets(queries.sentence_counts)
        texts = []
        for first in range(0, len(queries.paragraph_counts), AT_ONCE):
            last = min(first + AT_ONCE, len(queries.paragraph_counts))
            own = slice(paragraph[first], paragraph[last])
            batch = TextBatch(
                sentences=torch.as_tensor(
                    queries.sentences[sentence[own.start] : sentence[own.stop]]
                ).float(),
                sentence_counts=torch.as_tensor(queries.sentence_counts[own]),
                paragraph_counts=torch.as_tensor(queries.paragraph_counts[first:last]),
                is_introduction=torch.as_tensor(queries.is_introduction[own]),
            )
            encoded = None
            if not whole:
                encoded = self._model.encode_paragraphs(batch.sentences, batch.sentence_counts)
            texts.append(normalise(self._model.encode_descriptions(batch, encoded)))
        return (torch.cat(texts) @ self._museums.T).numpy()


def check_features(model: DualEncoder, collection: Collection) -> None:
    """Raise HicalmError unless the collection has the features that a model reads."""
    check_encoder(collection, model)
    fingerprints = collection.features.fingerprints
    for kind, width in (
        ("view", model.config.view_dim),
        ("art", model.config.art_dim),
        ("sentence", model.config.text_dim),
    ):
        own = fingerprints[kind].dim if kind in fingerprints else 0
        if width and own != width:
            raise HicalmError(
                f"The model reads {kind} features of width {width}, but those of the collection "
                f"'{collection.name}' have width {own}."
                if own
                else f"The model reads {kind} features, but the collection '{collection.name}' "
                "has none."
            )


@torch.inference_mode()
def _museum_vectors(model: DualEncoder, collection: Collection) -> torch.Tensor:
    """Return the normalised vectors of all museums (B, H)."""
    views = view_rows(collection, model.config.art_dim)
    batches = view_batches(views, collection.view_counts, collection.room_counts)
    return torch.cat([normalise(model.encode_museums(batch)) for batch in batches])


class ModelScorer:
    """Scores of a trained model; the cosines are kept, so that other weights cost nothing."""

    def __init__(
        self, model: DualEncoder, collection: Collection, index: AnyIndex | None = None
    ) -> None:
        check_encoder(collection, model)
        self._model = model
        self._index: AnyIndex = index or build_index(
            model,
            view_rows(collection, model.config.art_dim),
            collection.view_counts,
            collection.room_counts,
        )

    def cosines(self, queries: Queries) -> np.ndarray:
        """Return the level cosines (Q, B, 3)."""
        vectors: QueryVectors = encode_queries(
            self._model,
            queries.sentences,
            queries.sentence_counts,
            queries.paragraph_counts,
            queries.is_introduction,
        )
        return cosines_of(vectors, self._index, np.arange(len(self._index.museum)))

    def scores(self, queries: Queries, weights: LevelWeights) -> np.ndarray:
        """Return the weighted scores (Q, B)."""
        rows = np.stack([weights.of(*size) for size in queries.sizes])
        return score(self.cosines(queries), rows[:, None, :])


def clip_mean_scores(collection: Collection, queries: Queries) -> np.ndarray:
    """Return the cosines of mean-pooled encoder features, without any training (Q, B)."""
    views = collection.features.get("view")
    museum_firsts = starts(collection.view_counts)[starts(collection.room_counts)]
    museums = unit(np.add.reduceat(unit(views), museum_firsts, axis=0))
    owner = segment_ids(queries.paragraph_counts)
    per_query = np.bincount(owner, queries.sentence_counts).astype(int)
    texts = unit(np.add.reduceat(unit(np.asarray(queries.sentences)), starts(per_query), axis=0))
    return texts @ museums.T
