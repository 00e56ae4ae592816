"""HOSA over the rooms of a collection: it re-ranks the best museums, word by word.

The regions of a room are its views. A sentence is compared with every room of a museum; each
paragraph of the query counts by the room that answers its sentences best, and the museum by the
mean of the paragraphs. That is added to HiCALM's score, with a weight chosen on validation queries.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from hicalm.data.rows import Rows
from hicalm.errors import HicalmError
from hicalm.files import write_text
from hicalm.hosa.model import HosaModel
from hicalm.hosa.nodes import Nodes, pad_rows
from hicalm.ragged import ranges, starts

WEIGHT_FILE = "reranking.json"  # beside a checkpoint
EncodeWords = Callable[[Sequence[str]], tuple[list[list[str]], np.ndarray]]
MAX_SENTENCES = 12  # a query of more names its museum already, and would take too long
ROOMS_AT_ONCE = 256


class RoomScorer:
    """The rooms of a collection as HOSA's nodes, kept to be read by the words of queries."""

    def __init__(
        self, model: HosaModel, views: Rows, view_counts: np.ndarray, room_counts: np.ndarray
    ) -> None:
        """``views`` (ΣV, D) are features of the encoder that the model names; view_counts (ΣR,) and
        room_counts (B,) say what belongs to what."""
        self.model = model
        self._room_counts, self._view_counts = room_counts, view_counts
        # one room after the other, without padding: a single long room would make all of them long
        self._nodes = _flat_nodes(model, views, view_counts)
        self._starts = starts(view_counts + 1)

    @torch.inference_mode()
    def scores(self, museums: np.ndarray, sentences: "Sentences") -> np.ndarray:
        """Return HOSA's scores of some museums (M,) for one query, float32 (M,), in -1..1."""
        counts = self._room_counts[museums]
        rooms = self._rooms(ranges(starts(self._room_counts)[museums], counts))
        found = self.model.scores(rooms, sentences.nodes).numpy()  # (R, S)
        lengths = np.asarray(sentences.counts)
        paragraphs = np.add.reduceat(found, starts(lengths), axis=1) / lengths
        return np.maximum.reduceat(paragraphs, starts(counts), axis=0).mean(axis=1)

    def room(self, row: int) -> Nodes:
        """Return the nodes of one room; ``row`` counts over the whole collection."""
        return self._rooms(np.array([row]))

    def _rooms(self, rows: np.ndarray) -> Nodes:
        counts = self._view_counts[rows]
        flat = self._nodes[torch.as_tensor(ranges(self._starts[rows], counts + 1))]
        return Nodes(pad_rows(flat, torch.as_tensor(counts + 1)), torch.as_tensor(counts))


@dataclass(frozen=True)
class Sentences:
    """A query's sentences in words (S lists), their nodes, and how many each paragraph has (P,).

    A sentence of which the encoder reads no word is left out, and a paragraph without any.
    """

    words: list[list[str]]
    nodes: Nodes
    counts: list[int]


@torch.inference_mode()
def read_sentences(
    model: HosaModel, paragraphs: Sequence[Sequence[str]], encode_words: EncodeWords
) -> Sentences:
    """Read the sentences of a query's paragraphs.

    Raises HicalmError for no paragraph (a picture), for more than twelve sentences, and where no
    sentence has a word that the encoder reads.
    """
    texts = [sentence for paragraph in paragraphs for sentence in paragraph]
    if not texts:
        raise HicalmError("A picture has no words that views could answer. Type a query.")
    if len(texts) > MAX_SENTENCES:
        raise HicalmError(
            f"Words are read one by one in queries of at most {MAX_SENTENCES} sentences, and this "
            f"one has {len(texts):,}. Shorten it."
        )
    words, features = encode_words(texts)
    lengths = torch.tensor([len(sentence) for sentence in words])
    owner = np.repeat(np.arange(len(paragraphs)), [len(paragraph) for paragraph in paragraphs])
    counts = np.bincount(owner[lengths.numpy() > 0])
    kept = lengths[lengths > 0]
    if not len(kept):
        raise HicalmError("The encoder reads no word of this query. Begin it with plain words.")
    nodes = model.encode_words(pad_rows(torch.from_numpy(features), kept), kept)
    return Sentences([own for own in words if own], nodes, counts[counts > 0].tolist())


@torch.inference_mode()
def _flat_nodes(model: HosaModel, views: Rows, view_counts: np.ndarray) -> torch.Tensor:
    """Return the nodes of all rooms, each global node before its views', (ΣV + ΣR, d)."""
    begins, ends = starts(view_counts + 1), np.cumsum(view_counts)
    nodes = torch.empty(int(view_counts.sum()) + len(view_counts), model.config.width)
    order = np.argsort(view_counts, kind="stable")  # rooms of like length waste no padding
    for first in range(0, len(order), ROOMS_AT_ONCE):
        rooms = order[first : first + ROOMS_AT_ONCE]
        counts = view_counts[rooms]
        rows = torch.as_tensor(views[ranges(ends[rooms] - counts, counts)]).float()
        own = torch.as_tensor(counts)
        found = model.encode_regions(pad_rows(rows, own), own)
        nodes[torch.as_tensor(ranges(begins[rooms], counts + 1))] = found.vectors[found.mask]
    return nodes


def load_weight(folder: Path) -> tuple[float, bool] | None:
    """Return the weight of HOSA's score beside HiCALM's, and whether it re-ranks by default.

    None where none was chosen. Raises HicalmError for a file that does not say it.
    """
    path = Path(folder) / WEIGHT_FILE
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        weight, default = float(content["weight"]), content["default"]
        if not math.isfinite(weight) or type(default) is not bool:
            raise ValueError(f"{weight}, {default}")
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise HicalmError(
            f"'{path}' does not hold the weight of re-ranking: choose it with "
            "'python -m hicalm hosa tune-rerank'."
        ) from error
    return weight, default


def save_weight(folder: Path, weight: float, default: bool) -> None:
    """Write the weight beside a checkpoint."""
    content = json.dumps({"weight": weight, "default": default}, indent=1)
    write_text(Path(folder) / WEIGHT_FILE, content + "\n")
