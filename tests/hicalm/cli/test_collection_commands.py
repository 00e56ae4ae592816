"""Commands that make collections and parts of them."""

from pathlib import Path

import pytest

from hicalm.data.collection import load_collection, save_collection
from tests.hicalm.collections import encoded_world
from tests.hicalm.commands import run

Patch = pytest.MonkeyPatch


def test_one_split_can_be_taken_out(tmp_path: Path, monkeypatch: Patch) -> None:
    save_collection(encoded_world(train=1, test=2), tmp_path / "all")
    assert run(monkeypatch, "export-split", tmp_path / "all", "test", tmp_path / "test") == 0
    taken = load_collection(tmp_path / "test")
    assert [museum.split for museum in taken.museums] == ["test", "test"]
    assert len(taken.features.arrays["view"]) == taken.view_counts.sum()
