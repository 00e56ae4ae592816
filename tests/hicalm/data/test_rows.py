"""Rows on disk: read in any order, over any number of files, and nothing but what was asked for."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hicalm.data import rows as row_module
from hicalm.data import shards
from hicalm.data.rows import JoinedRows, StoredRows, select_rows
from hicalm.errors import HicalmError

ARRAY = np.arange(60, dtype=np.float32).reshape(20, 3)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> StoredRows:
    folder = tmp_path_factory.mktemp("rows")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_BYTES", 36)  # three rows a file
        shards.save_shards(folder, "view", ARRAY)
    assert len(list(folder.iterdir())) == 7
    return shards.load_shards(folder, "view")


@settings(max_examples=60)
@given(rows=st.lists(st.integers(0, 19), max_size=40))
def test_any_rows_in_any_order(stored: StoredRows, rows: list[int]) -> None:
    wanted = np.array(rows, np.int64)
    np.testing.assert_array_equal(stored[wanted], ARRAY[wanted])
    joined = JoinedRows([stored, ARRAY[:, :1]])
    np.testing.assert_array_equal(joined[wanted], np.hstack([ARRAY, ARRAY[:, :1]])[wanted])


@settings(max_examples=30)
@given(data=st.data(), rows=st.lists(st.integers(0, 19), min_size=1, max_size=20))
def test_a_selection_of_a_selection(
    stored: StoredRows, data: st.DataObject, rows: list[int]
) -> None:
    first = np.array(rows)
    second = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=10)), np.int64)
    chosen = select_rows(select_rows(stored, first), second)
    assert chosen.shape == (len(second), 3)
    np.testing.assert_array_equal(np.asarray(chosen), ARRAY[first][second])
    np.testing.assert_array_equal(chosen[1:], ARRAY[first][second][1:])


def test_runs_of_whole_numbers_are_read_one_after_the_other(tmp_path: Path) -> None:
    shards.save_shards(tmp_path, "view", ARRAY.astype(np.int8))
    rows = shards.load_shards(tmp_path, "view")
    found = rows.read_runs(np.array([12, 0, 18]), np.array([3, 0, 2]))
    assert found.dtype == np.int8
    np.testing.assert_array_equal(found, ARRAY[[12, 13, 14, 18, 19]])
    with pytest.raises(HicalmError, match="have changed while they were read"):
        rows.read_runs(np.array([18]), np.array([3]))


def test_rows_outside_are_refused(stored: StoredRows) -> None:
    for rows in ([20], [-1]):
        with pytest.raises(IndexError, match="0 to 19"):
            stored[np.array(rows)]


def test_a_file_that_shrinks_while_it_is_read_is_named(tmp_path: Path) -> None:
    shards.save_shards(tmp_path, "view", ARRAY)
    rows = shards.load_shards(tmp_path, "view")
    path = tmp_path / "view-000.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(HicalmError, match=r"view features in .* changed while they were read"):
        rows[:]
    with pytest.raises(HicalmError, match=r"view features in .* are damaged"):
        shards.load_shards(tmp_path, "view")


def test_files_of_different_widths_are_damaged(tmp_path: Path) -> None:
    shards.save_shards(tmp_path, "view", ARRAY)
    other = tmp_path / "other"
    other.mkdir()
    shards.save_shards(other, "view", ARRAY[:, :2])
    (other / "view-000.safetensors").rename(tmp_path / "view-001.safetensors")
    with pytest.raises(HicalmError, match="damaged"):
        shards.load_shards(tmp_path, "view")


def test_rows_can_be_written_over_themselves(stored: StoredRows, tmp_path: Path) -> None:
    shutil.copytree(stored.folder, tmp_path, dirs_exist_ok=True)
    own = shards.load_shards(tmp_path, "view")
    shards.save_shards(tmp_path, "view", own.select(np.arange(19, -1, -1)))
    np.testing.assert_array_equal(np.asarray(shards.load_shards(tmp_path, "view")), ARRAY[::-1])


def test_the_mean_distance_is_that_of_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    views = np.random.default_rng(0).standard_normal((7, 3)).astype(np.float16)
    monkeypatch.setattr(row_module, "BLOCK", 3)
    normed = views / np.linalg.norm(views.astype(float), axis=1, keepdims=True)
    assert row_module.mean_distance(views) == pytest.approx(
        1 - (normed @ normed.T).mean(), abs=1e-6
    )
