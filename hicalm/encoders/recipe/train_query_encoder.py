"""Teach a second text tower the phrases that people type: the query encoder.

It starts from the text encoder's weights and learns people's own wordings beside the lexicon's. Its
embedding e is pulled towards the sum of the mentioned attributes' anchors, and attribute a is
mentioned with probability sigmoid(scale_a · (e · anchor_a) + offset_a). The embedding is not
normalised there, so that a text of nothing known can be short.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from hicalm.encoders.attributes import anchors, attribute_columns
from hicalm.encoders.builtin import BUILTIN_FOLDER, TEXT_FILE
from hicalm.encoders.recipe.labelled_texts import LabelledText, draw_text
from hicalm.encoders.recipe.train_text_encoder import (
    MiniLMTextEncoder,
    TextEncoderConfig,
    like_lengths,
    mentioned_attributes,
    train_steps,
)
from hicalm.encoders.recipe.worded_texts import WordedTexts

NORM_TEXTS = 512  # texts whose mean norm the features of queries take over


@dataclass(frozen=True)
class QueryEncoderConfig(TextEncoderConfig):
    """How the query encoder is trained."""

    steps: int = 600
    batch: int = 32
    pool: int = 24
    learning_rate: float = 2e-4
    projection_rate: float = 1e-3


class MiniLMQueryEncoder(MiniLMTextEncoder):
    """The text encoder with a scale and an offset for each of the A attribute values."""

    feature_norm: torch.Tensor

    def __init__(self, trained_layers: int, start: Path | None = None) -> None:
        super().__init__(trained_layers)
        count = len(attribute_columns())
        self.attribute_scale = torch.nn.Parameter(torch.full((count,), 2.0))
        self.attribute_offset = torch.nn.Parameter(torch.full((count,), -4.0))
        self.register_buffer("feature_norm", torch.tensor(torch.nan))  # not measured yet
        if start is not None:
            state = {key: value.float() for key, value in load_file(start).items()}
            self.load_state_dict(state, strict=False)

    def logits(self, embedding: torch.Tensor) -> torch.Tensor:
        """Return how surely each attribute is mentioned, as logits (N, A), from (N, EMBED_DIM)."""
        return embedding @ anchors().T * self.attribute_scale + self.attribute_offset

    def trained_state(self) -> dict[str, torch.Tensor]:
        """Return what differs from MiniLM, the scales, the offsets and the features' norm."""
        return super().trained_state() | {"feature_norm": self.feature_norm}


def train_query_encoder(
    config: QueryEncoderConfig,
    texts: WordedTexts,
    out: Path,
    check: Callable[[MiniLMQueryEncoder], dict] | None = None,
    start: Path | None = BUILTIN_FOLDER / TEXT_FILE,
) -> MiniLMQueryEncoder:
    """Train; write the trained weights and the history; ``check`` is called every 100 steps.

    ``start`` has the text encoder's weights, or those of a query encoder to train further; None
    starts from MiniLM with a new projection.
    """
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    encoder, directions = MiniLMQueryEncoder(config.trained_layers, start), anchors()
    if encoder.feature_norm.isnan():  # of the text encoder, before its weights change
        lexicon = [draw_text(np.random.default_rng(row)).text for row in range(NORM_TEXTS)]
        encoder.feature_norm.fill_(encoder.embed(lexicon).norm(dim=1).mean())

    def losses(batch: list[LabelledText]) -> tuple[torch.Tensor, torch.Tensor]:
        mentioned = mentioned_attributes(batch)
        embedding = encoder([text.text for text in batch])
        known = mentioned.any(1)
        cosine = F.cosine_similarity(embedding[known], mentioned[known] @ directions, dim=1)
        apart = F.binary_cross_entropy_with_logits(encoder.logits(embedding), mentioned)
        # A batch without a known text has no cosine: nothing is to be learned from it.
        return 1 - cosine.sum() / max(len(cosine), 1), apart

    others = [*encoder.proj.parameters(), encoder.attribute_scale, encoder.attribute_offset]
    batches = like_lengths(lambda: texts.draw(rng), rng, config)
    report = None if check is None else lambda: check(encoder)
    train_steps(encoder, others, config, batches, losses, out / "query_encoder", report)
    return encoder.eval()


@torch.inference_mode()
def read_probabilities(encoder: MiniLMQueryEncoder, texts: Sequence[str]) -> np.ndarray:
    """Return how surely each attribute is mentioned, float32 (N, A)."""
    return encoder.logits(encoder.embed(list(texts))).sigmoid().numpy()
