"""Reduced vectors: near cosines of museums' items, however many rooms and views they have."""

from pathlib import Path

import numpy as np
import pytest

from hicalm.data.shards import load_shards, save_shards
from hicalm.errors import HicalmError
from hicalm.geometry import unit
from hicalm.retrieval import reduced_index
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.reduced_index import AXES, ROWS, WIDTH, ReducedIndex
from hicalm.retrieval.stored_index import LEVEL_FILES, StoredIndex

HIDDEN = 96
ROOMS = np.array([2, 1, 3, 1, 4])
VIEWS = np.array([3, 1, 2, 2, 5, 1, 1, 4, 2, 6, 3])


@pytest.fixture
def index(tmp_path: Path) -> StoredIndex:
    """Vectors of which each level has most of its length along few axes, other ones each."""
    rng, found = np.random.default_rng(0), []
    for place, (name, size) in enumerate(
        zip(LEVEL_FILES, (len(ROOMS), len(VIEWS), VIEWS.sum()), strict=True)
    ):
        rows = 0.01 * rng.standard_normal((size, HIDDEN))
        rows[:, 20 * place : 20 * place + 30] += rng.standard_normal((size, 30))
        save_shards(tmp_path, name, unit(rows).astype(np.float16))
        shards = load_shards(tmp_path, name)
        assert shards is not None
        found.append(shards)
    return StoredIndex(tmp_path / "derived", *found, ROOMS, VIEWS)


@pytest.fixture
def reduced(index: StoredIndex, monkeypatch: pytest.MonkeyPatch) -> ReducedIndex:
    monkeypatch.setattr(reduced_index, "AT_ONCE", 2)
    done: list[int] = []
    ReducedIndex.make(index, lambda _, more: done.append(more))
    assert done == [2, 2, 1]
    return ReducedIndex(index)


def levels(index: MuseumIndex) -> dict[str, np.ndarray]:
    return dict(zip(LEVEL_FILES, (index.museum, index.room, index.view), strict=True))


@pytest.mark.parametrize("museums", [[0, 1, 2, 3, 4], [3, 0], [4]])
def test_cosines_of_some_museums_are_near(
    index: StoredIndex, reduced: ReducedIndex, museums: list[int]
) -> None:
    rows = np.array(museums)
    small, whole = reduced.select(rows), index.select(rows)
    assert small.room_counts.tolist() == whole.room_counts.tolist()
    assert small.view_counts.tolist() == whole.view_counts.tolist()
    for level, items in levels(whole).items():
        texts = levels(index.select(np.arange(5)))[level][:3]
        near = reduced.reduce(level, texts) @ levels(small)[level].T
        assert levels(small)[level].shape == (len(items), WIDTH)
        np.testing.assert_allclose(near, texts @ items.T, atol=0.02)
    np.testing.assert_array_equal(reduced.rooms_of(rows), small.room)


def test_single_items_and_their_museums_are_found(reduced: ReducedIndex) -> None:
    whole, texts = reduced.select(np.arange(5)), np.eye(HIDDEN, dtype=np.float32)
    for level, items in levels(whole).items():
        rows = np.arange(len(items))[::-1]
        near = reduced.texts_along_axes(level, texts) @ reduced.along_axes(level, rows).T
        wanted = reduced.reduce(level, texts) @ items[rows].T
        np.testing.assert_allclose(near, wanted, rtol=1e-4, atol=1e-5)
        counts = np.bincount(reduced.owners(level, rows), minlength=5)
        assert counts.tolist() == reduced.counts(level).tolist()
    assert reduced.owners("room", np.array([0, 1, 2, 10])).tolist() == [0, 0, 1, 4]
    assert reduced.owners("view", np.array([0, 3, 4, 30 - 1])).tolist() == [0, 0, 1, 4]


def test_what_is_there_is_not_made_again(index: StoredIndex, reduced: ReducedIndex) -> None:
    ReducedIndex.make(index, lambda *_: pytest.fail("it is there already"))


@pytest.mark.parametrize("name", [AXES, ROWS])
@pytest.mark.parametrize("damage", ["missing", "cut", "other", "nan"])
def test_what_is_missing_or_damaged_is_said(
    index: StoredIndex, reduced: ReducedIndex, name: str, damage: str
) -> None:
    path, whole = index.derived / name, reduced.select(np.arange(5))
    other = np.zeros((3, HIDDEN + (damage == "other"), WIDTH), np.float32)
    other[0, 0, 0] = np.nan if damage == "nan" else 0
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif name == AXES:
        np.save(path, other)
    else:
        save_shards(path.parent, "reduced", np.zeros((4, WIDTH), np.int8))
        (path.parent / "reduced-000.safetensors").replace(path)
    (index.derived / "made-of-them").touch()
    with pytest.raises(HicalmError, match=r"missing or damaged.*index --vectors`"):
        ReducedIndex(index)
    ReducedIndex.make(index)
    np.testing.assert_array_equal(ReducedIndex(index).select(np.arange(5)).view, whole.view)
    assert {path.name for path in index.derived.iterdir()} == {AXES, ROWS}
