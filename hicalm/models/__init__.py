"""HiCALM and what it is compared with; losses, checkpoints, conversion of published weights."""

from hicalm.models.embeddings import TextEmbedding, VisionEmbedding
from hicalm.models.flat import Flat
from hicalm.models.hicalm import DualEncoder, HiCALM, ModelConfig

MODEL_CLASSES: dict[str, type[DualEncoder]] = {model.kind: model for model in (HiCALM, Flat)}


def make_model(config: ModelConfig) -> DualEncoder:
    """Build the model class that ``config.kind`` names, with fresh weights."""
    return MODEL_CLASSES[config.kind](config)


__all__ = [
    "MODEL_CLASSES",
    "DualEncoder",
    "Flat",
    "HiCALM",
    "ModelConfig",
    "TextEmbedding",
    "VisionEmbedding",
    "make_model",
]
