"""Background sentences, of things that museums hardly show: matches are measured against them."""

from weakref import WeakKeyDictionary

import numpy as np
import torch

from hicalm.encoders.encoder import Encoder
from hicalm.encoders.published import MissingEncoder
from hicalm.encoders.recipe.word_lists import load_background
from hicalm.geometry import normalise
from hicalm.models import DualEncoder

SENTENCES = 160  # enough for a 95th percentile; reading them takes about half a second
# By model: a visitor's collection does not wait for them again.
_VECTORS: WeakKeyDictionary[DualEncoder, np.ndarray] = WeakKeyDictionary()


def background_texts() -> list[str]:
    """Return the background sentences (G), drawn evenly from the wordings of no attribute."""
    texts = load_background()
    return texts[:: max(1, len(texts) // SENTENCES)][:SENTENCES]


@torch.inference_mode()
def background_vectors(model: DualEncoder, encoder: Encoder) -> np.ndarray:
    """Return the background sentences as a model places them among rooms, normalised (G, H).

    Where the encoder is missing, a single vector of zeros: no phrases are read there at all.
    """
    if isinstance(encoder, MissingEncoder):
        return np.zeros((1, model.config.hidden), np.float32)
    if model not in _VECTORS:
        features = torch.as_tensor(encoder.encode_queries(background_texts()).features)
        ones = torch.ones(len(features), dtype=torch.long)
        _VECTORS[model] = normalise(model.encode_paragraphs(features, ones)).numpy()
    return _VECTORS[model]
