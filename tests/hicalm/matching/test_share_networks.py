"""The share networks: what they read, and their files."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from hicalm.encoders.attributes import KINDS, attribute_columns
from hicalm.errors import HicalmError
from hicalm.matching import share_networks
from hicalm.matching.share_networks import (
    CONFIG_FILE,
    JOINT_INPUTS,
    SINGLE_INPUTS,
    WEIGHTS_FILE,
    ShareNetworks,
    kind_inputs,
)
from tests.hicalm.matching.read_rooms import random_networks


def test_probabilities_are_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_networks().single
    inputs = np.random.default_rng(0).standard_normal((25, SINGLE_INPUTS)).astype(np.float32)
    whole = network.probabilities(inputs)
    assert whole.shape == (25, 2) and whole.min() >= 0 and whole.max() <= 1
    assert whole.std() > 0.05
    monkeypatch.setattr(share_networks, "AT_ONCE", 7)
    np.testing.assert_allclose(network.probabilities(inputs), whole, atol=1e-6)
    assert network.probabilities(inputs[:0]).shape == (0, 2)


def test_inputs_are_standardised() -> None:
    network = random_networks().single
    inputs = np.random.default_rng(0).standard_normal((5, SINGLE_INPUTS)).astype(np.float32)
    before = network.probabilities(inputs)
    network.mean.fill_(3)
    network.deviation.fill_(2)
    np.testing.assert_allclose(network.probabilities(2 * inputs + 3), before, atol=1e-5)


def test_the_kind_stands_beside_the_statistics() -> None:
    asked = [("floor", "wood"), ("style", "cubist")]
    columns = np.array([attribute_columns()[pair] for pair in asked])
    statistics = np.arange(20, dtype=np.float32).reshape(2, 2, 5)
    found = kind_inputs(columns, statistics)
    kinds = list(KINDS)
    for row, (room, column) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        assert found[row, :5].tolist() == statistics[room, column].tolist()
        one = [float(kind == asked[column][0]) for kind in kinds]
        assert found[row, 5:].tolist() == one


def test_files_there_and_back(tmp_path: Path) -> None:
    networks = random_networks()
    networks.single.mean.fill_(0.5)
    networks.save(tmp_path / "new")
    loaded = ShareNetworks.load(tmp_path / "new")
    assert loaded.encoder == "fake f00d"
    assert not loaded.training
    assert all(map(torch.equal, networks.state_dict().values(), loaded.state_dict().values()))
    inputs = np.ones((3, JOINT_INPUTS), np.float32)
    assert np.array_equal(networks.joint.probabilities(inputs), loaded.joint.probabilities(inputs))
    assert {file.name for file in (tmp_path / "new").iterdir()} == {CONFIG_FILE, WEIGHTS_FILE}


def test_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random_networks().save(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def fail(state: dict, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(share_networks, "save_file", fail)
    with pytest.raises(OSError, match="No space"):
        random_networks(1).save(tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def state_changed(folder: Path, change: dict) -> None:
    state = load_file(folder / WEIGHTS_FILE) | change
    save_file({k: v for k, v in state.items() if v is not None}, folder / WEIGHTS_FILE)


DAMAGES = {
    "no weights": lambda folder: (folder / WEIGHTS_FILE).unlink(),
    "no configuration": lambda folder: (folder / CONFIG_FILE).unlink(),
    "half of the weights": lambda folder: (folder / WEIGHTS_FILE).write_bytes(
        (folder / WEIGHTS_FILE).read_bytes()[:500]
    ),
    "empty weights": lambda folder: (folder / WEIGHTS_FILE).write_bytes(b""),
    "half of the configuration": lambda folder: (folder / CONFIG_FILE).write_text('{"enc'),
    "a list": lambda folder: (folder / CONFIG_FILE).write_text("[1]"),
    "no encoder": lambda folder: (folder / CONFIG_FILE).write_text('{"format": 1}'),
    "no text": lambda folder: (folder / CONFIG_FILE).write_bytes(b"\xff\xfe{"),
    "deep": lambda folder: (folder / CONFIG_FILE).write_text("[" * 100_000),
}
FOREIGN = {
    "a missing key": {"joint.mean": None},
    "a key too many": {"third.mean": torch.zeros(2)},
    "another shape": {"single.mean": torch.zeros(7)},
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_folders_are_refused_in_one_sentence(tmp_path: Path, damage: str) -> None:
    random_networks().save(tmp_path)
    DAMAGES[damage](tmp_path)
    with pytest.raises(HicalmError, match="does not hold the networks that match rooms") as caught:
        ShareNetworks.load(tmp_path)
    assert "\n" not in str(caught.value)
    assert "match train" in str(caught.value)


@pytest.mark.parametrize("change", FOREIGN)
def test_weights_of_something_else_are_refused(tmp_path: Path, change: str) -> None:
    random_networks().save(tmp_path)
    state_changed(tmp_path, FOREIGN[change])
    with pytest.raises(HicalmError, match="does not hold the networks that match rooms"):
        ShareNetworks.load(tmp_path)


def test_weights_of_something_else_are_refused_in_one_sentence(tmp_path: Path) -> None:
    random_networks().save(tmp_path)
    state_changed(tmp_path, FOREIGN["a missing key"])
    with pytest.raises(HicalmError) as caught:
        ShareNetworks.load(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    random_networks().save(tmp_path)
    (tmp_path / CONFIG_FILE).write_text(json.dumps({"format": 2, "encoder": "fake f00d"}))
    with pytest.raises(HicalmError):
        ShareNetworks.load(tmp_path)
