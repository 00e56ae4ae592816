"""Views made of the anchors of attributes, and networks that were never taught."""

from collections.abc import Sequence

import numpy as np
import torch

from hicalm.encoders.attributes import anchors, attribute_columns
from hicalm.matching.phrase_meaning import PhraseMeaning, phrase_meaning
from hicalm.matching.plan_scorer import QueryPhrases
from hicalm.matching.share_networks import ShareNetworks

Pair = tuple[str, str]


def random_networks(seed: int = 0) -> ShareNetworks:
    """Return networks of random weights, large enough that their shares differ."""
    torch.manual_seed(seed)
    networks = ShareNetworks("fake f00d")
    with torch.no_grad():
        for name, parameter in networks.named_parameters():
            if name.endswith("weight"):
                parameter.mul_(4)
    return networks.eval()


def random_views(seed: int, count: int) -> np.ndarray:
    """Return features (count, 256) of views that show four random attributes each."""
    random = np.random.default_rng(seed)
    shown = random.random((count, len(anchors()))) < 4 / len(anchors())
    noise = random.standard_normal((count, 256)) * 0.03
    return (shown @ anchors().numpy() + noise).astype(np.float32)


def meaning(*pairs: Pair, surely: float = 1.0) -> PhraseMeaning:
    """Return what a phrase asks for that mentions attributes, each with the same probability."""
    probabilities = np.zeros(len(attribute_columns()), np.float32)
    probabilities[[attribute_columns()[pair] for pair in pairs]] = surely
    return phrase_meaning(probabilities)


MEANINGS = {
    "a": meaning(("subject", "horse")),
    "b": meaning(("style", "cubist"), ("palette", "greens")),
    "c": meaning(("wall_color", "red"), ("object", "bench")),
    "d": meaning(("subject", "bird"), ("wall_color", "blue"), surely=0.6),
}


def read(texts: Sequence[str] = tuple(MEANINGS)) -> QueryPhrases:
    """Return some phrases as attributes are read off them."""
    return QueryPhrases({text: MEANINGS[text] for text in texts}, {}, dict.fromkeys(texts, 1.0))


def read_vectors(texts: Sequence[str] = tuple(MEANINGS)) -> QueryPhrases:
    """Return some phrases as vectors alone, normalised, (4,)."""
    vectors = np.random.default_rng(1).standard_normal((len(MEANINGS), 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    own = dict(zip(MEANINGS, vectors, strict=True))
    return QueryPhrases(None, {text: own[text] for text in texts}, dict.fromkeys(texts, 1.0))
