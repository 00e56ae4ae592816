"""The ranking score and its three levels.

The paper ranks by the museum vector alone. A short query usually names one room, so the score here
is a weighted sum of three cosines, each of them in -1..1:

- museum level: the query's museum vector with the museum's;
- room level: each paragraph of the query with its best room, averaged over the paragraphs;
- view level: each sentence of the query with its best view (a view alone through the room head),
  averaged over the sentences.

The weights depend on the length of the query and were chosen on validation queries. A level's part
is its weight times its cosine, so the parts add up to the score. Sizes: Q queries, B museums,
H = hidden width of the model.
"""

from dataclasses import dataclass

import numpy as np
import torch

from hicalm.data.batches import TextBatch
from hicalm.data.rows import Rows, select_rows
from hicalm.geometry import normalise
from hicalm.matching.pauses import pause
from hicalm.models import DualEncoder
from hicalm.ragged import segment_ids
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.standards import BLOCK, LevelStandards, best_matches
from hicalm.retrieval.stored_index import AnyIndex, full_precision

MUSEUMS_AT_ONCE, ITEMS_AT_ONCE = 1_000, 1 << 16  # that are read of files


@dataclass(frozen=True)
class QueryVectors:
    """Queries in the model's space, normalised.

    museum (Q, H); paragraph (ΣP, H); sentence (ΣS, H); paragraph_counts (Q,); sentence_counts (Q,).
    ``are_texts``: levels are measured against what texts reach (``standards``); pictures are not.
    """

    museum: np.ndarray
    paragraph: np.ndarray
    sentence: np.ndarray
    paragraph_counts: np.ndarray
    sentence_counts: np.ndarray
    are_texts: bool = True


@torch.inference_mode()
def encode_queries(
    model: DualEncoder,
    sentences: Rows,
    sentence_counts: np.ndarray,
    paragraph_counts: np.ndarray,
    is_introduction: np.ndarray | None = None,
) -> QueryVectors:
    """Bring queries into the model's space.

    sentences (ΣS, D); sentence_counts (ΣP,); paragraph_counts (Q,); is_introduction (ΣP,) marks
    paragraphs that count for the museum vector only. Their sentences are compared with views.
    """
    counts = torch.as_tensor(sentence_counts)
    introduction = (
        torch.zeros(len(counts), dtype=torch.bool)
        if is_introduction is None
        else torch.as_tensor(is_introduction)
    )
    features = torch.as_tensor(np.asarray(sentences)).float()
    batch = TextBatch(
        sentences=features,
        sentence_counts=counts,
        paragraph_counts=torch.as_tensor(paragraph_counts),
        is_introduction=introduction,
    )
    embedding = model.encode_text_levels(batch)
    owner = segment_ids(paragraph_counts)
    size = len(paragraph_counts)
    return QueryVectors(
        museum=normalise(embedding.museum).numpy(),
        paragraph=normalise(embedding.room).numpy(),
        sentence=normalise(embedding.sentence).numpy(),
        paragraph_counts=np.bincount(owner[~introduction.numpy()], minlength=size),
        sentence_counts=np.bincount(owner, weights=sentence_counts, minlength=size).astype(int),
    )


def level_cosines(queries: QueryVectors, index: MuseumIndex) -> np.ndarray:
    """Return the three cosines of every query and museum, float32 (Q, B, 3), in -1..1.

    Where the index has standards, those of texts are measured against them (``are_measured``).
    """
    cosines = np.stack(
        [
            queries.museum @ index.museum.T,
            best_matches(
                queries.paragraph, queries.paragraph_counts, index.room, index.room_starts
            ),
            best_matches(queries.sentence, queries.sentence_counts, index.view, index.view_starts),
        ],
        axis=-1,
    )
    return measured(cosines, queries, index.standards)


def measured(
    cosines: np.ndarray, queries: QueryVectors, standards: LevelStandards | None
) -> np.ndarray:
    """Return level cosines (Q, B, 3), those of texts measured against standards, if there are."""
    if standards is None:
        return cosines
    changed = are_measured(queries, standards)[:, None, None]
    return np.where(changed, cosines * standards.factor + standards.shift, cosines)


def are_measured(queries: QueryVectors, standards: LevelStandards) -> np.ndarray:
    """Return which queries are measured against standards, bool (Q,): texts of their length."""
    if not queries.are_texts:
        return np.zeros(len(queries.paragraph_counts), bool)
    return (queries.paragraph_counts > 1) | (not standards.descriptions)


def cosines_of(queries: QueryVectors, index: AnyIndex, museums: np.ndarray) -> np.ndarray:
    """Return ``level_cosines`` of some museums (M,), (Q, M, 3); those in files are read in turn."""
    if isinstance(index, MuseumIndex):
        whole = len(museums) == len(index.museum)
        return level_cosines(queries, index if whole else index.select(museums))
    found = []
    for first in range(0, len(museums), MUSEUMS_AT_ONCE):
        pause()
        found.append(level_cosines(queries, index.select(museums[first : first + MUSEUMS_AT_ONCE])))
    return np.concatenate(found, axis=1)


def item_cosines(
    queries: QueryVectors, index: AnyIndex, level: str, museums: np.ndarray | None = None
) -> np.ndarray:
    """Return how well every museum, room or view matches alone: cosines in -1..1, float32.

    ``level`` is museum (B,), room (ΣR,; of a room its best paragraph of the query) or view
    (ΣV,; its best sentence), in the order of the collection. ``museums`` (rows, (M,)): only theirs,
    in this order, and only these are read.
    """
    texts: dict[str, tuple[np.ndarray, Rows]] = {
        "museum": (queries.museum, index.museum),
        "room": (queries.paragraph, index.room),
        "view": (queries.sentence, index.view),
    }
    vectors, items = texts[level]
    if museums is not None:
        rows = museums if level == "museum" else index.room_rows(museums)
        items = select_rows(items, index.view_rows(rows) if level == "view" else rows)
    if not isinstance(items, np.ndarray):
        blocks = (
            items[first : first + ITEMS_AT_ONCE] for first in range(0, len(items), ITEMS_AT_ONCE)
        )
        return np.concatenate([_best_texts(vectors, full_precision(block)) for block in blocks])
    return _best_texts(vectors, items)


def _best_texts(texts: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Return the cosine of each item (N, H) with the nearest of texts (T, H), float32 (N,)."""
    blocks = (texts[start : start + BLOCK] for start in range(0, len(texts), BLOCK))
    return np.maximum.reduce([(block @ items.T).max(axis=0) for block in blocks])


def level_parts(cosines: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return each level's part of the score, (..., 3): its weight times its cosine."""
    return cosines * weights


def score(cosines: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the ranking score (...): the sum of the level parts; higher is better."""
    return level_parts(cosines, weights).sum(axis=-1)
