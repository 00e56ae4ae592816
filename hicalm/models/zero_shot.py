"""A hierarchy without training: any encoder's own space, centred by the collection it searches.

Views are the encoder's features of length 1 less the mean of the collection's views, a room the
mean of its views, a museum the mean of its rooms; sentences, paragraphs and whole texts likewise,
less the mean of the texts. Raw cosines of such encoders have hubs, museums near to every text:
texts and pictures lie in two cones (Liang et al., 2022, "Mind the gap"), and a museum of many views
has a better best view for any text. Centring takes the first away, ``level_texts`` serve
``retrieval.standards`` to take the second. Sizes: D features, which are also the width H.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from hicalm.data.batches import TextBatch, ViewBatch
from hicalm.data.collection import Collection
from hicalm.data.home import ZERO_SHOT
from hicalm.data.rows import Rows, sample
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.recipe.word_lists import load_background
from hicalm.errors import HicalmError
from hicalm.geometry import normalise, unit
from hicalm.models.embeddings import TextEmbedding, VisionEmbedding
from hicalm.models.hicalm import DualEncoder, ModelConfig
from hicalm.models.image_encoder import MeanEncoder
from hicalm.models.text_encoder import DescriptionEncoder
from hicalm.ragged import segment_mean, segment_sum

Item = TypeVar("Item")

VERSION = "zero-shot 1"  # in place of the hash of weights: changes when the rule does
TEXTS = 160  # a collection of fewer sentences of its own is centred by background sentences
MOST_TEXTS = 1000  # sentences that are compared with everything, drawn evenly
PRIOR_VIEWS = 8  # the mean of few views is drawn to 0, as if by so many more: two are no opposites
BLOCK = 8192  # rows read at once
# What an import writes where nobody has described a museum or a room.
_NAMES_ONLY = re.compile(r"A (?:museum|room) called .*\.")


class CentredViews(MeanEncoder):
    """The image side: there is no layer and no weight, only the mean of the views (D,)."""

    def __init__(self, mean: Tensor) -> None:
        super().__init__(len(mean), len(mean), 0.0)
        del self.view_layer
        self.register_buffer("mean", mean)

    def forward(self, batch: ViewBatch) -> VisionEmbedding:
        """Encode the views of ``batch`` at all levels."""
        view = self.encode_views(batch.views)
        rooms = segment_mean(view, batch.view_counts)
        museum, room = self.encode_means(rooms, batch.view_counts, batch.room_counts)
        return VisionEmbedding(museum, room, view, view)

    def encode_museums(self, batch: ViewBatch) -> Tensor:
        """Encode museums at museum level only: -> (B, D)."""
        return self(batch).museum

    def encode_views(self, views: Tensor) -> Tensor:
        """Centre views (ΣV, D)."""
        return normalise(views.float()) - self.get_buffer("mean")

    def project_views(self, view: Tensor) -> Tensor:
        """Return views as they are."""
        return view

    def encode_rooms(self, means: Tensor) -> Tensor:
        """Return rooms as the mean of their views (ΣR, D)."""
        return means

    def encode_means(
        self, means: Tensor, view_counts: Tensor, room_counts: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Average rooms: means (ΣR, D), counts (ΣR,) and (B,) -> museum (B, D), room (ΣR, D)."""
        return segment_mean(means, room_counts), means


class CentredSentences(DescriptionEncoder):
    """The text side: there is no layer and no weight, only the mean of the texts (D,)."""

    def __init__(self, mean: Tensor) -> None:
        super().__init__(len(mean), 0.0, half=False)
        self.register_buffer("mean", mean)

    def encode_paragraphs(self, sentences: Tensor, sentence_counts: Tensor) -> Tensor:
        """Average the directions of centred sentences: (ΣS, D), (ΣP,) -> (ΣP, D)."""
        centred = normalise(normalise(sentences.float()) - self.get_buffer("mean"))
        return segment_mean(centred, sentence_counts)

    def encode_museums(self, batch: TextBatch, paragraphs: Tensor | None = None) -> Tensor:
        """Average all sentences of each text, the introduction's too: -> (B, D)."""
        if paragraphs is None:
            paragraphs = self.encode_paragraphs(batch.sentences, batch.sentence_counts)
        whole = paragraphs * batch.sentence_counts.to(paragraphs.dtype).unsqueeze(1)
        lengths = segment_sum(batch.sentence_counts, batch.paragraph_counts)
        return segment_sum(whole, batch.paragraph_counts) / lengths.unsqueeze(1)

    def forward(self, batch: TextBatch) -> TextEmbedding:
        """Encode the texts of ``batch`` at both levels."""
        paragraphs = self.encode_paragraphs(batch.sentences, batch.sentence_counts)
        return TextEmbedding(
            self.encode_museums(batch, paragraphs), paragraphs[~batch.is_introduction]
        )


class ZeroShot(DualEncoder):
    """Both sides, with the texts (G, D) that say what any text reaches in a museum."""

    kind = ZERO_SHOT
    vision: CentredViews
    text: CentredSentences

    def __init__(self, encoder: str, views: Tensor, texts: Tensor) -> None:
        """``encoder`` names it; ``views`` (D,) is the mean, ``texts`` (G, D) have length 1."""
        width = len(views)
        super().__init__(
            ModelConfig(width, width, hidden=width, kind=ZERO_SHOT, text="mean", vision="mean",
                        encoder=encoder)
        )  # fmt: skip
        mean = texts.mean(dim=0)
        self.vision, self.text = CentredViews(views), CentredSentences(mean)
        self.level_texts = normalise(texts - mean)

    @classmethod
    def of(cls, collection: Collection, encoder: Encoder | None = None) -> "ZeroShot":
        """Centre a collection's own features.

        ``encoder`` is the collection's, which reads background sentences where the collection has
        hardly any text; None: it is loaded then. Raises HicalmError for features that are missing,
        and for texts and views of different widths.
        """
        from hicalm.encoders.encode import encoder_of  # it takes the built-in world along

        views = collection.features.rows("view")
        fingerprint = collection.features.fingerprints.get("view")
        texts = own_texts(collection)
        if len(texts) < TEXTS:
            background = spread(load_background(), TEXTS)
            texts = unit((encoder or encoder_of(collection)).encode_queries(background).features)
        if texts.shape[1] != views.shape[1]:
            raise HicalmError(
                f"The encoder's texts have {texts.shape[1]} features and its views "
                f"{views.shape[1]}, so they are in no common space. Choose another checkpoint "
                f"than {ZERO_SHOT}."
            )
        name = f"mean_view-{hashlib.sha256(sample(views)).hexdigest()[:16]}"
        mean = torch.tensor(collection.kept(name, lambda: mean_view(views).tolist()))
        label = "" if fingerprint is None else fingerprint.label
        return cls(label, mean, torch.as_tensor(texts)).eval()


def own_texts(collection: Collection) -> np.ndarray:
    """Return the features of a collection's sentences, float32 (G, D) of length 1.

    As often as they are said: what is said of every museum tells none of them. Sentences that an
    import made of names are left out, and of very many some are drawn evenly.
    """
    features = collection.features.rows("sentence")
    kept = collection.kept("sentences_compared", lambda: _sentences_compared(collection))
    return unit(features[np.array(kept, np.int64)])


def _sentences_compared(collection: Collection) -> list[int]:
    texts = (text for museum in collection.museums for p in museum.paragraphs for text in p)
    rows = np.flatnonzero(np.fromiter((not _NAMES_ONLY.fullmatch(text) for text in texts), bool))
    found: list[int] = rows[spread(range(len(rows)), MOST_TEXTS)].tolist()
    return found


def mean_view(views: Rows) -> np.ndarray:
    """Return the mean of views (ΣV, D) of length 1, of few drawn towards 0: float32 (D,)."""
    blocks = range(0, len(views), BLOCK)
    total = sum(
        unit(views[start : start + BLOCK]).sum(axis=0, dtype=np.float64) for start in blocks
    )
    return np.asarray(total / (len(views) + PRIOR_VIEWS), np.float32)


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """Return at most so many of the items, drawn evenly."""
    return list(items[:: max(1, -(-len(items) // most))])
