"""Commands that make collections and parts of them."""

import json
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import (
    Collection,
    Features,
    Fingerprint,
    Museum,
    Room,
    load_collection,
    save_collection,
)
from hicalm.levels import LEVELS
from hicalm.maps.columns import level_columns
from hicalm.maps.map import LevelMap, Maps, encoder_label, load_maps, save_maps, weights_hash
from hicalm.models.checkpoints import save_model
from tests.hicalm.collections import encoded_world, random_model
from tests.hicalm.commands import run

Patch = pytest.MonkeyPatch


def test_one_split_can_be_taken_out(tmp_path: Path, monkeypatch: Patch) -> None:
    save_collection(encoded_world(train=1, test=2), tmp_path / "all")
    assert run(monkeypatch, "export-split", tmp_path / "all", "test", tmp_path / "test") == 0
    taken = load_collection(tmp_path / "test")
    assert [museum.split for museum in taken.museums] == ["test", "test"]
    assert len(taken.features.arrays["view"]) == taken.view_counts.sum()


def test_maps_of_before_get_their_structure_and_keep_their_points(
    tmp_path: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, checkpoint = tmp_path / "world", tmp_path / "checkpoint"
    world = encoded_world(test=3)
    save_collection(world, folder)
    checkpoint.mkdir()
    (checkpoint / "model.safetensors").write_bytes(b"weights")
    columns = level_columns(world)
    levels = {}
    for level in LEVELS:
        xy = np.random.default_rng(0).uniform(-50, 50, (len(columns[level][0].codes), 2))
        xy = xy.astype(np.float32)
        levels[level] = LevelMap(xy, xy[:0], columns[level])
    fingerprints = weights_hash(checkpoint), encoder_label(world)
    save_maps(Maps(levels, 7, {"method": "any"}, *fingerprints, {"view": {"points": 3}}), folder)
    before = {path: path.read_bytes() for path in folder.rglob("*.safetensors")}
    assert run(monkeypatch, "map", folder, "--checkpoint", checkpoint, "--names-only") == 0
    assert {path: path.read_bytes() for path in folder.rglob("*.safetensors")} == before
    maps = load_maps(load_collection(folder), checkpoint)
    assert (maps.seed, maps.metrics) == (7, {"view": {"points": 3}})
    assert set(maps.structure.purity) == set(maps.structure.regions) == set(LEVELS)
    assert json.loads(capsys.readouterr().out)["purity"] == maps.structure.purity


def test_a_map_may_be_of_a_sample(
    tmp_path: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, checkpoint = tmp_path / "world", tmp_path / "checkpoint"
    save_collection(encoded_world(test=4), folder)
    save_model(random_model(), checkpoint)
    monkeypatch.setattr("hicalm.maps.fit.layout", lambda vectors, _: vectors[:, :2])
    asked = ("map", folder, "--checkpoint", checkpoint)
    assert run(monkeypatch, *asked, "--sample", 2, "--seed", 3) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["museums"], report["of_museums"]) == (2, 4)
    maps = load_maps(load_collection(folder), checkpoint)
    assert len(maps.sample.rows) == len(maps.levels["museum"].xy) == 2 and maps.seed == 3
    points = {path: path.read_bytes() for path in folder.rglob("*.safetensors")}
    assert run(monkeypatch, *asked, "--names-only") == 0
    assert {path: path.read_bytes() for path in folder.rglob("*.safetensors")} == points
    assert json.loads(capsys.readouterr().out)["purity"] == report["purity"]
    for wrong, said in (
        (("--names-only", "--sample", 2), "leave out --sample"),
        (("--sample", 0), "sample must be at least 1, not 0"),
    ):
        assert run(monkeypatch, *asked, *wrong) != 0
        assert said in capsys.readouterr().err


def test_rooms_are_discovered_where_there_are_none(
    tmp_path: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    views = np.array([[1, 0], [0, 1], [1, 0.1]], np.float16)
    flat = Museum("flat", "Flat", "test", (), (Room("all", ("A flat.",), 3),))
    features = Features({"view": views}, {"view": Fingerprint("fake", "f00d", 2)})
    save_collection(Collection("Flats", "", (flat,), {"source": "none"}, features), tmp_path)
    assert run(monkeypatch, "rooms", tmp_path) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"museum_id": "flat", "rooms": [[1, 3], [2]]}
    assert run(monkeypatch, "rooms", tmp_path, "--write", tmp_path / "new") == 0
    assert json.loads(capsys.readouterr().out) == {"museums": 1, "discovered_rooms": 2}
    assert [room.views for room in load_collection(tmp_path / "new").museums[0].rooms] == [2, 1]
