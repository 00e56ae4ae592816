"""Embeddings of a collection at all levels as one file, for other programs."""

from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from hicalm.data.collection import Collection
from hicalm.data.dataset import training_data
from hicalm.errors import HicalmError
from hicalm.files import replacing
from hicalm.models import DualEncoder
from hicalm.models.competitors import COMPETITORS
from hicalm.models.pooling import SEQUENCE_KINDS
from hicalm.ragged import offsets
from hicalm.retrieval.index import check_encoder


@torch.inference_mode()
def embed_collection(
    model: DualEncoder, collection: Collection, batch_size: int = 64, progress: bool = False
) -> dict[str, np.ndarray]:
    """Return the vectors of a collection's museums as the encoders give them, not normalised.

    text_museum and view_museum (B, H), room_offsets (B + 1,) and view_offsets (ΣR + 1,); where the
    model has the level, text_room and view_room (ΣR, H) and view (ΣV, H). ``batch_size`` matters
    only to models with quirks. Raises HicalmError for features that are missing or of another
    encoder, and for a batch size below 1.
    """
    if batch_size < 1:
        raise HicalmError(f"--batch-size must be at least 1, not {batch_size}.")
    check_encoder(collection, model)
    data = training_data(collection, bool(model.config.art_dim), None)
    parts: dict[str, list[torch.Tensor]] = {}
    blocks = range(0, len(data), batch_size)
    for first in tqdm(blocks, desc="embedding museums", disable=not progress):
        batch = data.batch(np.arange(first, min(first + batch_size, len(data))))
        text = model.encode_text(batch)
        found = {"text_museum": text.museum}
        if model.config.text in SEQUENCE_KINDS:
            found["text_room"] = text.room
        if model.config.vision in COMPETITORS:
            found["view_museum"] = model.encode_museums(batch)
        else:
            vision = model.encode_vision(batch)
            found |= {"view_museum": vision.museum, "view": vision.view}
            if model.config.vision in SEQUENCE_KINDS:
                found["view_room"] = vision.room
        for name, part in found.items():
            parts.setdefault(name, []).append(part)
    vectors = {name: torch.cat(whole).numpy() for name, whole in parts.items()}
    vectors["room_offsets"] = offsets(collection.room_counts)
    vectors["view_offsets"] = offsets(collection.view_counts)
    return vectors


def save_embeddings(vectors: dict[str, np.ndarray], out: Path) -> None:
    """Write the arrays as ``.npz``, to a temporary name first."""
    with replacing(out) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **vectors)
