"""Runs with several seeds, each in a folder of its own."""

import json
from pathlib import Path

import torch

from hicalm.data.collection import save_collection
from hicalm.models.checkpoints import load_model
from hicalm.training.seed_runs import new_run_folders
from tests.hicalm.collections import encoded_world
from tests.hicalm.commands import run


def test_every_seed_has_a_run_in_a_folder_of_its_own(tmp_path: Path, monkeypatch, capsys) -> None:
    save_collection(encoded_world(train=4, validation=2, test=2), tmp_path / "world")
    asked = ("train", tmp_path / "world", "--no-art", "--model", "hierartex", "--epochs", 1)
    runs = tmp_path / "runs"
    several = (*asked, "--preset", "published", "--seed", 7)
    assert run(monkeypatch, *several, "--out", runs / "three") == 0
    assert sorted(p.name for p in (runs / "three").iterdir()) == ["seed-7", "seed-8", "seed-9"]
    assert run(monkeypatch, *several, "--out", runs / "one", "--seeds", 1) == 0
    first, second = (load_model(runs / "three" / name) for name in ("seed-7", "seed-8"))
    one = load_model(runs / "one")
    weight = "vision.view_layer.weight"
    torch.testing.assert_close(first.state_dict()[weight], one.state_dict()[weight])
    assert not torch.equal(first.state_dict()[weight], second.state_dict()[weight])
    capsys.readouterr()
    out = tmp_path / "f.json"
    found = ("--collection", tmp_path / "world", "--checkpoints", runs, "--json", out)
    assert run(monkeypatch, "evaluate", *found) == 0
    assert json.loads(out.read_text())["tries"] == {"three": 3}
    for seeds, folder, reason in (
        (1, "three", "holds runs with several seeds"),
        (2, "one", "a run with a single seed"),
        (0, "new", "at least 1"),
    ):  # fmt: skip
        assert run(monkeypatch, *several, "--out", runs / folder, "--seeds", seeds) == 2
        assert reason in capsys.readouterr().err
    assert new_run_folders(tmp_path / "new", 7, 1) == [tmp_path / "new"]
