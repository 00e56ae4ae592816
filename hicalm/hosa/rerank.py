"""HOSA over the rooms of a collection: it reads the best museums again, word by word.

The regions of a room are its views. A sentence is compared with every room of a museum; each
paragraph of the query counts by the room that answers its sentences best, and the museum by the
mean of the paragraphs. That is added to HiCALM's score, with a weight chosen on validation queries.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from hicalm.data.rows import Rows
from hicalm.data.training import ranges, starts
from hicalm.errors import HicalmError
from hicalm.files import write_text
from hicalm.hosa.model import HosaModel
from hicalm.hosa.nodes import Nodes, join_nodes, pad_rows

WEIGHT_FILE = "reranking.json"  # beside a checkpoint
MOST_SENTENCES = 12  # a query of more names its museum already, and would take too long
ROOMS_AT_ONCE = 512


class RoomReader:
    """The rooms of a collection as HOSA's nodes, kept to be read by the words of queries."""

    def __init__(
        self, model: HosaModel, views: Rows, view_counts: np.ndarray, room_counts: np.ndarray
    ) -> None:
        """``views`` (ΣV, D) are features of the encoder that the model names; view_counts (ΣR,) and
        room_counts (B,) say what belongs to what."""
        self.model = model
        self._room_counts = room_counts
        self._rooms = _rooms(model, views, view_counts)

    @torch.inference_mode()
    def scores(
        self, museums: np.ndarray, words: Nodes, sentence_counts: Sequence[int]
    ) -> np.ndarray:
        """Return HOSA's scores of some museums (M,) for one query, float32 (M,), in -1..1.

        ``words`` are the nodes of its sentences; ``sentence_counts`` (P,) of each paragraph.
        """
        counts = self._room_counts[museums]
        rooms = ranges(starts(self._room_counts)[museums], counts)
        found = self.model.scores(self._rooms[torch.as_tensor(rooms)], words).numpy()  # (R, S)
        lengths = np.asarray(sentence_counts)
        paragraphs = np.add.reduceat(found, starts(lengths), axis=1) / lengths
        return np.maximum.reduceat(paragraphs, starts(counts), axis=0).mean(axis=1)

    def room(self, row: int) -> Nodes:
        """Return the nodes of one room; ``row`` counts over the whole collection."""
        return self._rooms[int(row)]


@torch.inference_mode()
def sentence_nodes(model: HosaModel, words: Sequence[Sequence[str]], features: np.ndarray) -> Nodes:
    """Return the nodes of sentences from their words and the features of these, (ΣW, D)."""
    counts = torch.tensor([len(sentence) for sentence in words])
    return model.encode_words(pad_rows(torch.from_numpy(features), counts), counts)


@torch.inference_mode()
def _rooms(model: HosaModel, views: Rows, view_counts: np.ndarray) -> Nodes:
    ends, parts = np.cumsum(view_counts), []
    for first in range(0, len(view_counts), ROOMS_AT_ONCE):
        counts = view_counts[first : first + ROOMS_AT_ONCE]
        begin = int(ends[first] - counts[0])
        rows = torch.as_tensor(views[begin : begin + int(counts.sum())]).float()
        own = torch.as_tensor(counts)
        parts.append(model.encode_regions(pad_rows(rows, own), own))
    return join_nodes(parts)


def load_weight(folder: Path) -> tuple[float, bool]:
    """Return the weight of HOSA's score beside HiCALM's, and whether re-ranking is on by default.

    Raises HicalmError for a file that does not say it.
    """
    path = Path(folder) / WEIGHT_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return float(content["weight"]), bool(content["default"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HicalmError(
            f"'{path}' does not hold the weight of re-ranking: choose it with "
            "'python -m hicalm hosa weigh'."
        ) from error


def save_weight(folder: Path, weight: float, default: bool) -> None:
    """Write the weight beside a checkpoint."""
    content = json.dumps({"weight": weight, "default": default}, indent=1)
    write_text(Path(folder) / WEIGHT_FILE, content + "\n")
