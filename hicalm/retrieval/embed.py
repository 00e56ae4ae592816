"""Embeddings of a collection at all levels as one file, for other programs."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from tqdm import tqdm

from hicalm.data.collection import Collection, load_collection
from hicalm.data.dataset import TrainingData, training_data
from hicalm.data.paragraphs import paragraphs_of
from hicalm.data.ray_work import Pieces, do_pieces, named_museums, piece_path, work_folder
from hicalm.errors import HicalmError
from hicalm.files import replacing
from hicalm.models import DualEncoder
from hicalm.models.competitors import COMPETITORS
from hicalm.models.pooling import SEQUENCE_KINDS
from hicalm.ragged import offsets
from hicalm.retrieval.index import check_encoder

WORK = "embed"  # the name of the work folder
BATCHES = 8  # of museums in a piece
# In the order of the file
NAMES = ("text_museum", "text_room", "view_museum", "view", "view_room")


def embed_collection(
    model: DualEncoder, collection: Collection, batch_size: int = 64, progress: bool = False
) -> dict[str, np.ndarray]:
    """Return the vectors of a collection's museums as the encoders give them, not normalised.

    text_museum and view_museum (B, H), room_offsets (B + 1,) and view_offsets (ΣR + 1,); where the
    model has the level, text_room and view_room (ΣR, H) and view (ΣV, H), but text_room only where
    each room has a paragraph. ``batch_size`` matters only to models with quirks. Raises HicalmError
    for features that are missing or of another encoder, and for a batch size below 1.
    """
    data = _data_of(model, collection, batch_size)
    told = paragraphs_of(collection).tell_each_room
    vectors = _embed_museums(model, data, range(len(data)), batch_size, told, progress)
    return vectors | _offsets(collection)


def embed_by_ray(
    folder: Path,
    load: Callable[[], DualEncoder],
    name: str,
    batch_size: int,
    address: str,
    threads: int,
) -> dict[str, np.ndarray]:
    """Return what ``embed_collection`` does of the collection in ``folder``, by many processes.

    What an interrupted run left in a work folder is not made again; ``ray_work.remove_work`` does.

    Args:
        load: opens the model; called once in every process, so picklable.
        name: of the model and its content.
        address, threads: as ``ray_work.do_pieces`` takes them.

    Raises HicalmError as those do.
    """
    folder = Path(folder).resolve()
    collection = load_collection(folder)
    museums = len(_data_of(load(), collection, batch_size))
    made_of = [f"{kind} {one.label}" for kind, one in collection.features.fingerprints.items()]
    work = work_folder(folder, WORK, [name, str(batch_size), *made_of])
    size = BATCHES * batch_size
    pieces = range(-(-museums // size))
    todo = [piece for piece in pieces if not piece_path(work, piece).exists()]
    open_work = partial(_Embedding, folder, work, load, batch_size)

    def named(piece: int) -> str:
        own = collection.museums[piece * size : (piece + 1) * size]
        return named_museums([museum.id for museum in own])

    do_pieces(address, open_work, Pieces(todo, work, named, "pieces embedded"), threads)
    parts = [load_file(piece_path(work, piece)) for piece in pieces]
    found = [kind for kind in NAMES if kind in parts[0]]
    return {n: np.concatenate([part[n] for part in parts]) for n in found} | _offsets(collection)


class _Embedding:
    """Embeds pieces of a collection: whole batches of its museums, as one process has them."""

    def __init__(
        self, folder: Path, work: Path, load: Callable[[], DualEncoder], batch_size: int
    ) -> None:
        self._model, self._folder, self._batch_size = load(), work, batch_size
        collection = load_collection(folder)
        self._told = paragraphs_of(collection).tell_each_room
        self._data = _data_of(self._model, collection, batch_size)

    def __call__(self, piece: int) -> None:
        size = BATCHES * self._batch_size
        museums = range(len(self._data))[piece * size : (piece + 1) * size]
        vectors = _embed_museums(self._model, self._data, museums, self._batch_size, self._told)
        with replacing(piece_path(self._folder, piece)) as temporary:
            save_file(vectors, temporary)


def _data_of(model: DualEncoder, collection: Collection, batch_size: int) -> TrainingData:
    if batch_size < 1:
        raise HicalmError(f"--batch-size must be at least 1, not {batch_size}.")
    check_encoder(collection, model)
    return training_data(collection, bool(model.config.art_dim), None)


def _offsets(collection: Collection) -> dict[str, np.ndarray]:
    return {
        "room_offsets": offsets(collection.room_counts),
        "view_offsets": offsets(collection.view_counts),
    }


@torch.inference_mode()
def _embed_museums(
    model: DualEncoder,
    data: TrainingData,
    museums: range,
    batch_size: int,
    tell_each_room: bool,
    progress: bool = False,
) -> dict[str, np.ndarray]:
    parts: dict[str, list[torch.Tensor]] = {}
    blocks = museums[::batch_size]
    for first in tqdm(blocks, desc="embedding museums", disable=not progress):
        batch = data.batch(np.arange(first, min(first + batch_size, museums.stop)))
        text = model.encode_text(batch)
        found = {"text_museum": text.museum}
        if tell_each_room and model.config.text in SEQUENCE_KINDS:
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
    return {name: torch.cat(whole).numpy() for name, whole in parts.items()}


def save_embeddings(vectors: dict[str, np.ndarray], out: Path) -> None:
    """Write the arrays as ``.npz``, to a temporary name first."""
    with replacing(out) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **vectors)
