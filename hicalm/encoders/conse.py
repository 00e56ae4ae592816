"""The offline encoder of photographs: what a classifier sees in them, in the space of its words.

A photograph is the mean of the vectors of ImageNet's class names, weighted by the probabilities
that EfficientNet-Lite2 gives them; a text is MiniLM's own vector (ConSE: Norouzi et al., 2014,
"Zero-shot learning by convex combination of semantic embeddings"). Both come with packages of
PyPI, and nothing of it is trained here. It knows what the 1,000 classes name, above all animals and
things, and little of styles, colours or moods. Sizes: N pictures or texts, L tokens.
"""

import threading

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from hicalm.encoders.builtin_networks import MeanPooler
from hicalm.encoders.efficientnet_lite import MEAN, SCALE, SHA256, SIZE, load_efficientnet
from hicalm.encoders.empty_networks import empty
from hicalm.encoders.loaded import LoadedModel
from hicalm.encoders.minilm import MINILM_SHA256
from hicalm.encoders.minilm_network import PAD, WIDTH, MiniLM, fill
from hicalm.encoders.tokens import MiniLMTokenizer
from hicalm.encoders.weights import content_hash

KEPT_CLASSES = 10  # of a picture, the likeliest; as in the paper
TEXT_TOKENS = 48  # of a text, its two end marks included
NAMES_AT_ONCE = 100
VERSION = b"conse 1"  # changes when the way from probabilities to features does


class ConSE(nn.Module):
    """Both sides. The image side is loaded when it is first used: a search reads texts alone."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer, self.pooler = MiniLM(), MeanPooler()
        self._lock = threading.Lock()
        self._image_side: tuple[nn.Module, Tensor] | None = None

    def encode_text(self, tokens: Tensor) -> Tensor:
        """Return the mean tokens of texts, int64 (N, L) padded with 0: float32 (N, 384)."""
        mask = (tokens != PAD).long()
        return self.pooler(self.transformer(tokens, mask).last_hidden_state, mask)

    def encode_image(self, batch: Tensor) -> Tensor:
        """Return the weighted class names of network input (N, 3, h, w): float32 (N, 384).

        Raises HicalmError where the classifier's package is missing.
        """
        classifier, names = self._images(batch.device)
        likely, classes = classifier(batch).softmax(dim=1).topk(KEPT_CLASSES, dim=1)
        weights = likely / likely.sum(dim=1, keepdim=True)
        return torch.einsum("nk,nkd->nd", weights, names[classes])

    def _images(self, device: torch.device) -> tuple[nn.Module, Tensor]:
        """Return the classifier and the vectors of its classes' names (1000, 384)."""
        with self._lock:
            if self._image_side is None:
                classifier = load_efficientnet()[0].to(device)
                tokens = MiniLMTokenizer(TEXT_TOKENS)(class_names()).to(device)
                tokens = tokens[:, : int((tokens != PAD).sum(dim=1).max())]
                parts = [self.encode_text(own) for own in tokens.split(NAMES_AT_ONCE)]
                self._image_side = classifier, torch.cat(parts)
            return self._image_side


def class_names() -> list[str]:
    """Return the names of ImageNet's 1,000 classes, as the authors of CLIP chose them."""
    from open_clip.zero_shot_metadata import IMAGENET_CLASSNAMES  # seconds: for pictures alone

    return list(IMAGENET_CLASSNAMES)


def load_conse() -> LoadedModel:
    """Load the encoder on the CPU, in evaluation mode.

    Raises HicalmError where MiniLM is missing.
    """
    return LoadedModel(
        name="conse",
        dim=WIDTH,
        hash=content_hash([VERSION, bytes.fromhex(SHA256), bytes.fromhex(MINILM_SHA256)]),
        model=fill(empty(ConSE), "transformer", {}),
        tokenizer=MiniLMTokenizer(TEXT_TOKENS),
        preprocess=_preprocess,
        pad_token=PAD,
    )


def _preprocess(picture: Image.Image) -> Tensor:
    resized = picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return (torch.from_numpy(np.array(resized)).permute(2, 0, 1).float() - MEAN) / SCALE
