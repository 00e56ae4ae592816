"""Museums with published features, imported, and all published models for them."""

import pickle
from pathlib import Path

import pytest
import torch

from hicalm.data.collection import load_collection
from tests.hicalm.commands import run
from tests.hicalm.evaluation.published import MODELS, WIDTH, save_random
from tests.hicalm.importers.layouts import ART_WIDTH, make_museums3k


@pytest.fixture(scope="session")
def museums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An imported collection: no ground truth, no encoder, rooms of any number."""
    base = tmp_path_factory.mktemp("published")
    torch.manual_seed(0)
    make_museums3k(base / "files", 8)
    for path in (base / "files").rglob("*.pt"):  # features that tell the museums apart
        width = ART_WIDTH if "wikiart" in str(path) else WIDTH
        torch.save(torch.randn(len(torch.load(path)), width).half(), path)
    splits = {"train": torch.arange(2), "val": torch.tensor([2]), "test": torch.arange(3, 8)}
    (base / "files" / "indices_museum_dataset.pkl").write_bytes(pickle.dumps(splits))
    with pytest.MonkeyPatch.context() as patch:
        asked = ("import", "museums3k", base / "files", "--out", base / "museums")
        assert run(patch, *asked) == 0
    return base / "museums"


@pytest.fixture(scope="session")
def encoder(museums: Path) -> str:
    fingerprint = load_collection(museums).features.fingerprints["view"]
    return f"{fingerprint.name} {fingerprint.hash}"


@pytest.fixture(scope="session")
def models(encoder: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All published models, one of them in three runs, and folders with something else."""
    folder = tmp_path_factory.mktemp("models")
    for name, changes in MODELS.items():
        save_random(folder / name, encoder, **changes)
    for number in (2, 0, 10):
        save_random(folder / "several" / f"seed-{number}", encoder, seed=number)
    save_random(folder / "foreign", "other cafe")
    save_random(folder / "wide", "", text_dim=WIDTH + 1)
    (folder / "half" / "seed-1").mkdir(parents=True)
    (folder / "notes.txt").write_text("something else")
    return folder
