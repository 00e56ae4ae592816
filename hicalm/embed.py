"""Embeddings of a collection at all levels as one file, for other programs."""

from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from hicalm.data.batch import TextBatch, ViewBatch
from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.index import check_encoder, view_features
from hicalm.models import TwoTowers
from hicalm.models.competitors import COMPETITORS


@torch.inference_mode()
def embed_collection(
    model: TwoTowers, collection: Collection, batch_size: int = 64, progress: bool = False
) -> dict[str, np.ndarray]:
    """Return the vectors of a collection's museums as the towers give them, not normalised.

    text_museum and view_museum (B, H), room_offsets (B + 1,) and view_offsets (ΣR + 1,); where the
    model has the level, text_room and view_room (ΣR, H) and view (ΣV, H). ``batch_size`` matters
    only to models with quirks. Raises HicalmError for features that are missing or of another
    encoder, and for a batch size below 1.
    """
    if batch_size < 1:
        raise HicalmError(f"--batch-size must be at least 1, not {batch_size}.")
    check_encoder(collection, model)
    views = view_features(collection, model.config.art_dim)
    sentences = collection.features.get("sentence")
    rooms, paragraphs = collection.room_counts, collection.paragraph_counts
    parts: dict[str, list[torch.Tensor]] = {}
    blocks = range(0, len(rooms), batch_size)
    for first in tqdm(blocks, desc="embedding museums", disable=not progress):
        chosen = slice(first, first + batch_size)
        text = model.encode_text(_text_batch(sentences, collection, paragraphs, chosen))
        vision = model.encode_vision(_view_batch(views, collection, rooms, chosen))
        found = {"text_museum": text.museum, "view_museum": vision.museum}
        if model.config.text != "flat":
            found["text_room"] = text.room
        if model.config.vision not in ("flat", *COMPETITORS):
            found["view_room"] = vision.room
        if model.config.vision not in COMPETITORS:
            found["view"] = vision.view
        for name, vectors in found.items():
            parts.setdefault(name, []).append(vectors)
    vectors = {name: torch.cat(blocks).numpy() for name, blocks in parts.items()}
    return vectors | {
        "room_offsets": _offsets(rooms), "view_offsets": _offsets(collection.view_counts)
    }  # fmt: skip


def save_embeddings(vectors: dict[str, np.ndarray], out: Path) -> None:
    """Write the arrays as ``.npz``, to a temporary name first."""
    temporary = Path(out).with_name(f"{Path(out).name}.tmp")
    try:
        with temporary.open("wb") as file:
            np.savez(file, **vectors)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


def _text_batch(
    sentences: np.ndarray, collection: Collection, paragraphs: np.ndarray, chosen: slice
) -> TextBatch:
    groups, rows = _slices(collection.sentence_counts, paragraphs, chosen)
    counts = torch.as_tensor(paragraphs[chosen])
    introduction = torch.zeros(groups.stop - groups.start, dtype=torch.bool)
    introduction[counts.cumsum(0) - counts] = True
    return TextBatch(
        sentences=torch.as_tensor(sentences[rows]),
        sentence_counts=torch.as_tensor(collection.sentence_counts[groups]),
        paragraph_counts=counts,
        is_introduction=introduction,
    )


def _view_batch(
    views: np.ndarray, collection: Collection, rooms: np.ndarray, chosen: slice
) -> ViewBatch:
    groups, rows = _slices(collection.view_counts, rooms, chosen)
    return ViewBatch(
        views=torch.as_tensor(views[rows]),
        view_counts=torch.as_tensor(collection.view_counts[groups]),
        room_counts=torch.as_tensor(rooms[chosen]),
    )


def _slices(inner: np.ndarray, outer: np.ndarray, chosen: slice) -> tuple[slice, slice]:
    """Return the groups of the chosen museums, and the rows of these groups."""
    group, row = _offsets(outer), _offsets(inner)
    last = min(chosen.stop, len(outer))
    groups = slice(int(group[chosen.start]), int(group[last]))
    return groups, slice(int(row[groups.start]), int(row[groups.stop]))


def _offsets(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)])
