"""Train a model on a collection: features become training data, with phrases for short queries."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from hicalm.data.collection import Collection, load_collection
from hicalm.data.dataset import training_data
from hicalm.encoders.encode import encode_sentences
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.files import replacing
from hicalm.models import ModelConfig
from hicalm.models.checkpoints import load_model
from hicalm.models.competitors import COMPETITORS
from hicalm.models.merging import MERGES
from hicalm.training.filed_adam import return_free_memory
from hicalm.training.hicalm_training import train
from hicalm.training.launch import by_first
from hicalm.training.seed_runs import new_run_folders
from hicalm.training.train_config import TrainConfig
from hicalm.world.captions import room_query
from hicalm.world.seeds import generator

PHRASES_PER_ROOM = 5  # short queries made for every training room of a world with ground truth
SEED_COUNTS = {"published": 3}  # runs that differ in their seeds alone; other presets: 1
# Share of input features dropped, by preset
DROPOUT = {"explorer": 0.1, "published": 0.0, "descriptions": 0.3}
DETAIL = 128  # width in which `levels` compares sentences with views
MUSEUM_ONLY = {"room_weight": 0.0, "view_weight": 0.0}
# By R@10 an epoch of a high learning rate may win with the lowest R@1. Twice the museums a step are
# as many more to tell apart (docs/results.md).
LEVELS_ADDED = MUSEUM_ONLY | {
    "museum_weight": 0.0,
    "score_weight": 1.0,
    "criterion": "MRR",
    "batch_size": 128,
}
# The encoders of each trainable method, and what its training changes in a preset. HierArtEx
# averages where HiCALM runs a GRU; competitors and merges are trained by the museum vector alone,
# `levels` by the sum of all levels.
METHODS: dict[str, tuple[dict, dict]] = {
    "hicalm": ({"kind": "hicalm"}, {}),
    "hierartex": ({"kind": "hicalm", "text": "avg", "vision": "avg"}, {"view_weight": 0.0}),
    "flat": ({"kind": "flat"}, MUSEUM_ONLY),
    "attention": ({"text": "attention", "vision": "attention"}, MUSEUM_ONLY),
    "levels": ({"text": "attention", "vision": "attention", "detail": DETAIL}, LEVELS_ADDED),
    **{name: ({"vision": name}, MUSEUM_ONLY) for name in COMPETITORS},
    **{f"merge-{merge}": ({"merge": merge}, MUSEUM_ONLY) for merge in MERGES[1:]},
}


def make_phrases(
    collection: Collection, encoder: Encoder
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return short queries that are true of the rooms: features (N, D), rooms (N,), ids (N,)."""
    seed = int(collection.pictures["seed"])
    texts, rooms, room_number = [], [], 0
    for specification in tqdm(collection.specifications, desc="phrases", mininterval=5):
        for number, room in enumerate(specification["rooms"]):
            rng = generator(seed, specification["id"], number, "phrases")
            texts += [room_query(room, rng) for _ in range(PHRASES_PER_ROOM)]
            rooms += [room_number] * PHRASES_PER_ROOM
            room_number += 1
    ids = {text: number for number, text in enumerate(sorted(set(texts)))}
    features = encode_sentences(texts, encoder)
    return features, np.array(rooms), np.array([ids[text] for text in texts])


def cached_phrases(
    collection: Collection, folder: Path, encoder: Encoder
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the phrases of ``make_phrases``, kept beside the collection for this encoder."""
    path = folder / "features" / f"phrases-{PHRASES_PER_ROOM}-{encoder.hash}.npz"
    if not path.exists():
        features, rooms, ids = make_phrases(collection, encoder)
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, features=features, rooms=rooms, ids=ids)
    try:
        with np.load(path, allow_pickle=False) as file:
            return file["features"], file["rooms"], file["ids"]
    except Exception as error:  # damaged files make the reader raise almost anything
        raise HicalmError(f"'{path}' is damaged: delete it, and it is made again.") from error


def train_seeds(
    folder: Path,
    out: Path,
    method: str,
    preset: str,
    changes: dict,
    encoder_options: dict,
    art: bool,
    seeds: int | None = None,
    resume: bool = True,
) -> list[dict]:
    """Train a method several times with the seeds ``seed``, ``seed`` + 1, ...

    One run is written to ``out``, several to ``out/seed-0``, ``out/seed-1``, ...; None is the
    number of the preset. ``resume`` goes on where runs stopped; False starts over. Returns the
    metrics of each; raises as ``train_on_collection`` does.
    """
    number = SEED_COUNTS.get(preset, 1) if seeds is None else seeds
    first = changes.get("seed", 0)
    metrics = []
    for seed, run in enumerate(new_run_folders(out, first, number), start=first):
        own = changes | {"seed": seed}
        one = train_on_collection(folder, run, method, preset, own, encoder_options, art, resume)
        metrics.append(one)
    return metrics


def train_on_collection(
    folder: Path,
    out: Path,
    method: str,
    preset: str,
    changes: dict,
    encoder_options: dict,
    art: bool,
    resume: bool = True,
) -> dict:
    """Train ``method`` on the train split, choosing the epoch on the validation split.

    ``changes`` are those of the preset, ``encoder_options`` those of the method's model: text,
    vision and dropout. Returns the metrics that are written beside the checkpoint. Raises
    HicalmError for an unknown method or a collection without features.
    """
    if method not in METHODS:
        raise HicalmError(f"Unknown model '{method}': choose one of {', '.join(METHODS)}.")
    collection = load_collection(folder)
    for kind in ("view", "sentence", "art") if art else ("view", "sentence"):
        if kind not in collection.features.fingerprints:
            raise HicalmError(
                f"'{folder}' has no {kind} features. Encode the collection first: "
                f"'python -m hicalm encode {folder}'"
                + (", or train with --no-art." if kind == "art" else ".")
            )
    fingerprint = collection.features.fingerprints["view"]
    training = collection.split("train")
    phrases = None
    if training.specifications and preset == "explorer":
        phrases = by_first(lambda: cached_phrases(training, folder, Encoder.load(fingerprint.name)))
    method_encoders, own_changes = METHODS[method]
    if "flat" in (
        encoder_options.get("text"),
        encoder_options.get("vision"),
    ):  # a side without rooms to compare
        own_changes = own_changes | MUSEUM_ONLY
    if own_changes.get("room_weight") == 0 and changes.get("room_weight"):
        raise HicalmError(
            f"The model '{method}' has no loss of rooms to weigh: leave out --room-loss-weight."
        )
    config = TrainConfig.preset(preset, **(own_changes | changes))
    model_config = ModelConfig(
        view_dim=fingerprint.dim,
        text_dim=collection.features.fingerprints["sentence"].dim,
        art_dim=collection.features.fingerprints["art"].dim if art else 0,
        encoder=fingerprint.label,
        **({"dropout": DROPOUT[preset]} | method_encoders | encoder_options),
    )
    if config.score_weight and not model_config.has_levels:
        raise HicalmError(
            f"The model '{method}' has no levels to add up: leave out --score-loss-weight."
        )
    data = training_data(training, art, phrases)
    validation = training_data(collection.split("validation"), art, None)
    metrics = train(data, validation, model_config, config, out, resume=resume)
    return_free_memory()  # that of the run's weights, before they are loaded
    by_first(lambda: load_model(out).config.kind)  # what was written must load
    return metrics
