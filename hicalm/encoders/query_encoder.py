"""The query encoder: a second text encoder for what people type, in the same space.

Descriptions and queries are worded differently, so retrieval systems often have one encoder for
each. This one shares MiniLM's unchanged lower layers with the text encoder and has upper layers of
its own. From its embedding e it reads how surely each attribute a is mentioned,

    p_a = sigmoid(scale_a · (e · anchor_a) + offset_a),

and gives the clean sum Σ p_a^0.7 anchor_a in place of e: small components of what is not mentioned
would change a ranking. The less anything is known, the more of e's own direction stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hicalm.encoders.minilm import MINILM_SHA256
from hicalm.encoders.weights import content_hash, load_state
from hicalm.errors import HicalmError

if TYPE_CHECKING:  # torch takes a second to import: only loading and reading need it
    import torch

    from hicalm.encoders.builtin_networks import BuiltinText

SCALE, OFFSET, NORM = "attribute_scale", "attribute_offset", "feature_norm"
# Of probabilities, in features: below 1, what is read faintly counts a little more, as it is more
# often right than a false alarm. Chosen on the validation queries among 1, 0.7, 0.5, 0.35, 0.25.
EXPONENT = 0.7


@dataclass(frozen=True)
class QueryFeatures:
    """What an encoder reads in N typed phrases.

    features: float32 (N, D), in the space and of about the length of ``encode_texts``.
    probabilities: float32 (N, A) from 0 to 1, how surely each attribute value is mentioned, in the
        order of ``attributes.KINDS``; None of an encoder without a query encoder.
    """

    features: np.ndarray
    probabilities: np.ndarray | None


@dataclass(frozen=True)
class QueryEncoder:
    """A text encoder of typed phrases and what turns its embeddings into features.

    text: as the text encoder, token ids (N, L) -> (N, D). scale, offset: float32 (A,).
    """

    text: "BuiltinText"
    anchors: np.ndarray  # float32 (A, D), orthonormal
    scale: np.ndarray
    offset: np.ndarray
    norm: float  # of the features: the mean length of the text encoder's embeddings
    hash: str  # of everything that decides a query's features, as the encoder's own hash

    def sharpened(self, embeddings: np.ndarray) -> QueryFeatures:
        """Return features and probabilities from embeddings of ``text``, float32 (N, D)."""
        from hicalm.geometry import unit

        logits = embeddings @ self.anchors.T * self.scale + self.offset
        probabilities = (0.5 + 0.5 * np.tanh(logits / 2)).astype(np.float32)  # never overflows
        unknown = 1 - probabilities.max(axis=1, keepdims=True)
        features = probabilities**EXPONENT @ self.anchors + unknown * unit(embeddings)
        return QueryFeatures((unit(features) * self.norm).astype(np.float32), probabilities)


def load_query_encoder(
    path: Path, text_encoder: "BuiltinText", text_state: Mapping[str, "torch.Tensor"]
) -> QueryEncoder:
    """Load a query encoder's file.

    Args:
        text_encoder: an empty one, which is filled; what it does not change of MiniLM is shared.
        text_state: what training changed of the text encoder.
    Raises HicalmError for an unreadable file, for foreign, wrong-shaped or missing keys, and for
    another dimension than that of the attributes' anchors.
    """
    import torch

    from hicalm.encoders.attributes import anchors
    from hicalm.encoders.minilm_network import fill

    directions = anchors()
    network = text_encoder.state_dict()
    numbers = torch.empty(len(directions))
    own = {SCALE: numbers, OFFSET: numbers, NORM: torch.empty(())}
    state = load_state(path, network | own, needed=(*own, *text_state))
    if network["proj.weight"].shape[0] != directions.shape[1]:
        raise HicalmError(
            f"{path} belongs to an encoder of {directions.shape[1]} dimensions, but the text "
            f"encoder beside it has {network['proj.weight'].shape[0]}: remove the file."
        )
    scale, offset, norm = (state.pop(key).float().numpy() for key in own)
    return QueryEncoder(
        text=fill(text_encoder, "transformer", state),
        anchors=directions.numpy(),
        scale=scale,
        offset=offset,
        norm=float(norm),
        hash=content_hash([path.read_bytes(), bytes.fromhex(MINILM_SHA256)]),
    )
