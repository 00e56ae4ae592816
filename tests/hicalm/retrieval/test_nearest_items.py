"""The nearest items of each level: exactly of few, nearly of many, and of some museums alone."""

from pathlib import Path

import numpy as np
import pytest

from hicalm.data.shards import load_shards, save_shards
from hicalm.errors import HicalmError
from hicalm.geometry import unit
from hicalm.retrieval import nearest_items
from hicalm.retrieval.nearest_items import NearestItems
from hicalm.retrieval.reduced_index import ReducedIndex
from hicalm.retrieval.stored_index import LEVEL_FILES, StoredIndex

WIDTH, MUSEUMS, ROOMS, VIEWS = 64, 60, 2, 50  # of each museum, of each room


@pytest.fixture
def index(tmp_path: Path) -> StoredIndex:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((30, WIDTH))
    counts = np.full(MUSEUMS, ROOMS), np.full(MUSEUMS * ROOMS, VIEWS)
    found = []
    for name, size in zip(LEVEL_FILES, (MUSEUMS, len(counts[1]), counts[1].sum()), strict=True):
        rows = centres[rng.integers(30, size=size)] + 0.5 * rng.standard_normal((size, WIDTH))
        save_shards(tmp_path, name, unit(rows).astype(np.float16))
        shards = load_shards(tmp_path, name)
        assert shards is not None
        found.append(shards)
    return StoredIndex(tmp_path / "derived", *found, *counts)


@pytest.fixture
def texts(index: StoredIndex) -> np.ndarray:
    rng = np.random.default_rng(1)
    return unit(index.view[rng.integers(len(index.view), size=8)].astype(np.float32) + 0.05)


def exact(index: StoredIndex, level: str, texts: np.ndarray) -> np.ndarray:
    items = getattr(index, level)[:].astype(np.float32)
    return np.argsort(-(texts @ items.T), axis=1)


def made(vectors: StoredIndex) -> NearestItems:
    ReducedIndex.make(vectors)
    index = ReducedIndex(vectors)
    done: list[tuple[str, int]] = []
    NearestItems.make(index, lambda level, more: done.append((level, more)))
    assert [level for level, _ in done] == list(LEVEL_FILES)
    assert [count for _, count in done] == [*index.sizes.values()]
    NearestItems.make(index, lambda level, more: pytest.fail("it is there already"))
    return NearestItems(index)


def test_of_few_items_all_are_compared(index: StoredIndex, texts: np.ndarray) -> None:
    nearest = made(index)
    for level in LEVEL_FILES:
        rows, cosines = nearest.nearest(level, texts, 10)
        best = exact(index, level, texts)[:, :5]
        assert all(set(own) <= set(found) for own, found in zip(best, rows, strict=True))
        items = getattr(index, level)[rows[0]].astype(np.float32)
        np.testing.assert_allclose(cosines[0], items @ texts[0], atol=0.01)
    rows, _ = nearest.nearest("museum", texts, 1_000)
    assert rows.shape == (8, MUSEUMS)


def test_of_many_items_most_of_the_nearest_are_found(
    index: StoredIndex, texts: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest_items, "EXACT", 200)
    nearest = made(index)
    rows, _ = nearest.nearest("view", texts, 100)
    best = exact(index, "view", texts)[:, :10]
    kept = np.mean([np.isin(own, found).mean() for own, found in zip(best, rows, strict=True)])
    assert kept > 0.8


@pytest.mark.parametrize("most_exact", [200, 40_000])
def test_the_items_of_some_museums_alone_are_found(
    index: StoredIndex, texts: np.ndarray, monkeypatch: pytest.MonkeyPatch, most_exact: int
) -> None:  # fmt: skip
    monkeypatch.setattr(nearest_items, "EXACT", most_exact)
    nearest = made(index)
    allowed = np.zeros(MUSEUMS, bool)
    allowed[[3, 40, 41]] = True
    for level in LEVEL_FILES:
        rows, _ = nearest.nearest(level, texts, 50, allowed)
        found = rows[rows >= 0]
        assert len(found) and allowed[nearest._index.owners(level, found)].all()
    assert (rows >= 0).any() and not (nearest.nearest("museum", texts, 50, allowed)[0] >= 0).all()


@pytest.mark.parametrize("damage", [None, b"", b"no index", "view"])
def test_what_is_missing_or_damaged_is_said_and_made_again(
    index: StoredIndex, damage: bytes | str | None
) -> None:
    made(index)
    (path,) = index.derived.glob("nearest-room-*.faiss")
    if damage is None:
        path.unlink()
    else:
        if isinstance(damage, str):
            (other,) = index.derived.glob(f"nearest-{damage}-*.faiss")
            damage = other.read_bytes()
        path.write_bytes(damage)
    with pytest.raises(HicalmError, match=r"missing or damaged in .*index --vectors`"):
        NearestItems(ReducedIndex(index))
    again: list[str] = []
    NearestItems.make(ReducedIndex(index), lambda level, _: again.append(level))
    NearestItems(ReducedIndex(index))
    assert set(again) == {"room"}
