"""Ranking by the museum's vector alone, as the papers do, for little more than forward passes."""

import numpy as np
import torch

from hicalm.data.batch import TextBatch
from hicalm.data.collection import Collection
from hicalm.data.training import offsets
from hicalm.errors import HicalmError
from hicalm.evaluate import Queries
from hicalm.geometry import normalise
from hicalm.index import check_encoder, view_batches, view_rows
from hicalm.models import TwoTowers

AT_ONCE = 64  # queries in one forward pass


class MuseumScorer:
    """Scores of a model by its museum vectors.

    Raises HicalmError for a model that does not read the collection's features.
    """

    def __init__(self, model: TwoTowers, collection: Collection) -> None:
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


def check_features(model: TwoTowers, collection: Collection) -> None:
    """Raise HicalmError unless the collection has the features that a model reads."""
    check_encoder(collection, model)
    marks = collection.features.marks
    for kind, width in (
        ("view", model.config.view_dim), ("art", model.config.art_dim),
        ("sentence", model.config.text_dim),
    ):  # fmt: skip
        own = marks[kind].dim if kind in marks else 0
        if width and own != width:
            raise HicalmError(
                f"The model reads {kind} features of width {width}, but those of the collection "
                f"'{collection.name}' have width {own}."
                if own
                else f"The model reads {kind} features, but the collection '{collection.name}' "
                "has none."
            )


@torch.inference_mode()
def _museum_vectors(model: TwoTowers, collection: Collection) -> torch.Tensor:
    """Return the normalised vectors of all museums (B, H)."""
    views = view_rows(collection, model.config.art_dim)
    batches = view_batches(views, collection.view_counts, collection.room_counts)
    return torch.cat([normalise(model.encode_museums(batch)) for batch in batches])
