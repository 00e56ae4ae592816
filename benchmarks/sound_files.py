"""Small sound files of every format that is read, and what reads them: for ``damaged_files.py``."""

import json
import pickle
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from scipy.io import savemat

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hicalm.data.collection import Fingerprint, load_collection, save_collection
from hicalm.data.picture_files import is_panorama, learn_heif, read_picture
from hicalm.data.untrusted import as_rows, read_pickle, read_tensors
from hicalm.evaluation.labelled import load_absent_queries
from hicalm.evaluation.rank_file import DescriptionRanks
from hicalm.hashing.codes import CODE_KEYS, CodeSet, load_codes, save_codes
from hicalm.hashing.hash_runs import load_split
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.heads import HashHeads, load_heads, save_heads
from hicalm.hashing.mat_reading import read_mat
from hicalm.hashing.picture_objects import GivenBoxes
from hicalm.hosa.hosa_checkpoints import load_hosa, save_hosa
from hicalm.hosa.hosa_config import read_experiment
from hicalm.hosa.hosa_vocabulary import load_vocabulary
from hicalm.hosa.model import HosaConfig, HosaModel
from hicalm.hosa.rerank import load_weight, save_weight
from hicalm.hosa.teran_layout import read_features
from hicalm.importers.archive import unpack
from hicalm.importers.videos import read_video
from hicalm.matching.fit_calibration import FitCalibration, unlabelled
from hicalm.matching.share_networks import ShareNetworks
from hicalm.models import ModelConfig, make_model
from hicalm.models.checkpoints import load_model, save_model
from hicalm.models.conversion import read_states
from hicalm.models.score_weights import LevelWeights
from hicalm.training.state import load_state, save_state
from hicalm.world.relevance import load_queries
from tests.hicalm.collections import ragged_collection
from tests.hicalm.importers.films import film

PICTURES = ("jpg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic")


class Sound(NamedTuple):
    """A file that can be damaged, and what reads it or the folder that it lies in."""

    path: Path
    read: Callable[[], object]


def sound_files(folder: Path) -> dict[str, Sound]:
    """Write a small sound file of each format into a folder of its own, by its name."""
    found = _collections(folder) | _models(folder) | _arrays(folder) | _texts(folder)
    return found | _pictures(folder)


def _collections(folder: Path) -> dict[str, Sound]:
    home = folder / "collection"
    save_collection(ragged_collection(), home)
    if not (home / "specifications.jsonl").exists():
        (home / "specifications.jsonl").write_text('{"id": "m-0"}\n{"id": "m-1"}\n{"id": "m-2"}\n')
    names = ("collection.json", "museums.jsonl", "specifications.jsonl")
    features = "features/view-000.safetensors"
    whole = {name: Sound(home / name, lambda: load_collection(home)) for name in names}
    return whole | {
        "view-000.safetensors": Sound(
            home / features, lambda: load_collection(home).features.get("view")
        )
    }


def _models(folder: Path) -> dict[str, Sound]:
    torch.manual_seed(0)
    home = folder / "model"
    save_model(make_model(ModelConfig(view_dim=3, text_dim=3, hidden=4)), home)
    hosa = folder / "hosa"
    save_hosa(
        HosaModel(HosaConfig(region_dim=6, word_dim=5, width=8, tube=4)), hosa, vocabulary="[]"
    )
    save_weight(hosa, 0.5, True)
    heads = folder / "heads"
    save_heads(HashHeads(Fingerprint("a", "b", 3), HashSettings(bits=16, hidden=4)), heads)
    match = folder / "match"
    ShareNetworks("a b").save(match)
    unlabelled().save(match)
    LevelWeights().save(home)
    save_state(home, {"identity": {"a": 1}, "history": [], "model": {"a": torch.ones(3)}})
    return {
        "config.json": Sound(home / "config.json", lambda: load_model(home)),
        "model.safetensors": Sound(home / "model.safetensors", lambda: load_model(home)),
        "scoring.json": Sound(home / "scoring.json", lambda: LevelWeights.load(home)),
        "last.pt": Sound(home / "last.pt", lambda: load_state(home, {"a": 1})),
        "hosa.safetensors": Sound(hosa / "model.safetensors", lambda: load_hosa(hosa)),
        "vocabulary.json": Sound(hosa / "vocabulary.json", lambda: load_vocabulary(hosa)),
        "reranking.json": Sound(hosa / "reranking.json", lambda: load_weight(hosa)),
        "heads.safetensors": Sound(heads / "heads.safetensors", lambda: load_heads(heads)),
        "match.safetensors": Sound(match / "match.safetensors", lambda: ShareNetworks.load(match)),
        "match.json": Sound(match / "match.json", lambda: ShareNetworks.load(match)),
        "fit.json": Sound(match / "fit.json", lambda: FitCalibration.load(match)),
    }


def _arrays(folder: Path) -> dict[str, Sound]:
    home, rng = folder / "arrays", np.random.default_rng(0)
    home.mkdir()
    labels = {"subject": np.eye(3, dtype=bool)}
    codes = {key: rng.integers(0, 256, (3, 2), np.uint8) for key in CODE_KEYS}
    for name in ("codes.mat", "codes.npz"):
        save_codes(CodeSet(codes, labels, labels, {"draw": "legacy"}), home / name)
    cells = np.array(["sea,boat", "hill"], object)
    savemat(home / "label.mat", {"label": np.eye(3, dtype=np.uint8), "caption": cells})
    (home / "words.pkl").write_bytes(pickle.dumps({"train": torch.arange(3), "words": ["a", 2.5]}))
    torch.save([torch.ones(2, 3), torch.zeros(4, 3)], home / "views.pt")
    states = make_model(ModelConfig(view_dim=3, text_dim=3, hidden=4)).state_dict()
    torch.save({"best_model_0": states, "best_model_1": states}, home / "published.pt")
    np.savez(home / "regions.npz", feat=np.ones((4, 3), np.float32))
    return {
        "codes.mat": Sound(home / "codes.mat", lambda: load_codes(home / "codes.mat")),
        "codes.npz": Sound(home / "codes.npz", lambda: load_codes(home / "codes.npz")),
        "label.mat": Sound(
            home / "label.mat", lambda: read_mat(home / "label.mat", ("label", "caption"), 10**9)
        ),
        "words.pkl": Sound(home / "words.pkl", lambda: read_pickle(home / "words.pkl")),
        "views.pt": Sound(home / "views.pt", lambda: _rows(home / "views.pt")),
        "published.pt": Sound(home / "published.pt", lambda: read_states(home / "published.pt")),
        "regions.npz": Sound(
            home / "regions.npz", lambda: read_features(home / "regions.npz", (4, 3))
        ),
    }


def _rows(path: Path) -> list[np.ndarray]:
    value = read_tensors(path)
    return [as_rows(one, path.name) for one in (value if isinstance(value, list) else [value])]


def _texts(folder: Path) -> dict[str, Sound]:
    home = folder / "texts"
    home.mkdir()
    ranks = {"full": [1], "room": [1], "sentence": [1]}
    origins = {length: {"museum": [0]} for length in ranks}
    DescriptionRanks("a", ("m",), "e", "w", origins, {"hicalm": ranks}, ranks).save(
        home / "ranks.json"
    )
    (home / "boxes.json").write_text('{"a.jpg": [[0, 1, 20, 30], [2, 3, 40.5, 50]]}')
    (home / "run.json").write_text('{"queries": 2, "trained": ["a"], "validation": []}')
    query = {"query": "a sea", "split": "test", "painting": {"subject": "horse"}}
    (home / "queries.jsonl").write_text(json.dumps(query) + "\n")
    absent = {"query": "a dragon", "split": "test", "kind": "object"}
    (home / "absent.jsonl").write_text(json.dumps(absent) + "\n")
    yaml = "model:\n  width: 8\n  tube: 4\ntraining:\n  learning_rate: 0.001\n  epochs: 3\n"
    (home / "hosa.yaml").write_text(yaml)
    return {
        "ranks.json": Sound(
            home / "ranks.json", lambda: DescriptionRanks.load(home / "ranks.json")
        ),
        "boxes.json": Sound(
            home / "boxes.json", lambda: GivenBoxes.load(home / "boxes.json", ["a.jpg"])
        ),
        "run.json": Sound(home / "run.json", lambda: load_split(home)),
        "queries.jsonl": Sound(
            home / "queries.jsonl", lambda: load_queries(home / "queries.jsonl")
        ),
        "absent.jsonl": Sound(
            home / "absent.jsonl", lambda: load_absent_queries(home / "absent.jsonl", "test")
        ),
        "hosa.yaml": Sound(home / "hosa.yaml", lambda: read_experiment(home / "hosa.yaml")),
    }


def _pictures(folder: Path) -> dict[str, Sound]:
    home = folder / "pictures"
    home.mkdir()
    learn_heif()
    noise = Image.effect_noise((64, 48), 60).convert("RGB")
    found = {}
    for ending in PICTURES:
        path = home / f"a.{ending}"
        noise.save(path)
        found[path.name] = Sound(
            path, lambda path=path: (is_panorama(path), read_picture(path, 32))
        )
    with zipfile.ZipFile(home / "museums.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for room in ("1", "2"):
            file.write(home / "a.bmp", f"museum/{room}/a.bmp")
            file.writestr(f"museum/{room}/room.txt", "A room by the sea. " * 9)
    found["museums.zip"] = Sound(home / "museums.zip", lambda: _unpacked(home / "museums.zip"))
    video = film(home / "a.mp4", range(0, 250, 10))
    found["a.mp4"] = Sound(video, lambda: read_video(video))
    return found


def _picture(path: Path) -> np.ndarray:
    is_panorama(path)
    return read_picture(path, 32)


def _unpacked(path: Path) -> None:
    try:
        unpack(path, path.with_name("unpacked"))
    finally:
        shutil.rmtree(path.with_name("unpacked"), ignore_errors=True)
