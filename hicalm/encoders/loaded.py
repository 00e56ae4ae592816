"""What the loaders hand to the encoder: a model with what it needs around it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hicalm.encoders.query_encoder import QueryEncoder
from hicalm.encoders.tokens import TextTokenizer

if TYPE_CHECKING:  # torch takes a second to import: only loading needs it
    import torch
    from PIL import Image


@dataclass(frozen=True)
class LoadedModel:
    """A model in evaluation mode, open_clip's or in its layout, its tokenizer and preprocessing.

    open_clip has no types, so the model has none. preprocess: PIL image -> float32 (3, h, w).
    pad_token: the id that pads texts, where the text encoder masks it, so that trailing padding may
    be cut off without changing a result; None where the encoder needs its whole context.
    """

    name: str
    dim: int  # D of both encoders' embeddings
    hash: str  # of everything that decides an embedding, HASH_DIGITS hexadecimal digits
    model: Any
    tokenizer: TextTokenizer
    preprocess: "Callable[[Image.Image], torch.Tensor]"
    pad_token: int | None = None
    size: tuple[int, int] | None = None  # height and width of pictures that need no resizing...
    # ...uint8 (N, h, w, 3) of them -> float32 (N, 3, h, w)
    batch_preprocess: "Callable[[np.ndarray], torch.Tensor] | None" = None
    query: QueryEncoder | None = None  # for typed phrases; None: the text encoder reads them
