"""The weights of the three levels, chosen on a validation split."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from hicalm.data.collection import Collection, load_collection
from hicalm.encoders.encode import encoder_of
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.metrics import mean_reciprocal_rank, ndcg_at, ranks_of_targets, recall_at
from hicalm.models import DualEncoder
from hicalm.models.checkpoints import load_model
from hicalm.models.score_weights import LevelWeights, Triple
from hicalm.retrieval.queries import description_origins, description_queries, text_queries
from hicalm.retrieval.scorers import ModelScorer
from hicalm.retrieval.scoring import score as weighted_sum
from hicalm.world.relevance import LabelledQuery, gains, load_queries

GRID = 20  # weights are chosen in steps of 1 / GRID
Value = Callable[[np.ndarray], tuple[float, ...]]  # of weights (3,), compared entry by entry


def choose_weights(
    model: DualEncoder, collection: Collection, labelled: list[LabelledQuery], encoder: Encoder
) -> LevelWeights:
    """Choose the level weights for each length of query on a validation collection.

    Phrases by the mean of nDCG@5 of the paraphrased queries and R@10 of single sentences, room
    paragraphs by R@1, descriptions by R@1; ties go to the higher mean reciprocal rank, then to the
    most even weights.
    Raises HicalmError for a test collection: nothing may be chosen there.
    """
    if any(museum.split == "test" for museum in collection.museums):
        raise HicalmError("Weights are chosen on validation museums, never on the test split.")
    scorer, queries = ModelScorer(model, collection), description_queries(collection)
    right = {length: origins.museum for length, origins in description_origins(collection).items()}
    grid = _simplex()
    relevance = np.stack([gains(q.predicate, list(collection.specifications)) for q in labelled])
    short = scorer.cosines(text_queries([query.text for query in labelled], encoder))
    sentence, room, full = (scorer.cosines(queries[k]) for k in ("sentence", "room", "full"))

    def phrase_value(weights: np.ndarray) -> tuple[float, ...]:
        ranks = ranks_of_targets(weighted_sum(sentence, weights), right["sentence"])
        ndcg = ndcg_at(weighted_sum(short, weights), relevance, 5).mean
        return ((ndcg + recall_at(ranks, 10)) / 2,)

    def recall_value(cosines: np.ndarray, target: np.ndarray) -> Value:
        def value(weights: np.ndarray) -> tuple[float, ...]:
            ranks = ranks_of_targets(weighted_sum(cosines, weights), target)
            return recall_at(ranks, 1), mean_reciprocal_rank(ranks)

        return value

    def best(value: Value) -> Triple:
        # Of equally good weights the most even ones: they lean on no level more than they must.
        chosen = max(grid, key=lambda weights: (*value(weights), -float((weights**2).sum())))
        on_museum, on_room, on_view = (round(float(weight), 4) for weight in chosen)
        return on_museum, on_room, on_view

    return LevelWeights(
        phrase=best(phrase_value),
        paragraph=best(recall_value(room, right["room"])),
        description=best(recall_value(full, right["full"])),
    )


def _simplex() -> list[np.ndarray]:
    """Return all weights of three levels in steps of 1 / GRID that add up to 1."""
    steps = range(GRID + 1)
    return [
        np.array([a, b, GRID - a - b], np.float32) / GRID
        for a in steps
        for b in steps[: GRID - a + 1]
    ]


def choose_and_save_weights(folder: Path, checkpoint: Path, queries_file: Path) -> LevelWeights:
    """Choose the level weights on the validation split and write them beside the checkpoint."""
    collection = load_collection(folder).split("validation")
    if not collection.specifications:
        raise HicalmError(
            f"The collection '{folder}' has no ground truth, by which the weights are chosen. "
            "Use a built-in world, or keep the default weights."
        )
    labelled = load_queries(queries_file, "validation")
    encoder = encoder_of(collection)
    weights = choose_weights(load_model(checkpoint), collection, labelled, encoder)
    weights.save(checkpoint)
    return weights
