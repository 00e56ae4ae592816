"""HOSA over the rooms of a collection: it re-ranks the best museums, word by word.

The regions of a room are its views. A sentence is compared with every room of a museum; each
paragraph of the query counts by the room that answers its sentences best, and the museum by the
mean of the paragraphs. What that adds to HiCALM's score is its part ``words``: weight x (1 + HOSA's
score), with a weight chosen on validation queries. It is never negative, since a cosine is at least
-1, so that a museum whose words were read cannot fall below one whose words were not.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from hicalm.data.rows import Rows
from hicalm.errors import HicalmError
from hicalm.files import read_json, to_json, write_text
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
        self,
        model: HosaModel,
        views: Rows,
        view_counts: np.ndarray,
        room_counts: np.ndarray,
        in_memory: bool = True,
    ) -> None:
        """``views`` (ΣV, D) are features of the encoder that the model names; view_counts (ΣR,) and
        room_counts (B,) say what belongs to what. Rooms not ``in_memory`` are read when asked for.
        """
        self.model, self._views, self._in_memory = model, views, in_memory
        self._room_counts, self._view_counts = room_counts, view_counts
        self._room_starts = starts(room_counts)

    @cached_property
    def _view_starts(self) -> np.ndarray:
        """The first view of each room (ΣR,)."""
        return starts(self._view_counts)

    @cached_property
    def _nodes(self) -> torch.Tensor:
        """One room after the other, without padding: a long room would make all of them long."""
        return _flat_nodes(self.model, self._views, self._view_counts)

    def prepare(self) -> None:
        """Make the nodes (a fraction of a second), which the first use would wait for."""
        if self._in_memory:
            _ = self._nodes

    @torch.inference_mode()
    def scores(self, museums: np.ndarray, sentences: "Sentences") -> np.ndarray:
        """Return HOSA's scores of some museums (M,) for one query, float32 (M,), in -1..1."""
        counts = self._room_counts[museums]
        rooms = self._rooms(ranges(self._room_starts[museums], counts))
        found = paragraph_scores(self.model.scores(rooms, sentences.nodes), sentences)
        return np.maximum.reduceat(found, starts(counts), axis=0).mean(axis=1)

    def museum_nodes(self, museum: int) -> Nodes:
        """Return the nodes of the rooms of one museum."""
        first = self._room_starts[museum]
        return self._rooms(np.arange(first, first + self._room_counts[museum]))

    def museum_views(self, museum: int) -> tuple[torch.Tensor, np.ndarray]:
        """Return the features of one museum's views, float32 (V, D), and its view counts (R,)."""
        first = self._room_starts[museum]
        counts = self._view_counts[first : first + self._room_counts[museum]]
        begin = self._view_starts[first]
        rows = np.asarray(self._views[begin : begin + counts.sum()])
        return torch.as_tensor(rows).float(), counts

    def room(self, row: int) -> Nodes:
        """Return the nodes of one room; ``row`` counts over the whole collection."""
        return self._rooms(np.array([row]))

    def _rooms(self, rows: np.ndarray) -> Nodes:
        counts = self._view_counts[rows]
        if self._in_memory:
            flat = self._nodes[torch.as_tensor(ranges(self._view_starts[rows] + rows, counts + 1))]
        else:
            own = self._views[ranges(self._view_starts[rows], counts)]
            flat = _flat_nodes(self.model, own, counts)
        return Nodes(pad_rows(flat, torch.as_tensor(counts + 1)), torch.as_tensor(counts))


@dataclass(frozen=True)
class Sentences:
    """A query's sentences in words (S lists), their nodes, and how many each paragraph has (P,).

    A sentence of which the encoder reads no word is left out, and a paragraph without any.
    """

    words: list[list[str]]
    nodes: Nodes
    counts: list[int]


def paragraph_scores(found: torch.Tensor, sentences: Sentences) -> np.ndarray:
    """Return the scores of paragraphs, float32 (N, P), from those of their sentences (N, S)."""
    lengths = np.asarray(sentences.counts)
    return np.add.reduceat(found.numpy(), starts(lengths), axis=1) / lengths.astype(np.float32)


def words_part(weight: float, scores: np.ndarray) -> np.ndarray:
    """Return the part ``words`` of a score, float64, from HOSA's scores, none of them negative."""
    return weight * np.maximum(1 + scores.astype(np.float64), 0.0)  # rounding may pass -1


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
    words, nodes = read_words(model, texts, encode_words)
    lengths = np.array([len(sentence) for sentence in words])
    owner = np.repeat(np.arange(len(paragraphs)), [len(paragraph) for paragraph in paragraphs])
    counts = np.bincount(owner[lengths > 0])
    if not len(nodes):
        raise HicalmError("The encoder reads no word of this query. Begin it with plain words.")
    return Sentences([own for own in words if own], nodes, counts[counts > 0].tolist())


@torch.inference_mode()
def read_words(
    model: HosaModel, texts: Sequence[str], encode_words: EncodeWords
) -> tuple[list[list[str]], Nodes]:
    """Return the words of texts (T lists), and the nodes of the texts that have any."""
    words, features = encode_words(texts)
    lengths = torch.tensor([len(own) for own in words if own], dtype=torch.long)
    if not len(lengths):
        return words, Nodes(torch.zeros(0, 1, model.config.width), lengths)
    return words, model.encode_words(pad_rows(torch.from_numpy(features), lengths), lengths)


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
        content = read_json(path)
        weight, default = float(content["weight"]), content["default"]
        if not (math.isfinite(weight) and weight >= 0) or type(default) is not bool:
            raise ValueError(f"{weight}, {default}")
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise HicalmError(
            f"'{path}' does not hold the weight of re-ranking: choose it with "
            "'python -m hicalm hosa tune-rerank'."
        ) from error
    return weight, default


def save_weight(folder: Path, weight: float, default: bool) -> None:
    """Write the weight beside a checkpoint."""
    content = to_json({"weight": weight, "default": default}, indent=1)
    write_text(Path(folder) / WEIGHT_FILE, content + "\n")
