"""What reading queries needs: the words of a collection, and background vectors of a model."""

from collections import Counter
from weakref import WeakKeyDictionary

import numpy as np

from hicalm.data.collection import Collection
from hicalm.encoders.encoder import Encoder
from hicalm.matching.background import background_texts
from hicalm.models import DualEncoder
from hicalm.reading.spelling import Vocabulary
from hicalm.retrieval.scoring import encode_queries
from hicalm.retrieval.words import words_of

USUAL = 3  # times that a word stands in a collection's texts before it mends misspelt ones
# By model: a visitor's collection does not wait for them again.
_BACKGROUNDS: WeakKeyDictionary[DualEncoder, np.ndarray] = WeakKeyDictionary()


def usual_words(collection: Collection) -> Vocabulary:
    """Return the words of a collection's texts that mend misspelt ones, the more frequent first."""
    counts = Counter(word for text in collection.sentences for word in words_of(text))
    return Vocabulary(word for word, count in counts.most_common() if count >= USUAL)


def background_vectors(model: DualEncoder, encoder: Encoder) -> np.ndarray:
    """Return the background sentences as rooms in the model's space, normalised (G, H)."""
    if model not in _BACKGROUNDS:
        features = encoder.encode_queries(background_texts()).features
        ones = np.ones(len(features), int)
        _BACKGROUNDS[model] = encode_queries(model, features, ones, ones).paragraph
    return _BACKGROUNDS[model]
