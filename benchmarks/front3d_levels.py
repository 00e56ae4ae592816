"""What each level of the score adds on real CLIP features, ``front3d_levels.py PATH``.

PATH is that of ``front3d.py``. The texts have a paragraph a room, the views are not sorted: their
rooms are discovered (``hicalm.data.room_discovery``). ``attention`` is trained by the museum vector
alone, ``levels`` by the sum of the museum, the room and the view level; the epoch is chosen on the
validation split. Then ``levels`` is ranked without each of its levels, and compared with
``attention`` on the same queries. ``levels`` ranks without hubs by default, by the texts of
training that its checkpoint keeps; here both recipes are ranked with and without hubs
(``hicalm.retrieval.hubness``). Prints Markdown tables and writes a JSON file; a run that was
interrupted goes on.
"""

import argparse
import json
import os
import re
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import torch

from benchmarks.front3d import read_apartments, spread
from hicalm.data.batches import INTRODUCTION, SOMEWHERE
from hicalm.data.collection import Collection
from hicalm.data.dataset import TrainingData, in_discovered_rooms, training_data
from hicalm.evaluation.metric_tables import RECALLS, RECALLS_HEAD
from hicalm.evaluation.paired import paired_difference
from hicalm.files import read_json, write_text
from hicalm.levels import LEVELS
from hicalm.metrics import ranks_of_targets, recalls
from hicalm.models import DualEncoder, ModelConfig
from hicalm.models.checkpoints import load_model
from hicalm.models.score_weights import MUSEUM_ONLY, LevelWeights
from hicalm.retrieval.hubness import without_hubs
from hicalm.retrieval.index import build_index
from hicalm.retrieval.scoring import QueryVectors, encode_queries, level_cosines
from hicalm.training.experiment import DROPOUT, METHODS
from hicalm.training.hicalm_training import train
from hicalm.training.loop import METRICS_FILE
from hicalm.training.train_config import TrainConfig

PRESET = "descriptions"
RECIPES = ("attention", "levels")
HUBS_OFF = "all, without hubs"
ORDINALS = "second|third|fourth|fifth|sixth|seventh|eighth|last"
PARAGRAPH = re.compile(rf"Regarding the |The (?:{ORDINALS}) ")  # how a room's text begins


def apartments(collection: Collection, split: str) -> TrainingData:
    """Return a split: a paragraph a room, rooms discovered among the views."""
    part = collection.split(split)
    data = training_data(part, art=False, phrases=None)
    counts, paragraphs = [], []
    for museum in part.museums:
        texts = [sentence for paragraph in museum.paragraphs for sentence in paragraph]
        begins = [n for n, text in enumerate(texts) if n and PARAGRAPH.match(text)] or [1]
        counts += np.diff([0, *begins, len(texts)]).tolist()
        paragraphs.append(len(begins) + 1)
    room = np.full(len(counts), SOMEWHERE)
    room[np.cumsum([0, *paragraphs[:-1]])] = INTRODUCTION
    by_room = replace(
        data,
        sentence_counts=np.array(counts),
        paragraph_counts=np.array(paragraphs),
        paragraph_room=room,
    )
    return in_discovered_rooms(by_room)


def train_recipe(
    data: dict[str, TrainingData], encoder: str, recipe: str, seed: int, out: Path
) -> dict:
    """Train a recipe; return its best epoch and the CPU seconds of an epoch with its validation."""
    encoders, changes = METHODS[recipe]
    changes = changes | {"seed": seed, "validation_queries": 0}
    config = TrainConfig.preset(PRESET, **changes)
    widths = data["train"].views.shape[1], data["train"].sentences.shape[1]
    model_config = ModelConfig(*widths, dropout=DROPOUT[PRESET], encoder=encoder, **encoders)
    before, started = _epochs(out), time.process_time()
    metrics = train(data["train"], data["validation"], model_config, config, out, progress=False)
    seconds = (time.process_time() - started) / max(len(metrics["history"]) - before, 1)
    return {"epoch": metrics["best"]["epoch"], "cpu_seconds_an_epoch": seconds}


def _epochs(out: Path) -> int:
    """Return how many epochs of a run were trained before it was interrupted."""
    path = out / METRICS_FILE
    return len(read_json(path)["history"]) if path.is_file() else 0


def rank(data: dict[str, TrainingData], recipe: str, out: Path) -> dict:
    """Rank the museums of validation and test by each sum of the levels of a run's best model.

    Returns the weights of the levels, and by split and what was added up the ranks from 1 (Q,).
    """
    own = LevelWeights.load(out) if recipe == "levels" else MUSEUM_ONLY
    weights, model = np.array(own.description, np.float32), load_model(out)
    known, found = _queries(model, data["train"]), {}
    for split in ("validation", "test"):
        museums, texts = data[split], _queries(model, data[split])
        index = build_index(model, museums.views, museums.view_counts, museums.room_counts)
        plain = replace(index, standards=None)
        cosines = level_cosines(texts, plain)
        sums = {name: cosines @ (weights * kept) for name, kept in _sums(recipe).items()}
        if index.standards is None:  # this recipe keeps no texts: by all of training
            sums[HUBS_OFF] = without_hubs(sums["all"], level_cosines(known, plain) @ weights)
        else:  # as a search does
            sums[HUBS_OFF] = level_cosines(texts, index) @ weights
        found[split] = {name: ranks_of_targets(scores).tolist() for name, scores in sums.items()}
    return {"weights": dict(zip(LEVELS, own.description, strict=True)), "ranks": found}


def _queries(model: DualEncoder, data: TrainingData) -> QueryVectors:
    introduction = data.paragraph_room == INTRODUCTION
    texts = data.sentences, data.sentence_counts, data.paragraph_counts
    return encode_queries(model, *texts, introduction)


def _sums(recipe: str) -> dict[str, np.ndarray]:
    """Return which levels are added up (3,), by name: all, all but one, and each alone."""
    whole = {"all": np.ones(3, np.float32)}
    if recipe != "levels":
        return whole
    alone = {
        f"{name} alone": row for name, row in zip(LEVELS, np.eye(3, dtype=np.float32), strict=True)
    }
    return whole | {f"without {name.split()[0]}": 1 - row for name, row in alone.items()} | alone


def recall_table(runs: list[dict]) -> str:
    """Return mean and standard deviation of recall over the seeds, in percent, as Markdown."""
    lines = [f"| ranked by | validation {RECALLS_HEAD} | test {RECALLS_HEAD} |", "|---|---|---|"]
    for recipe in RECIPES:
        own = [run for run in runs if run["recipe"] == recipe]
        for name in own[0]["ranks"]["test"]:
            cells = []
            for split in ("validation", "test"):
                found = [recalls(np.array(run["ranks"][split][name])) for run in own]
                cells.append(" / ".join(spread([100 * one[r] for one in found]) for r in RECALLS))
            lines.append(f"| {recipe}, {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def paired_table(runs: list[dict]) -> str:
    """Return how much more `levels` reaches on the test queries, in points, as Markdown.

    The hit of a query is its mean over the seeds; intervals are those of 95 %.
    """
    lines = [f"| levels | against | {RECALLS_HEAD}, points |", "|---|---|---|"]
    pairs = [("all", "attention", "all")]
    pairs += [(HUBS_OFF, "attention", name) for name in (HUBS_OFF, "all")]
    pairs += [("all", "levels", name) for name in _sums("levels") if "without" in name]
    for added, recipe, name in pairs:
        label, cells = f"{added} | {recipe}, {name}", []
        for cut in (1, 5, 10):
            own, other = _hits(runs, "levels", added, cut), _hits(runs, recipe, name, cut)
            found = paired_difference(100 * own, 100 * other)
            cells.append(f"{found.difference:+.1f} ({found.low:+.1f} to {found.high:+.1f})")
        lines.append(f"| {label} | {' / '.join(cells)} |")
    return "\n".join(lines)


def _hits(runs: list[dict], recipe: str, name: str, cut: int) -> np.ndarray:
    own = [np.array(r["ranks"]["test"][name]) <= cut for r in runs if r["recipe"] == recipe]
    return np.mean(own, axis=0)


def main() -> None:
    """Train both recipes with every seed, print the tables and write the metrics."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", type=Path, help="folder of apartments.jsonl and features.npz")
    parser.add_argument("--out", type=Path, default=Path("runs/front3d-levels"), help="of the runs")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0")
    options = parser.parse_args()
    torch.set_num_threads(1)
    collection = read_apartments(options.path)
    encoder = collection.features.fingerprints["view"].label
    data = {split: apartments(collection, split) for split in ("train", "validation", "test")}
    path = options.out / "metrics.json"
    runs = json.loads(path.read_text()) if path.is_file() else []
    for recipe in reversed(RECIPES):
        for seed in range(options.seeds):
            if any((run["recipe"], run["seed"]) == (recipe, seed) for run in runs):
                continue
            found = train_recipe(data, encoder, recipe, seed, options.out / f"{recipe}-{seed}")
            runs.append({"recipe": recipe, "seed": seed, **found})
            write_text(path, json.dumps(runs) + "\n")
    for run in runs:
        run |= rank(data, run["recipe"], options.out / f"{run['recipe']}-{run['seed']}")
    write_text(path, json.dumps(runs) + "\n")
    print(recall_table(runs), paired_table(runs), sep="\n\n")


if __name__ == "__main__":
    main()
