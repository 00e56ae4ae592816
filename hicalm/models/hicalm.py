"""HiCALM: a hierarchical text encoder and a hierarchical image encoder in one space.

HierArtEx is the same class with both sequence encoders `avg`.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, ClassVar, TypeVar

from huggingface_hub import ModelHubMixin, PyTorchModelHubMixin
from pydantic import BeforeValidator
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor, nn

from hicalm.data.batches import TextBatch, ViewBatch
from hicalm.data.rows import Rows
from hicalm.errors import HicalmError
from hicalm.files import to_json
from hicalm.models.competitors import COMPETITORS, INNER, CompetitorImageEncoder
from hicalm.models.embeddings import TextEmbedding, TextLevels, VisionEmbedding
from hicalm.models.image_encoder import (
    AttentionImageEncoder,
    FlatImageEncoder,
    ImageEncoder,
    ViewEncoder,
    VisionEncoder,
)
from hicalm.models.known_texts import KnownTexts
from hicalm.models.merging import MERGES
from hicalm.models.pooling import SEQUENCE_KINDS
from hicalm.models.text_encoder import DescriptionEncoder, FlatTextEncoder, TextEncoder
from hicalm.settings import Count, Dropout, Whole, one_of, settings

Loaded = TypeVar("Loaded", bound=ModelHubMixin)

WEIGHTS_FILE = "model.safetensors"
MODEL_KINDS = ("hicalm", "flat", "zero-shot")
TEXT_KINDS = (*SEQUENCE_KINDS, "flat", "attention")
VISION_KINDS = (*SEQUENCE_KINDS, "flat", "attention", *COMPETITORS)
# What the published code does wrong, for checkpoints trained with it; see the encoders.
QUIRKS = {
    "half-sentences": "Sentence features pass through half precision.",
    "zeroed-last-sentence": "The last sentence of every description is replaced by zeros.",
    "padded-rooms": "Rooms that are not there take part in `avg` and in merges.",
    "padded-views": "Views that are not there take part in the flat image encoder.",
    "mean-sum-by-max": "`mean-sum` takes the largest instead of the mean on the text side.",
    "twelvefold-mean": "Merges by the mean take twelve times the rooms' mean on the image side.",
}


@settings
class ModelConfig:
    """All that is needed to build a model; stored as JSON beside and inside the weights."""

    view_dim: Count  # features the image encoder gives for a view
    text_dim: Count  # features the text encoder gives for a sentence
    art_dim: Whole = 0  # features of the art expert, concatenated behind the encoder's; 0: none
    hidden: Count = 256  # width of every level
    kind: Annotated[str, one_of(*MODEL_KINDS)] = "hicalm"  # the model class: one of MODEL_KINDS
    text: Annotated[str, one_of(*TEXT_KINDS)] = (
        "rnn"  # sequence encoder over paragraphs, or `flat` or `attention`
    )
    vision: Annotated[str, one_of(*VISION_KINDS)] = (
        "rnn"  # sequence encoder over rooms, or an image encoder without rooms
    )
    detail: Whole = 0  # width of the maps by which a sentence and a view compare alone (attention
    # only); 0: as a paragraph and a room of their own
    dropout: Dropout = 0.0  # share of the input features set to zero in training
    encoder: str = ""  # name and content hash of the encoder whose features the model reads
    merge: Annotated[str, one_of(*MERGES)] = (
        "none"  # how rooms join the museum's vector: one of MERGES
    )
    inner: Count = INNER  # width inside the classifier of `mvcnn-sa`
    # faults of the published code to reproduce: any of QUIRKS; JSON has lists only
    quirks: Annotated[tuple[str, ...], BeforeValidator(tuple)] = ()

    def __post_init__(self) -> None:
        if self.merge != "none" and not {self.text, self.vision} <= set(SEQUENCE_KINDS):
            raise HicalmError("Rooms can only be merged where both sides have them.")
        if self.detail and {self.text, self.vision} != {"attention"}:
            raise HicalmError("Maps of single sentences and views need attention on both sides.")
        if unknown := sorted(set(self.quirks) - set(QUIRKS)):
            raise HicalmError(f"Unknown quirks {unknown}: choose among {', '.join(QUIRKS)}.")

    @property
    def has_levels(self) -> bool:
        """Whether rooms and views are compared, too, and not the museum's vector alone."""
        return (
            self.kind != "flat"
            and self.merge == "none"
            and ({self.text, self.vision} <= set(SEQUENCE_KINDS) or bool(self.detail))
        )

    def to_json(self) -> dict:
        """Return all fields as JSON has them."""
        return asdict(self) | {"quirks": list(self.quirks)}


class DualEncoder(nn.Module, PyTorchModelHubMixin):
    """A text encoder and an image encoder, loaded from and saved to folders or the hub.

    Weights load strictly: a missing or unexpected tensor is an error, never a warning.
    """

    kind: ClassVar[str]
    text: DescriptionEncoder
    vision: VisionEncoder
    level_texts: Tensor | None = None  # (G, H) that levels are measured against, normalised
    known_texts: KnownTexts | None = None  # of training, by which hubs are taken off

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        if config.kind != self.kind:
            raise HicalmError(f"This configuration is for {config.kind!r}, not {self.kind!r}.")
        self.config = config

    def encode_text(self, batch: TextBatch) -> TextEmbedding:
        """Encode descriptions or queries: museum (B, H), room (room paragraphs, H)."""
        self._check_width("sentence", batch.sentences, self.config.text_dim)
        return self.text(batch)

    def encode_text_levels(self, batch: TextBatch) -> TextLevels:
        """Encode descriptions or queries as ``encode_text``, and each sentence alone (ΣS, H)."""
        self._check_width("sentence", batch.sentences, self.config.text_dim)
        return self.text.encode_levels(batch)

    def encode_descriptions(self, batch: TextBatch, paragraphs: Tensor | None = None) -> Tensor:
        """Encode descriptions at museum level only, in no more time than that needs: (B, H).

        ``paragraphs`` (ΣP, H) are the batch's encoded paragraphs, where they are known already.
        """
        self._check_width("sentence", batch.sentences, self.config.text_dim)
        return self.text.encode_museums(batch, paragraphs)

    def encode_vision(self, batch: ViewBatch) -> VisionEmbedding:
        """Encode museums: museum (B, H), room (ΣR, H), view and view_room (ΣV, H)."""
        self._check_width("view", batch.views, self.config.view_dim + self.config.art_dim)
        return self.vision(batch)

    def encode_museums(self, batch: ViewBatch) -> Tensor:
        """Encode museums at museum level only, in no more time than that needs: (B, H)."""
        self._check_width("view", batch.views, self.config.view_dim + self.config.art_dim)
        return self.vision.encode_museums(batch)

    def encode_views(self, views: Tensor) -> Tensor:
        """Encode view features (ΣV, D) at image level: -> (ΣV, H)."""
        self._check_width("view", views, self.config.view_dim + self.config.art_dim)
        return self._view_encoder().encode_views(views)

    def encode_single_views(self, views: Tensor) -> Tensor:
        """Encode views as they compare with sentences: (ΣV, D) -> (ΣV, H or detail)."""
        self._check_width("view", views, self.config.view_dim + self.config.art_dim)
        return self._view_encoder().encode_single_views(views)

    def subset_views(self, views: Tensor) -> Tensor:
        """Encode view features (V, D) as far as a view is encoded by itself: -> (V, H)."""
        self._check_width("view", views, self.config.view_dim + self.config.art_dim)
        return self._view_encoder().subset_views(views)

    def encode_room_subsets(self, views: Tensor, present: Tensor) -> Tensor:
        """Encode a room with only some of its ``subset_views`` (V, H): bool (N, V) -> (N, H)."""
        return self._view_encoder().encode_room_subsets(views, present)

    def encode_museum_subsets(self, views: Tensor, view_counts: Tensor, present: Tensor) -> Tensor:
        """Encode a museum with only some of its ``subset_views`` (V, H): bool (N, V) -> (N, H).

        view_counts (R,) are those of its rooms; a room without views is not there.
        """
        return self._view_encoder().encode_museum_subsets(views, view_counts, present)

    def encode_paragraphs(self, sentences: Tensor, sentence_counts: Tensor) -> Tensor:
        """Encode paragraphs at room level only: (ΣS, D_t) and counts (ΣP,) -> (ΣP, H)."""
        self._check_width("sentence", sentences, self.config.text_dim)
        return self.text.encode_paragraphs(sentences, sentence_counts)

    def encode_sentences(self, sentences: Tensor) -> Tensor:
        """Encode sentences as they compare with single views: (ΣS, D_t) -> (ΣS, H or detail)."""
        self._check_width("sentence", sentences, self.config.text_dim)
        return self.text.encode_sentences(sentences)

    def fit_standardisation(self, views: Rows | Tensor, sentences: Rows | Tensor) -> None:
        """Take the input mean and deviation from training features (N, D_v) and (M, D_t)."""
        self.vision.standardise.fit(views)
        self.text.standardise.fit(sentences)

    def _view_encoder(self) -> ViewEncoder:
        if not isinstance(self.vision, ViewEncoder):
            raise HicalmError(
                f"The image encoder '{self.config.vision}' has no image level, so what a room or a "
                "view contributes cannot be computed: choose another model, such as 'hicalm'."
            )
        return self.vision

    def _check_width(self, name: str, rows: Tensor, expected: int) -> None:
        if rows.ndim != 2 or rows.shape[1] != expected:
            raise HicalmError(
                f"The model reads {name} features of width {expected}, but received a tensor of "
                f"shape {tuple(rows.shape)}: encode with {self.config.encoder or 'its encoder'}."
            )

    def _save_pretrained(self, save_directory: Path) -> None:
        tensors = {name: tensor.contiguous() for name, tensor in self.state_dict().items()}
        # Nothing beside it: several entries are written in random order, and hashes would differ.
        metadata = {"config": to_json(self.config.to_json(), sort_keys=True)}
        save_file(tensors, save_directory / WEIGHTS_FILE, metadata=metadata)

    @classmethod
    def _load_as_safetensor(
        cls, model: Loaded, model_file: str, map_location: str, strict: bool
    ) -> Loaded:
        try:
            return super()._load_as_safetensor(model, model_file, map_location, strict=True)
        except (RuntimeError, SafetensorError, OSError) as error:
            reason = " ".join(str(error).split())[:300]
            raise HicalmError(
                f"{model_file} does not hold all weights of this {cls.kind!r} model: {reason}"
            ) from error


class HiCALM(DualEncoder):
    """Views -> rooms -> museum and sentences -> rooms -> museum (Museums3k, 256 dimensions)."""

    kind = "hicalm"

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.vision, self.text = _image_encoder(config), _text_encoder(config)


def _image_encoder(config: ModelConfig) -> VisionEncoder:
    views, quirks = config.view_dim + config.art_dim, config.quirks
    if config.vision in COMPETITORS:
        return CompetitorImageEncoder(
            views, config.hidden, config.vision, config.inner, config.dropout
        )
    if config.vision == "flat":
        return FlatImageEncoder(views, config.hidden, config.dropout, "padded-views" in quirks)
    if config.vision == "attention":
        return AttentionImageEncoder(views, config.hidden, config.dropout, config.detail)
    return ImageEncoder(
        views,
        config.hidden,
        config.vision,
        config.dropout,
        config.merge,
        padded_rooms="padded-rooms" in quirks,
        twelvefold_mean="twelvefold-mean" in quirks,
    )


def _text_encoder(config: ModelConfig) -> DescriptionEncoder:
    half = "half-sentences" in config.quirks
    if config.text in ("flat", "attention"):
        attention = config.text == "attention"
        return FlatTextEncoder(
            config.text_dim, config.hidden, config.dropout, half, attention, config.detail
        )
    by_max = config.merge == "mean-sum" and "mean-sum-by-max" in config.quirks
    return TextEncoder(
        config.text_dim,
        config.hidden,
        config.text,
        config.dropout,
        merge="max-sum" if by_max else config.merge,
        zeroed_last="zeroed-last-sentence" in config.quirks,
        half=half,
    )
