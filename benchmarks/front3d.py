"""Compare the presets on real CLIP features: ``python benchmarks/front3d.py PATH``.

PATH holds 3D-FRONT apartments (``apartments.jsonl`` and ``features.npz``, open_clip features from
the authors of AdOCTeRA and FArMARe), which are not part of this repository. An apartment is a
museum of one room with all its views. Both recipes train with the same seeds; the epoch is chosen
on the validation split, and recall is that of the museum vector on the test split. Prints a
Markdown table and writes a JSON file.

With ``--zero-shot`` nothing is trained: each split is a collection of its own, ranked by the mean
features, by the best views and by the zero-shot hierarchy with its levels weighted in several ways;
then with discovered rooms, by the weights for rooms that are known and for those.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import torch

from hicalm.data.collection import (
    Collection,
    Features,
    Fingerprint,
    Museum,
    Room,
    load_collection,
    save_collection,
)
from hicalm.data.discovered_collection import in_rooms
from hicalm.data.room_discovery import discovered_rooms
from hicalm.evaluation.metric_tables import RECALLS, RECALLS_HEAD
from hicalm.files import write_text
from hicalm.metrics import ranks_of_targets, recalls
from hicalm.models.checkpoints import load_model
from hicalm.models.score_weights import UNSORTED_WEIGHTS, ZERO_SHOT_WEIGHTS, Triple
from hicalm.models.zero_shot import ZeroShot
from hicalm.retrieval.queries import description_queries
from hicalm.retrieval.scorers import ModelScorer, clip_mean_scores
from hicalm.training.experiment import train_on_collection

RECIPES = {"published, flat": ("published", "flat"), "descriptions": ("descriptions", "attention")}
# Weights of museum, room and view that were tried; the last are those of the method.
ZERO_SHOT_TRIED = (
    (1.0, 0.0, 0.0),
    (0.0, 0.0, 1.0),
    (0.2, 0.3, 0.5),
    (0.0, 0.2, 0.8),
    UNSORTED_WEIGHTS.description,
    ZERO_SHOT_WEIGHTS.description,
)
SPLITS = {"train": "train", "val": "validation", "test": "test"}


def read_apartments(path: Path) -> Collection:
    """Return the apartments at ``path`` as museums of one room."""
    lines = (path / "apartments.jsonl").read_text(encoding="utf-8").splitlines()
    with np.load(path / "features.npz", allow_pickle=False) as file:
        arrays = {"view": file["view_features"], "sentence": file["sentence_features"]}
        views, sentences = np.diff(file["view_offsets"]), np.diff(file["sentence_offsets"])
    museums = [
        _museum(json.loads(line), int(view_count), int(sentence_count))
        for line, view_count, sentence_count in zip(lines, views, sentences, strict=True)
    ]
    width = arrays["view"].shape[1]
    fingerprints = {kind: Fingerprint("ViT-B-32:laion2b", "unknown", width) for kind in arrays}
    return Collection(
        "3D-FRONT",
        "Apartments.",
        tuple(museums),
        {"source": "none"},
        Features(arrays, fingerprints),
    )


def _museum(apartment: dict, views: int, sentences: int) -> Museum:
    """Return an apartment; its first sentence, which counts the rooms, is the introduction.

    Sentences beyond those that the full stops make are empty, and what is left over joins the last:
    the features decide how many there are.
    """
    texts = [text.strip() for text in apartment["description"].split(". ")]
    texts = [*texts[: sentences - 1], ". ".join(texts[sentences - 1 :])]
    texts += [""] * (sentences - len(texts))
    return Museum(
        id=apartment["name"],
        title=apartment["name"],
        split=SPLITS[apartment["split"]],
        introduction=(texts[0],),
        rooms=(Room("apartment", tuple(texts[1:]), views),),
    )


def run_recipe(folder: Path, out: Path, recipe: str, seed: int) -> dict:
    """Train one recipe and return its recall (0 to 1), epoch and seconds."""
    preset, method = RECIPES[recipe]
    started = time.process_time()
    metrics = train_on_collection(folder, out, method, preset, {"seed": seed}, {}, False)
    seconds = time.process_time() - started
    best = metrics["best"]
    results = {
        "recipe": recipe,
        "seed": seed,
        "epoch": best["epoch"],
        "epochs": len(metrics["history"]),
        "cpu_seconds_an_epoch": seconds / len(metrics["history"]),
        "validation": {name: best["full"][name] for name in RECALLS},
    }
    test = load_collection(folder).split("test")
    queries = description_queries(test)["full"]
    scores = ModelScorer(load_model(out), test).cosines(queries)[:, :, 0]
    for name, matrix in (("test", scores), ("test, museum to text", scores.T)):
        results[name] = recalls(ranks_of_targets(matrix))
    return results


def zero_shot(apartments: Collection) -> str:
    """Return the recall of rankings without training on every split, as a Markdown table."""
    lines = [f"| split | ranking | {RECALLS_HEAD} |", "|---|---|---|"]
    for split in SPLITS.values():
        own = apartments.split(split)
        queries = description_queries(own, ["full"])["full"]
        levels = ModelScorer(ZeroShot.of(own), own).cosines(queries)
        scores = {"mean features": clip_mean_scores(own, queries)}
        scores |= {_name(weights): levels @ np.array(weights) for weights in ZERO_SHOT_TRIED}
        rooms = in_rooms(own, [discovered_rooms(own, museum.id) for museum in own.museums])
        levels = ModelScorer(ZeroShot.of(rooms), rooms).cosines(queries)
        scores |= {
            f"{_name(weights)}, rooms discovered": levels @ np.array(weights)
            for weights in (ZERO_SHOT_WEIGHTS.description, UNSORTED_WEIGHTS.description)
        }
        for name, own_scores in scores.items():
            found = recalls(ranks_of_targets(own_scores))
            cells = " / ".join(f"{100 * found[recall]:.1f}" for recall in RECALLS)
            lines.append(f"| {split} ({len(own.museums)}) | {name} | {cells} |")
    return "\n".join(lines)


def _name(weights: Triple) -> str:
    return " / ".join(f"{share:.2f}" for share in weights)


def table(runs: list[dict]) -> str:
    """Return mean and standard deviation over the seeds, in percent, as a Markdown table."""
    lines = [
        f"| recipe | validation {RECALLS_HEAD} | test {RECALLS_HEAD} | test, museum to text "
        f"{RECALLS_HEAD} | CPU seconds an epoch |",
        "|---|---|---|---|---|",
    ]
    for recipe in RECIPES:
        own = [run for run in runs if run["recipe"] == recipe]
        cells = [
            " / ".join(spread([100 * run[split][recall] for run in own]) for recall in RECALLS)
            for split in ("validation", "test", "test, museum to text")
        ]
        seconds = np.mean([run["cpu_seconds_an_epoch"] for run in own])
        lines.append(f"| {recipe} | {' | '.join(cells)} | {seconds:.1f} |")
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    """Return the mean of some runs' values and how far they lie apart, as printed."""
    return f"{np.mean(values):.1f} ± {np.std(values):.1f}"


def main() -> None:
    """Train both recipes with every seed, print the table and write the metrics."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", type=Path, help="folder of apartments.jsonl and features.npz")
    parser.add_argument("--json", type=Path, default=Path("runs/front3d.json"), help="to write")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0")
    parser.add_argument("--zero-shot", action="store_true", help="rank without training instead")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.zero_shot:
        print(zero_shot(read_apartments(options.path)))
        return
    runs = []
    with TemporaryDirectory() as folder:
        collection = Path(folder) / "collection"
        save_collection(read_apartments(options.path), collection)
        for recipe in RECIPES:
            for seed in range(options.seeds):
                out = Path(folder) / f"{RECIPES[recipe][0]}-{seed}"
                runs.append(run_recipe(collection, out, recipe, seed))
                print(json.dumps(runs[-1]), flush=True)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    write_text(options.json, json.dumps(runs, indent=1) + "\n")
    print(table(runs))


if __name__ == "__main__":
    main()
