"""Vectors beside a collection: written once, and anew where features change."""

import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from hicalm.data import rows as row_module
from hicalm.data.collection import Collection, load_collection, save_collection
from hicalm.data.shards import save_shards
from hicalm.errors import FullDiskError, HicalmError
from hicalm.retrieval.index import build_index
from hicalm.retrieval.stored_index import FOLDER, StoredVectors
from hicalm.search import indexing
from hicalm.search.indexing import Writing, store_vectors
from tests.hicalm.collections import encoded_world, random_model

Disk = namedtuple("Disk", "total used free")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Collection:
    """A world whose vectors are told from others by its first view alone."""
    monkeypatch.setattr(row_module, "SAMPLED", 1)
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    save_collection(encoded_world(), tmp_path)
    return load_collection(tmp_path)


def store(world: Collection) -> tuple[StoredVectors, int]:
    model = random_model()
    stored = StoredVectors.make(world, model, "f00d")
    return stored, store_vectors(world, model, stored)


def changed(world: Collection, museum: int) -> Collection:
    """Return the world after the last view of a museum was encoded anew."""
    views = np.array(world.features.rows("view"))
    views[world.view_offsets[museum + 1] - 1] = views[0]
    assert world.folder is not None
    save_shards(world.folder / "features", "view", views)
    return load_collection(world.folder)


def test_vectors_of_changed_features_alone_are_written_anew(world: Collection) -> None:
    stored, written = store(world)
    assert written == len(world.museums) and store(world)[1] == 0
    stored.derived.mkdir()
    other = changed(world, 3)
    stored, written = store(other)
    assert written == 1 and not stored.derived.exists()
    views = np.asarray(other.features.rows("view"))
    exact = build_index(random_model(), views, other.view_counts, other.room_counts)
    found = stored.index(random_model()).select(np.arange(len(other.museums)))
    np.testing.assert_allclose(found.view, exact.view, atol=1e-3)
    np.testing.assert_allclose(found.museum, exact.museum, atol=1e-3)


def test_a_run_that_was_ended_goes_on(world: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, kept = Writing.keep, []

    def ended(own: Writing, rows: np.ndarray, made: object) -> None:
        if kept:
            raise KeyboardInterrupt
        kept.append(rows)
        plain(own, rows, made)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Writing, "keep", ended)
        store(world)
    assert StoredVectors.open(world, "f00d") is None
    assert store(world)[1] == len(world.museums) - 2
    assert StoredVectors.open(world, "f00d") is not None


def test_what_does_not_fit_on_the_disk_is_not_begun(
    world: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Disk(10**9, 10**9, 500))
        with pytest.raises(FullDiskError, match=r"would take .* MB, and 0\.0 MB are free"):
            store(world)
    assert world.folder is not None
    assert not list((world.folder / FOLDER).rglob("*.safetensors"))
    store(world)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(10**9, 10**9, 500))
    assert store(world)[1] == 0  # what is there needs no room


@pytest.mark.parametrize("name", ["done.npy", "standards.npy"])
def test_files_of_another_shape_are_refused(world: Collection, name: str) -> None:
    stored, _ = store(world)
    np.save(stored.folder / name, np.zeros(2, np.float32))
    with pytest.raises(HicalmError, match=r"cannot be read: it has float32 \(2,\)"):
        StoredVectors.open(world, "f00d")


def test_dropped_vectors_are_gone(world: Collection) -> None:
    store(world)
    StoredVectors.drop(world)
    assert StoredVectors.open(world, "f00d") is None and store(world)[1] == len(world.museums)
