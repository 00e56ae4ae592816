"""Descriptions of training that a checkpoint keeps, to find museums that are near to every text.

A file beside the checkpoint holds them in the model's space, so that any collection can be compared
with them when it is indexed (``retrieval.standards``). Sizes: T texts with ΣP paragraphs of rooms
and ΣS sentences, H dimensions.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from hicalm.data.batches import TextBatch
from hicalm.errors import HicalmError
from hicalm.files import replacing
from hicalm.geometry import normalise
from hicalm.models.embeddings import TextLevels
from hicalm.models.score_weights import LevelWeights
from hicalm.ragged import segment_sum

KNOWN_TEXTS = "known_texts.safetensors"  # beside a checkpoint
STORED = ("museum", "room", "sentence", "room_counts", "sentence_counts")  # its arrays


@dataclass(frozen=True)
class KnownTexts:
    """Normalised vectors, float32: museum (T, H), room (ΣP, H), sentence (ΣS, H or detail).

    room_counts (T,) and sentence_counts (T,) say which belong to which text, each at least 1;
    weights (3,) are those of a description's levels, in ``scoring.json``.
    """

    museum: np.ndarray
    room: np.ndarray
    sentence: np.ndarray
    room_counts: np.ndarray
    sentence_counts: np.ndarray
    weights: np.ndarray

    def save(self, folder: Path) -> None:
        """Write the texts beside a checkpoint, in half precision."""
        arrays = {name: getattr(self, name) for name in STORED}
        with replacing(Path(folder) / KNOWN_TEXTS) as temporary:
            save_file({name: _stored(array) for name, array in arrays.items()}, temporary)

    @classmethod
    def of(cls, text: TextLevels, batch: TextBatch, weights: np.ndarray) -> Self:
        """Keep encoded descriptions, each with a paragraph of a room at least."""
        museum, room, sentence = (normalise(rows.float()).cpu().numpy() for rows in text)
        rooms = segment_sum((~batch.is_introduction).long(), batch.paragraph_counts)
        sentences = segment_sum(batch.sentence_counts, batch.paragraph_counts)
        counts = rooms.cpu().numpy(), sentences.cpu().numpy()
        return cls(museum, room, sentence, *counts, weights)

    @classmethod
    def load(cls, folder: Path, widths: tuple[int, int, int]) -> Self | None:
        """Read the texts beside a checkpoint, of these widths; None where there are none.

        Raises HicalmError for a file that does not hold them.
        """
        path = Path(folder) / KNOWN_TEXTS
        if not path.is_file():
            return None
        try:
            arrays = load_file(path)
            vectors = [arrays[name].astype(np.float32) for name in STORED[:3]]
            counts = [arrays[name].astype(np.int64) for name in STORED[3:]]
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise HicalmError(f"'{path}' does not hold the texts of training: {error}.") from error
        sizes = [len(vectors[0]), *(int(own.sum()) for own in counts)]
        if (
            tuple(rows.shape[1:] for rows in vectors) != tuple((width,) for width in widths)
            or not all(np.isfinite(rows).all() for rows in vectors)
            or sizes != [len(rows) for rows in vectors]
            or not all(len(own) == sizes[0] > 0 and own.min() > 0 for own in counts)
        ):
            raise HicalmError(
                f"'{path}' must hold finite vectors of widths {widths}, of at least one text, and "
                "how many belong to each. Train the model again, or delete it: hubs then stay."
            )
        weights = np.array(LevelWeights.load(folder).description, np.float32)
        museum, room, sentence = vectors
        return cls(museum, room, sentence, counts[0], counts[1], weights)


def _stored(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float16 if array.dtype.kind == "f" else np.int32)
