"""``python -m hicalm match``: mistakes in one sentence, and weights made of a small world."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import Features, save_collection
from hicalm.matching import match_training
from hicalm.matching.match_training import MatchTrainingConfig
from hicalm.matching.share_networks import ShareNetworks
from hicalm.models.checkpoints import save_model
from hicalm.world.generate import world_collection
from tests.hicalm.anchored import AnchorEncoder
from tests.hicalm.collections import random_model
from tests.hicalm.commands import run

ENCODER = AnchorEncoder().fingerprint


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of validation and test museums whose views are noise."""
    folder = tmp_path_factory.mktemp("world")
    made = world_collection(3, {"train": 0, "validation": 3, "test": 2})
    views = np.random.default_rng(0).standard_normal((int(made.view_counts.sum()), 256))
    features = Features({"view": views.astype(np.float32)}, {"view": ENCODER})
    save_collection(replace(made, features=features), folder)
    return folder


def test_networks_are_taught_on_validation_museums(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = MatchTrainingConfig(steps=3, batch=64, combinations=20)
    monkeypatch.setattr(
        match_training, "MatchTrainingConfig", lambda seed: replace(quick, seed=seed)
    )
    assert run(monkeypatch, "match", "train", world, tmp_path / "match", "--seed", 2) == 0
    assert "share networks of 3 museums" in capsys.readouterr().out
    assert ShareNetworks.load(tmp_path / "match").encoder == ENCODER.label


def test_a_world_that_cannot_be_learnt_from_gets_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world_collection(3, {"train": 0, "validation": 1, "test": 1})
    save_collection(made, tmp_path / "bare")
    save_collection(made.split("test"), tmp_path / "test")
    for folder, reason in {
        "bare": "has no view features",
        "test": "no museums of the split 'validation'",
        "missing": "missing",
    }.items():
        assert run(monkeypatch, "match", "train", tmp_path / folder, tmp_path / "match") == 2
        assert reason in capsys.readouterr().err
    assert not (tmp_path / "match").exists()
    with pytest.raises(match_training.HicalmError, match="never on the test split"):
        match_training.train_share_networks(made)


def test_fits_are_calibrated_for_the_networks_beside_the_checkpoint(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hicalm.search.searcher.Encoder.load", lambda name: AnchorEncoder())
    model = random_model(encoder=ENCODER.label, view_dim=ENCODER.dim, text_dim=ENCODER.dim)
    save_model(model, tmp_path / "hicalm")
    asked = ("match", "calibrate", world, tmp_path / "match", "--checkpoint", tmp_path / "hicalm")
    assert run(monkeypatch, *asked) == 2
    assert "holds others or none" in capsys.readouterr().err
    ShareNetworks("other cafe").save(tmp_path / "match")
    assert run(monkeypatch, *asked) == 2
    assert "do not read the pictures of" in capsys.readouterr().err
    ShareNetworks(ENCODER.label).save(tmp_path / "match")
    ShareNetworks(ENCODER.label).save(tmp_path / "elsewhere")
    other = (*asked[:3], tmp_path / "elsewhere", *asked[4:])
    assert run(monkeypatch, *other) == 2
    assert "holds others or none" in capsys.readouterr().err
    assert run(monkeypatch, *asked, "--absent", tmp_path / "none.jsonl") == 2
    assert "none.jsonl' cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "match" / "fit.json").exists()
