"""The comparison of HiCALM with its baselines: figures as a dictionary and as a table."""

from functools import cached_property
from pathlib import Path

import numpy as np

from hicalm.checkpoints import load_model
from hicalm.data.collection import Collection, Mark, load_collection
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.evaluate import (
    Queries,
    choose_weights,
    description_queries,
    evaluate_scores,
    paraphrase_queries,
)
from hicalm.rankers import Rankers
from hicalm.ranks import DescriptionRanks, rank_descriptions
from hicalm.relevance import load_queries
from hicalm.scoring import LevelWeights

LENGTHS = {
    "full": "full",
    "museum_to_text": "full, museum to text",
    "room": "room",
    "sentence": "sentence",
}


class Comparison:
    """All methods on all queries of one split; nothing is scored before it is asked for.

    ``checkpoints`` holds the model ``hicalm`` and those that it is compared with.
    """

    def __init__(self, folder: Path, checkpoints: Path, queries_file: Path, split: str) -> None:
        self._collection = load_collection(folder).split(split)
        self._encoder = _encoder_of(self._collection)
        self._labelled = load_queries(queries_file, split)
        self._checkpoint = Path(checkpoints) / "hicalm"
        model, weights = load_model(self._checkpoint), LevelWeights.load(self._checkpoint)
        self._rankers = Rankers(self._collection, model, weights, self._checkpoint)

    @cached_property
    def _queries(self) -> dict[str, Queries]:
        described = description_queries(self._collection)
        return described | {"paraphrase": paraphrase_queries(self._labelled, self._encoder)}

    @cached_property
    def _scores(self) -> dict[str, dict[str, np.ndarray]]:
        """The scores (Q, B) by method and length of the query."""
        return {
            method: {
                length: self._rankers.scores(method, batch)
                for length, batch in self._queries.items()
            }
            for method in self._rankers.names
        }

    def figures(self) -> dict[str, dict]:
        """Return ``{"methods": {name: {length: {figure: value}}}}``."""
        return {
            "methods": {
                method: evaluate_scores(scores, self._queries, self._labelled, self._collection)
                for method, scores in self._scores.items()
            },
            "museums": len(self._collection.museums),
            "queries": {name: len(batch.paragraph_counts) for name, batch in self._queries.items()},
        }

    def ranks(self) -> DescriptionRanks:
        """Return the rank of the right museum for every text of the descriptions."""
        return rank_descriptions(self._collection, self._checkpoint, self._scores)


def choose_and_save_weights(folder: Path, checkpoint: Path, queries_file: Path) -> LevelWeights:
    """Choose the level weights on the validation split and write them beside the checkpoint."""
    collection = load_collection(folder).split("validation")
    if not collection.specifications:
        raise HicalmError(
            f"The collection '{folder}' has no ground truth, by which the weights are chosen. "
            "Use a built-in world, or keep the default weights."
        )
    labelled = load_queries(queries_file, "validation")
    encoder = _encoder_of(collection)
    weights = choose_weights(load_model(checkpoint), collection, labelled, encoder)
    weights.save(checkpoint)
    return weights


def _encoder_of(collection: Collection) -> Encoder:
    mark = collection.features.marks.get("sentence")
    if mark is None:
        raise HicalmError("The collection has no features. Encode it first.")
    encoder = Encoder.load(mark.name)
    collection.features.check_mark("sentence", Mark.of(encoder))
    return encoder


def markdown_table(figures: dict[str, dict]) -> str:
    """Return the figures as a Markdown table; recalls in percent."""
    head = [f"{name} R@1 / 5 / 10 (median)" for name in LENGTHS.values()]
    lines = [
        "| method | " + " | ".join(head) + " | paraphrase nDCG@5 [95 %] | P@5 |",
        "|---" * (len(head) + 3) + "|",
    ]
    for name, lengths in figures["methods"].items():
        cells = [_recalls(lengths[length]) for length in LENGTHS]
        short = lengths["paraphrase"]
        low, high = short["nDCG@5_interval"]
        cells.append(f"{short['nDCG@5']:.3f} [{low:.3f}, {high:.3f}]")
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {short['P@5']:.3f} |")
    return "\n".join(lines)


def _recalls(figures: dict[str, float]) -> str:
    recalls = " / ".join(f"{100 * figures[f'R@{k}']:.1f}" for k in (1, 5, 10))
    return f"{recalls} ({figures['median_rank']:g})"
