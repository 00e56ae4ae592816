"""The text encoders: sentences -> paragraphs -> descriptions, and what both have in common."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from hicalm.data.batches import TextBatch
from hicalm.models.embeddings import Standardise, TextEmbedding, TextLevels
from hicalm.models.merging import merge_rooms, room_summary
from hicalm.models.pooling import AttentionPooling, GRUPooling, make_pooling
from hicalm.models.processes import RowDropout
from hicalm.ragged import segment_sum


class DescriptionEncoder(nn.Module, ABC):
    """What every text encoder does. It reads standardised features, some set to zero.

    Args:
        width: D, features of a sentence.
        dropout: share of the standardised input features set to zero in training.
        half: as published, sentence features pass through half precision.
    """

    def __init__(self, width: int, dropout: float, half: bool) -> None:
        super().__init__()
        self._half = half
        self.standardise = Standardise(width)
        self.dropout = RowDropout(dropout)

    def _read(self, sentences: Tensor) -> Tensor:
        sentences = sentences.half() if self._half else sentences
        return self.dropout(self.standardise(sentences))

    @abstractmethod
    def forward(self, batch: TextBatch) -> TextEmbedding:
        """Encode the descriptions of ``batch`` at both levels."""

    def encode_levels(self, batch: TextBatch) -> TextLevels:
        """Encode the descriptions of ``batch`` at both levels, and each sentence alone."""
        museum, room = self(batch)
        return TextLevels(museum, room, self.encode_sentences(batch.sentences))

    def encode_sentences(self, sentences: Tensor) -> Tensor:
        """Encode sentences as they compare with views, each a paragraph: (ΣS, D) -> (ΣS, H)."""
        alone = torch.ones(len(sentences), dtype=torch.long, device=sentences.device)
        return self.encode_paragraphs(sentences, alone)

    @abstractmethod
    def encode_paragraphs(self, sentences: Tensor, sentence_counts: Tensor) -> Tensor:
        """Encode paragraphs alone: sentences (ΣS, D) and counts (ΣP,) -> (ΣP, H)."""

    @abstractmethod
    def encode_museums(self, batch: TextBatch, paragraphs: Tensor | None = None) -> Tensor:
        """Encode descriptions at museum level only: -> (B, H).

        ``paragraphs`` (ΣP, H) are the batch's encoded paragraphs, where they are known already.
        """


class TextEncoder(DescriptionEncoder):
    """A bidirectional GRU over each paragraph, then a sequence encoder over the paragraphs.

    The introduction is a paragraph like the others at museum level and is left out at room level.

    Args:
        width: D, features of a sentence.
        hidden: H, width of both levels.
        museum: sequence encoder over paragraphs; `avg` is the plain mean here, as published.
        dropout: share of the standardised input features set to zero in training.
        merge: how paragraph vectors (the introduction's too) join the museum's, see ``merging``.
        zeroed_last: as published, the last sentence of every description is replaced by zeros.
        half: as published, sentence features pass through half precision.
    """

    def __init__(
        self,
        width: int,
        hidden: int,
        museum: str,
        dropout: float = 0.0,
        merge: str = "none",
        zeroed_last: bool = False,
        half: bool = False,
    ) -> None:
        super().__init__(width, dropout, half)
        self._merge, self._zeroed_last = merge, zeroed_last
        # `monornn` makes the paragraph GRU one-directional too, as published
        self.paragraph_layer = GRUPooling(width, hidden, bidirectional=museum != "monornn")
        self.museum_layer = make_pooling("mean" if museum == "avg" else museum, hidden, hidden)

    def encode_paragraphs(self, sentences: Tensor, sentence_counts: Tensor) -> Tensor:
        """Encode paragraphs alone: sentences (ΣS, D) and counts (ΣP,) -> (ΣP, H)."""
        return self.paragraph_layer(self._read(sentences), sentence_counts)

    def encode_museums(self, batch: TextBatch, paragraphs: Tensor | None = None) -> Tensor:
        """Encode descriptions at museum level only: -> (B, H).

        ``paragraphs`` (ΣP, H) are the batch's encoded paragraphs, where they are known already.
        """
        if paragraphs is None:
            paragraphs = self.encode_paragraphs(self._sentences(batch), batch.sentence_counts)
        museum = self.museum_layer(paragraphs, batch.paragraph_counts)
        if self._merge == "none":
            return museum
        summary = room_summary(self._merge, paragraphs, batch.paragraph_counts)
        return merge_rooms(self._merge, summary, museum)

    def _sentences(self, batch: TextBatch) -> Tensor:
        if not self._zeroed_last:
            return batch.sentences
        lengths = segment_sum(batch.sentence_counts, batch.paragraph_counts)
        return batch.sentences.index_fill(0, lengths.cumsum(0) - 1, 0.0)

    def forward(self, batch: TextBatch) -> TextEmbedding:
        """Encode the descriptions of ``batch`` at both levels."""
        paragraphs = self.encode_paragraphs(self._sentences(batch), batch.sentence_counts)
        museum = self.encode_museums(batch, paragraphs)
        return TextEmbedding(museum, paragraphs[~batch.is_introduction])


class FlatTextEncoder(DescriptionEncoder):
    """The baseline without rooms: one bidirectional GRU over all sentences of a description.

    ``attention``: pool the sentences instead, in no order, see ``pooling.AttentionPooling``; then
    ``detail`` may be the width of a linear map by which a sentence is compared with views.
    """

    def __init__(
        self,
        width: int,
        hidden: int,
        dropout: float = 0.0,
        half: bool = False,
        attention: bool = False,
        detail: int = 0,
    ) -> None:
        super().__init__(width, dropout, half)
        pooling = AttentionPooling if attention else GRUPooling
        self.museum_layer: AttentionPooling | GRUPooling = pooling(width, hidden)
        self.detail_layer = nn.Linear(width, detail) if detail else None

    def encode_levels(self, batch: TextBatch) -> TextLevels:
        """Encode the descriptions of ``batch`` at both levels, and each sentence alone."""
        if not isinstance(self.museum_layer, AttentionPooling):
            return super().encode_levels(batch)
        layer = self.museum_layer
        features = self._read(batch.sentences)
        rows = layer.encode_rows(features)  # once for all levels
        rooms = layer.pool(rows, batch.sentence_counts)[~batch.is_introduction]
        lengths = segment_sum(batch.sentence_counts, batch.paragraph_counts)
        detail = self.detail_layer
        alone = layer.pool_alone(rows) if detail is None else detail(features)
        return TextLevels(layer.pool(rows, lengths), rooms, alone)

    def encode_sentences(self, sentences: Tensor) -> Tensor:
        """Encode sentences as they compare with views: (ΣS, D) -> (ΣS, H or detail)."""
        if self.detail_layer is None:
            return super().encode_sentences(sentences)
        return self.detail_layer(self._read(sentences))

    def encode_paragraphs(self, sentences: Tensor, sentence_counts: Tensor) -> Tensor:
        """Encode each paragraph as if it were a description: (ΣS, D), (ΣP,) -> (ΣP, H)."""
        return self.museum_layer(self._read(sentences), sentence_counts)

    def encode_museums(self, batch: TextBatch, paragraphs: Tensor | None = None) -> Tensor:
        """Encode descriptions at museum level only: -> (B, H); the paragraphs play no part."""
        lengths = segment_sum(batch.sentence_counts, batch.paragraph_counts)
        return self.encode_paragraphs(batch.sentences, lengths)

    def forward(self, batch: TextBatch) -> TextEmbedding:
        """Encode the descriptions of ``batch`` at both levels."""
        rooms = self.encode_paragraphs(batch.sentences, batch.sentence_counts)
        return TextEmbedding(self.encode_museums(batch), rooms[~batch.is_introduction])
