"""How well rooms are discovered where they are known: ``python benchmarks/discovered_rooms.py``.

The views of each museum of the built-in collection are sorted into rooms by their features alone.
Prints the mean adjusted Rand index (1: the very rooms; 0: no better than chance), and how many
rooms are found for each that is there. ``SHARE`` was looked at on every 15th museum, which is left
out. With ``--checkpoint`` also what a model finds in the rooms that are there and in those that are
discovered; ``--collection WORLD`` reads the validation museums of a world.
"""

import argparse
import sys
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import torch
from sklearn.metrics import adjusted_rand_score

from hicalm.data.collection import Collection, load_collection
from hicalm.data.dataset import view_features
from hicalm.data.home import COLLECTION
from hicalm.data.room_discovery import SHARE, discover_rooms, group_views
from hicalm.evaluation.metric_tables import RECALLS, RECALLS_HEAD
from hicalm.metrics import ranks_of_targets, recalls
from hicalm.models.checkpoints import open_model
from hicalm.models.score_weights import LevelWeights
from hicalm.ragged import segment_ids
from hicalm.retrieval.index import build_index
from hicalm.retrieval.queries import description_queries
from hicalm.retrieval.scorers import ModelScorer


def agreement(collection: Collection) -> str:
    """Return how far discovered rooms are those that are there, in a sentence."""
    views, distance = collection.features.get("view"), SHARE * collection.view_distance
    true_rooms = segment_ids(collection.view_counts)
    indices, ratios = [], []
    for museum, (first, last) in enumerate(pairwise(collection.view_offsets.tolist())):
        if museum % 15 == 0:
            continue
        found = group_views(views[first:last], distance)
        indices.append(adjusted_rand_score(true_rooms[first:last], found))
        ratios.append((found.max() + 1) / collection.room_counts[museum])
    return (
        f"{len(indices)} museums: adjusted Rand index {np.mean(indices):.3f} "
        f"(lowest {min(indices):.3f}), rooms found for each that is there {np.mean(ratios):.2f}"
    )


def retrieval(collection: Collection, checkpoint: Path) -> str:
    """Return what a model finds, by the rooms of the museums, as a Markdown table in percent."""
    model, weights = open_model(checkpoint, collection), LevelWeights.load(checkpoint)
    views, queries = (
        view_features(collection, model.config.art_dim),
        description_queries(collection),
    )
    in_museum = np.diff(collection.view_offsets)
    discovered = discover_rooms(collection.features.rows("view"), in_museum)
    known = np.arange(len(views)), collection.view_counts, collection.room_counts
    everything = np.arange(len(views)), in_museum, np.ones(len(in_museum), np.int64)
    names = list(queries)
    lines = [f"| rooms | {' | '.join(f'{name} {RECALLS_HEAD}' for name in names)} |"]
    lines.append("|---" * (1 + len(names)) + "|")
    for name, (order, *counts) in (
        ("those that are there", known),
        ("discovered", discovered),
        ("none: all views of a museum in one", everything),
    ):
        index = build_index(model, views[order], *counts)
        scorer, cells = ModelScorer(model, collection, index), []
        for own in queries.values():
            found = recalls(ranks_of_targets(scorer.scores(own, weights), own.target))
            cells.append(" / ".join(f"{100 * found[cut]:.1f}" for cut in RECALLS))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Sort the views of all museums, and print what comes of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--collection", type=Path, help="a world with validation museums")
    parser.add_argument("--checkpoint", type=Path, help="a model that reads its features")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.collection is None:
        collection = load_collection(COLLECTION)
    else:
        collection = load_collection(options.collection).split("validation")
    print(agreement(collection))
    if options.checkpoint is not None:
        print(retrieval(collection, options.checkpoint))


if __name__ == "__main__":
    main()
