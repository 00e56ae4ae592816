"""Metrics and ranks of the stand-in's museums, invented, as the files beside a checkpoint."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from hicalm.evaluation.rank_file import DescriptionRanks
from hicalm.levels import LENGTHS
from hicalm.models.checkpoints import content_hash

METHODS = ("hicalm", "flat")
MEASURES = {"R@1": 0.5, "R@5": 0.75, "R@10": 1.0, "median_rank": 2.0}
SHORT = {"nDCG@5": 0.8, "nDCG@5_interval": [0.7, 0.9], "P@5": 0.6}

KINDS = {"same room": SHORT, "not of a room": SHORT | {"nDCG@5": 0.25}}
REFUSED = {"all": {"share": 0.75, "queries": 4}}
CERTAINTY = {
    "queries": {"present": 80, "absent": 4},
    "auroc": 0.875,
    "absent_refused": REFUSED,
    "present_refused": {"all": {"share": 0.05, "queries": 80}},
    "calibration_error": 0.125,
    "binning": "",
    "bins": [{"low": 0.25, "high": 0.5, "fit": 0.375, "share": 0.5, "count": 1200}],
}


def invent_ranks(collection: Any, checkpoint: Path) -> DescriptionRanks:
    """Return ranks of every room's paragraph and first sentence and of every description.

    By ``hicalm`` text number n has the rank 1 + n % 24. The app ranks the right museum first where
    that rank is 1, and the next museum elsewhere.
    """
    museums = range(len(collection.museums))
    rooms = [(m, r) for m in museums for r in range(len(collection.museums[m].rooms))]
    owner, room = ([pair[part] for pair in rooms] for part in (0, 1))
    origins = {
        "full": {"museum": list(museums)},
        "room": {"museum": owner, "room": room},
        "sentence": {"museum": owner, "room": room, "sentence": [0] * len(rooms)},
    }
    own = {length: np.arange(len(origins[length]["museum"])) % 24 + 1 for length in LENGTHS}
    right = {length: np.array(origins[length]["museum"]) for length in LENGTHS}
    first = {
        n: np.where(own[n] == 1, right[n], (right[n] + 1) % len(museums)).tolist() for n in LENGTHS
    }
    return DescriptionRanks(
        collection=collection.name,
        museums=tuple(museum.id for museum in collection.museums),
        encoder="",
        weights=content_hash(checkpoint),
        origins=origins,
        ranks={m: {n: (own[n] + METHODS.index(m)).tolist() for n in LENGTHS} for m in METHODS},
        first=first,
    )


def write_metrics(collection: Any, folder: Path) -> Path:
    """Write ``figures.json`` and ``ranks.json`` and return the checkpoint's folder beside them."""
    checkpoint = folder / "hicalm"
    checkpoint.mkdir(exist_ok=True)
    (checkpoint / "model.safetensors").write_bytes(b"weights")
    ranks = invent_ranks(collection, checkpoint)
    ranks.save(folder / "ranks.json")
    lengths = {name: MEASURES for name in ("full", "museum_to_text", "room", "sentence")}
    short = {"paraphrase": SHORT, "plain": SHORT, "structured": SHORT | {"kinds": KINDS}}
    metrics = {
        "methods": {"default": short} | {name: lengths | short for name in METHODS},
        "museums": len(collection.museums),
        "queries": {n: len(ranks.first[n]) for n in LENGTHS} | {"paraphrase": 80},
        "certainty": CERTAINTY,
    }
    (folder / "figures.json").write_text(json.dumps(metrics))
    return checkpoint
