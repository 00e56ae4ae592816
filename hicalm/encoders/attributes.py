"""The attributes the built-in encoder is taught, and the fixed direction of each in its space.

Both encoders learn towards the same orthonormal anchors, one per attribute value: an image's
embedding has a large component along the anchor of what it shows, a text's along what it says.
This lets the encoders be trained apart and still meet; the alignment that follows is short.
"""

import numpy as np
import torch

from hicalm.world.vocabulary import (
    FLOORS,
    LIGHTINGS,
    OBJECTS,
    PALETTES,
    STYLES,
    SUBJECTS,
    WALL_COLORS,
)

EMBED_DIM = 256  # D of the built-in encoder
ANCHOR_SEED = 11

KINDS = {
    "subject": SUBJECTS,
    "style": STYLES,
    "palette": PALETTES,
    "wall_color": WALL_COLORS,
    "floor": FLOORS,
    "lighting": LIGHTINGS,
    "object": OBJECTS,
}
PAINTING_KINDS = ("subject", "style", "palette")
ROOM_KINDS = ("wall_color", "floor", "lighting")  # exactly one value a room; objects: any number


def kind_slices() -> dict[str, slice]:
    """Return the columns of each kind among all attribute values."""
    slices, start = {}, 0
    for kind, values in KINDS.items():
        slices[kind] = slice(start, start + len(values))
        start += len(values)
    return slices


def attribute_columns() -> dict[tuple[str, str], int]:
    """Return the column of every (kind, value)."""
    pairs = [(kind, value) for kind, values in KINDS.items() for value in values]
    return {pair: column for column, pair in enumerate(pairs)}


def anchors() -> torch.Tensor:
    """Return the fixed orthonormal anchors, float32 (attribute values, EMBED_DIM)."""
    count = sum(len(values) for values in KINDS.values())
    gaussian = np.random.default_rng(ANCHOR_SEED).normal(size=(EMBED_DIM, count))
    orthonormal, triangle = np.linalg.qr(gaussian)
    orthonormal *= np.sign(np.diag(triangle))  # QR is unique only up to these signs
    return torch.from_numpy(np.ascontiguousarray(orthonormal.T, dtype=np.float32))
