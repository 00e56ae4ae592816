"""The encoders behind published features: which one a name stands for, and whether it made them.

Published features say no more of their encoder than a folder's name. Such a name stands for one or
several encoders, of open_clip or BLIP; the one that, encoding some of the stored sentences again,
gives what is stored, is the one that made them. Without it the features are still there: see
``retrieval.stored_texts``.
"""

from typing import Any, NoReturn

import numpy as np

from hicalm.data.collection import Collection, Fingerprint
from hicalm.encoders.builtin import BUILTIN
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.geometry import unit

UNKNOWN_HASH = "published"  # in a fingerprint: of the weights of a published encoder
# By the name of a published folder, what it may stand for; the likeliest first.
STANDS_FOR: dict[str, tuple[str, ...]] = {
    "clip": ("ViT-B-32:laion2b_s34b_b79k",),
    "ViT-B-32_laion2b_s34b_b79k": ("ViT-B-32:laion2b_s34b_b79k",),
    "ViT-L-14_laion2b_s32b_b82k": ("ViT-L-14:laion2b_s32b_b82k",),
    "siglip": ("ViT-B-16-SigLIP:webli",),
    "blip_base": (
        "blip-hidden:Salesforce/blip-itm-base-coco",
        "blip-hidden:Salesforce/blip-itm-base-flickr",
    ),
    "mobile_clip": (
        "MobileCLIP-S1:datacompdr",
        "MobileCLIP-S2:datacompdr",
        "MobileCLIP-B:datacompdr",
    ),
}
SAME = (
    0.99  # a lower cosine says that another encoder, or other weights, made a sentence's features
)
COMPARED = 32  # sentences, drawn evenly


class MissingEncoder(Encoder):
    """Stands where an encoder should be: it has its name, and refuses to encode, with the reason.

    ``reason`` is a sentence; every method that encodes raises it as a HicalmError.
    """

    def __init__(self, fingerprint: Fingerprint, reason: str) -> None:
        self.name, self.hash, self.dim = fingerprint.name, fingerprint.hash, fingerprint.dim
        self.query_hash, self.reason = None, reason

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise HicalmError(self.reason)

    encode_texts = encode_queries = encode_words = encode_images = encode_cells = _refuse


def open_encoder(collection: Collection, name: str = "") -> Encoder:
    """Load the encoder that made a collection's features, or a MissingEncoder.

    Args:
        collection: its view features name the encoder, or a published folder.
        name: the encoder to load, as ``Encoder.load`` takes it, in place of those that the name of
            a published folder stands for.
    Raises HicalmError where the encoder ``name`` is not there or did not make published features,
    and where the built-in encoder is broken.
    """
    own = collection.features.fingerprints["view"]
    try:
        if own.hash == UNKNOWN_HASH:
            return _published(collection, own, (name,) if name else STANDS_FOR.get(own.name, ()))
        return Encoder.load(name or own.name)
    except HicalmError as error:
        if name or own.name == BUILTIN:
            raise
        return MissingEncoder(own, f"Words and pictures cannot be read here. {error}")


def _published(collection: Collection, own: Fingerprint, names: tuple[str, ...]) -> Encoder:
    """Return the first encoder that made the features, under their fingerprint."""
    if not names:
        raise HicalmError(
            f"No encoder is known by the name '{own.name}', which these published features have."
        )
    closest = (-2.0, "")
    for name in names:
        try:
            encoder = Encoder.load(name)
        except HicalmError:
            continue  # its weights are not here
        cosine = least_cosine(collection, encoder)
        if cosine > SAME:
            encoder.name, encoder.hash = own.name, own.hash
            return encoder
        closest = max(closest, (cosine, name))
    if closest[1]:
        raise HicalmError(
            f"None of the encoders tried made the published features '{own.name}': {closest[1]} "
            f"comes closest, but it gives a stored sentence a cosine of only {closest[0]:.2f}."
        )
    raise HicalmError(
        f"The published features '{own.name}' may be those of {' or '.join(names)}, whose weights "
        "are not on this machine."
    )


def least_cosine(collection: Collection, encoder: Encoder) -> float:
    """Return the lowest cosine, in -1..1, of stored sentences' features with an encoder's.

    Of features of another width it is -1. Whether a sentence was encoded with its full stop is not
    known: the better of both counts.
    """
    stored = collection.features.rows("sentence")
    if stored.shape[1] != encoder.dim:
        return -1.0
    rows = np.unique(np.linspace(0, len(stored) - 1, COMPARED).astype(int))
    sentences = collection.sentences
    texts = [sentences[row] for row in rows]
    expected = unit(np.asarray(stored[rows]))
    bare = [text.removesuffix(".").rstrip() for text in texts]
    found = (unit(encoder.encode_texts(own)) for own in (texts, bare))
    return max(float((expected * own).sum(axis=1).min()) for own in found)
