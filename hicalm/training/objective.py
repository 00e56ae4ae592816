"""What a step of training descends: the losses of the three levels, and of their sum, the score.

Sizes: B museums with ΣR rooms and ΣV views, T texts of rooms, ΣS sentences of the museums' texts.
Where several processes train, each encodes its share of a batch and compares its own museums with
the texts of all; the matrices are put together, so that every process has the whole loss.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from hicalm.data.batches import TextBatch, ViewBatch
from hicalm.geometry import cosine
from hicalm.levels import LEVELS
from hicalm.models import DualEncoder
from hicalm.models.embeddings import TextLevels, VisionEmbedding
from hicalm.models.losses import HingeLoss, InfoNCE, ScoreLoss, late_interaction
from hicalm.models.processes import gather_columns, gather_rows
from hicalm.ragged import segment_max, segment_sum
from hicalm.training.sampling import TrainingBatch
from hicalm.training.train_config import TrainConfig

SCORE = "score"  # the loss of the levels added up


class Objective(nn.Module):
    """The weighted sum of the museum-level, room-level, best-single-view and score losses.

    ``scored`` are the levels that the score adds up.
    """

    def __init__(self, config: TrainConfig, scored: Sequence[str] = LEVELS) -> None:
        super().__init__()
        weights = (config.museum_weight, config.room_weight, config.view_weight)
        self.weights = dict(zip(LEVELS, weights, strict=True)) | {SCORE: config.score_weight}
        hinge = config.loss == "hinge"
        self.losses = nn.ModuleDict(
            {
                level: HingeLoss(config.margin) if hinge else InfoNCE(config.temperature)
                for level in LEVELS
            }
        )
        self.score = ScoreLoss(scored, config.temperature) if config.score_weight else None

    def forward(self, model: DualEncoder, batch: TrainingBatch) -> dict[str, Tensor]:
        """Return the loss of each level with a weight, and their weighted sum as `total`."""
        below = (self.weights["room"] or self.weights["view"]) and len(batch.same_room)
        losses = {}
        if self.score is not None:
            text, vision = _encode_levels(model, batch)
            sizes = [gather_rows(counts) for counts in _piece_counts(batch.text)]
            texts = TextLevels(*(gather_rows(level.float()) for level in text))
            own = _by_level(texts, sizes, vision, batch.vision)
            by_level = {level: gather_columns(matrix) for level, matrix in own.items()}
            losses[SCORE] = self.score(by_level, batch.same_museum)
            similarity = {"museum": by_level["museum"]} if self.weights["museum"] else {}
            if below:
                similarity |= self._below(vision, _room_texts(model, batch, text.room), batch)
        else:
            similarity = (self._all_levels if below else self._museum_level)(model, batch)
        also_true = {"museum": batch.same_museum}
        losses |= {
            level: self.losses[level](matrix, also_true.get(level, batch.same_room))
            for level, matrix in similarity.items()
        }
        losses["total"] = sum(self.weights[name] * loss for name, loss in losses.items())
        return losses

    def _museum_level(self, model: DualEncoder, batch: TrainingBatch) -> dict[str, Tensor]:
        with autocast(batch.views.device):
            museum = model.encode_museums(batch.vision)
            text = model.encode_descriptions(batch.text)
        return {"museum": _of_all(text, museum)}

    def _all_levels(self, model: DualEncoder, batch: TrainingBatch) -> dict[str, Tensor]:
        """Return the similarities of each level with a weight: (B, B), and (T, T) below."""
        with autocast(batch.views.device):
            vision = model.encode_vision(batch.vision)
            if len(batch.room_sentence_counts):
                museum_text = model.encode_descriptions(batch.text)
                text = _room_texts(model, batch, museum_text)
            else:  # the same paragraphs at both levels
                museum_text, text = model.encode_text(batch.text)
        similarity = {"museum": _of_all(museum_text, vision.museum)}
        return similarity | self._below(vision, text, batch)

    def _below(
        self, vision: VisionEmbedding, text: Tensor, batch: TrainingBatch
    ) -> dict[str, Tensor]:
        """Return the similarities (T, T) of own texts of rooms with rooms and best views."""
        text, similarity = text.float(), {}
        if len(batch.room_sentence_counts) < len(batch.same_room):  # some are with others
            text = gather_rows(text)
        if self.weights["room"]:
            own = cosine(text, vision.room[batch.described_room].float())
            similarity["room"] = gather_columns(own)
        if self.weights["view"]:
            by_view = cosine(vision.view_room.float(), text)  # (ΣV, T)
            best_view = segment_max(by_view, batch.view_counts)  # (ΣR, T)
            similarity["view"] = gather_columns(best_view[batch.described_room].T)
        return similarity


def level_similarities(
    text: TextLevels, texts: TextBatch, vision: VisionEmbedding, museums: ViewBatch
) -> dict[str, Tensor]:
    """Return what the score adds up of T texts and B museums, (T, B) a level, in -1..1.

    The museum's vectors; each paragraph with its best room; each sentence with its best view.
    """
    return _by_level(text, _piece_counts(texts), vision, museums)


def _piece_counts(texts: TextBatch) -> tuple[Tensor, Tensor]:
    """Return how many paragraphs about rooms and how many sentences each text has, (T,) both."""
    paragraphs = segment_sum((~texts.is_introduction).long(), texts.paragraph_counts)
    return paragraphs, segment_sum(texts.sentence_counts, texts.paragraph_counts)


def _by_level(
    text: TextLevels, piece_counts: Sequence[Tensor], vision: VisionEmbedding, museums: ViewBatch
) -> dict[str, Tensor]:
    paragraphs, sentences = piece_counts
    views = segment_sum(museums.view_counts, museums.room_counts)
    room, single_views = vision.room.float(), vision.view_room.float()
    return {
        "museum": cosine(text.museum.float(), vision.museum.float()),
        "room": late_interaction(text.room.float(), paragraphs, room, museums.room_counts),
        "view": late_interaction(text.sentence.float(), sentences, single_views, views),
    }


def _of_all(text: Tensor, museum: Tensor) -> Tensor:
    """Return the similarities (B, B) of the texts and museums (B, H) that all processes have."""
    return gather_columns(cosine(gather_rows(text.float()), museum.float()))


def _encode_levels(model: DualEncoder, batch: TrainingBatch) -> tuple[TextLevels, VisionEmbedding]:
    with autocast(batch.views.device):
        return model.encode_text_levels(batch.text), model.encode_vision(batch.vision)


def _room_texts(model: DualEncoder, batch: TrainingBatch, paragraphs: Tensor) -> Tensor:
    """Return the texts of rooms (T, H): ``paragraphs`` where the batch has no others."""
    if not len(batch.room_sentence_counts):
        return paragraphs
    with autocast(batch.views.device):
        return model.encode_paragraphs(batch.room_sentences, batch.room_sentence_counts)


def autocast(device: torch.device) -> AbstractContextManager:
    """Bfloat16 on CUDA; the CPU stays in float32."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()
