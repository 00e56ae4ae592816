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

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from hicalm.data.batches import TextBatch
from hicalm.data.home import is_zero_shot
from hicalm.data.rows import Rows
from hicalm.errors import HicalmError
from hicalm.files import write_text
from hicalm.geometry import normalise
from hicalm.levels import LEVELS, QUERY_LENGTHS, query_length
from hicalm.models import DualEncoder
from hicalm.ragged import segment_ids, starts
from hicalm.retrieval.index import MuseumIndex

WEIGHTS_OF_LEVELS = "scoring.json"  # beside a checkpoint
BLOCK = 1024  # sentences compared with all views at once; bounds the memory
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class LevelWeights:
    """Weights of the museum, room and view level, by ``levels.QUERY_LENGTHS``.

    ``plan`` is the share of a score that the value of a query's plan has (``matching``): the levels
    of a phrase have the rest. A description has no plan.
    """

    phrase: Triple = (0.2, 0.5, 0.3)  # one sentence or less
    paragraph: Triple = (0.2, 0.5, 0.3)  # several sentences about one room
    description: Triple = (0.4, 0.3, 0.3)  # several rooms
    plan: float = 0.9  # of validation queries of all kinds .7 to .98 do as well

    def of(self, paragraphs: int, sentences: int) -> np.ndarray:
        """Return the weights for a query of so many paragraphs and sentences, float32 (3,)."""
        return np.array(getattr(self, query_length(paragraphs, sentences)), np.float32)

    def save(self, folder: Path) -> None:
        """Write ``scoring.json`` beside a checkpoint."""
        write_text(Path(folder) / WEIGHTS_OF_LEVELS, json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "LevelWeights":
        """Read ``scoring.json``; the defaults where there is none, and a rule without training.

        Raises HicalmError for a file that does not hold three numbers for each length.
        """
        if is_zero_shot(folder):
            return ZERO_SHOT_WEIGHTS
        path = Path(folder) / WEIGHTS_OF_LEVELS
        if not path.exists():
            return cls()
        try:
            values = json.loads(path.read_text())
            found = {name: [float(w) for w in values[name]] for name in QUERY_LENGTHS}
            plan = float(values.get("plan", cls.plan))
        except (ValueError, KeyError, TypeError) as error:
            raise HicalmError(f"'{path}' does not hold the level weights: {error}.") from error
        if any(len(w) != len(LEVELS) or not np.isfinite(w).all() for w in found.values()):
            raise HicalmError(f"'{path}' must hold three weights for each length of query.")
        if not 0 <= plan <= 1:
            raise HicalmError(f"'{path}' must hold a share from 0 to 1 for the plan, not {plan}.")
        triples: dict[str, Triple] = {
            name: (museum, room, view) for name, (museum, room, view) in found.items()
        }
        return cls(**triples, plan=plan)


_MUSEUM = (1.0, 0.0, 0.0)
MUSEUM_ONLY = LevelWeights(_MUSEUM, _MUSEUM, _MUSEUM, plan=0.0)  # the paper's score
# Without training views decide, and their rooms where views are alike: pooled vectors are nearer to
# the middle, as nothing has taught them what to keep. See benchmarks/front3d.py --zero-shot.
_VIEWS = (0.0, 0.1, 0.9)
ZERO_SHOT_WEIGHTS = LevelWeights(_VIEWS, _VIEWS, _VIEWS)


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
    embedding = model.encode_text(batch)
    single_sentences = model.encode_paragraphs(
        features, torch.ones(len(features), dtype=torch.long)
    )
    owner = segment_ids(paragraph_counts)
    size = len(paragraph_counts)
    return QueryVectors(
        museum=normalise(embedding.museum).numpy(),
        paragraph=normalise(embedding.room).numpy(),
        sentence=normalise(single_sentences).numpy(),
        paragraph_counts=np.bincount(owner[~introduction.numpy()], minlength=size),
        sentence_counts=np.bincount(owner, weights=sentence_counts, minlength=size).astype(int),
    )


def level_cosines(queries: QueryVectors, index: MuseumIndex) -> np.ndarray:
    """Return the three cosines of every query and museum, float32 (Q, B, 3), in -1..1.

    Where the index has standards, those of texts are measured against them.
    """
    cosines = np.stack(
        [
            queries.museum @ index.museum.T,
            _best_matches(
                queries.paragraph, queries.paragraph_counts, index.room, index.room_starts
            ),
            _best_matches(queries.sentence, queries.sentence_counts, index.view, index.view_starts),
        ],
        axis=-1,
    )
    if index.standards is None or not queries.are_texts:
        return cosines
    return cosines * index.standards.factor + index.standards.shift


def _best_matches(
    texts: np.ndarray, counts: np.ndarray, items: np.ndarray, firsts: np.ndarray
) -> np.ndarray:
    """Return the mean over each query's texts of their best item in each museum, (Q, B).

    texts (N, H) with counts (Q,) >= 1; items (M, H), each museum's from firsts (B,) on.
    """
    best = np.empty((len(texts), len(firsts)), np.float32)
    for start in range(0, len(texts), BLOCK):
        cosines = texts[start : start + BLOCK] @ items.T
        best[start : start + BLOCK] = np.maximum.reduceat(cosines, firsts, axis=1)
    return np.add.reduceat(best, starts(counts), axis=0) / counts[:, None].astype(np.float32)


def item_cosines(queries: QueryVectors, index: MuseumIndex, level: str) -> np.ndarray:
    """Return how well every museum, room or view matches alone: cosines in -1..1, float32.

    ``level`` is museum (B,), room (ΣR,; of a room its best paragraph of the query) or view
    (ΣV,; its best sentence), in the order of the collection.
    """
    texts = {
        "museum": (queries.museum, index.museum),
        "room": (queries.paragraph, index.room),
        "view": (queries.sentence, index.view),
    }
    vectors, items = texts[level]
    blocks = (vectors[start : start + BLOCK] for start in range(0, len(vectors), BLOCK))
    return np.maximum.reduce([(block @ items.T).max(axis=0) for block in blocks])


def level_parts(cosines: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return each level's part of the score, (..., 3): its weight times its cosine."""
    return cosines * weights


def score(cosines: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the ranking score (...): the sum of the level parts; higher is better."""
    return level_parts(cosines, weights).sum(axis=-1)
