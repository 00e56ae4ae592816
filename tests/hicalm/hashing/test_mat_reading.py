"""Damaged .mat files: one sentence, whatever becomes of the process that reads them."""

import random
from pathlib import Path

import numpy as np
from scipy.io import savemat

from hicalm.errors import HicalmError
from hicalm.hashing.mat_reading import read_mat


def test_plain_data_come_back_as_they_were(tmp_path: Path) -> None:
    cells = np.empty((2, 1), object)
    cells[:, 0] = ["sea", np.array(["old", "boat"], object)]
    given = {"a": np.eye(3, dtype=np.int8), "b": np.array(["x", "yz"]), "c": cells, "d": 1.5}
    savemat(tmp_path / "a.mat", given | {"s": {"field": 1}})
    found, names = read_mat(tmp_path / "a.mat", ("a", "b", "c", "s", "none"), 10_000)
    assert names == ["a", "b", "c", "d", "s"] and list(found) == ["a", "b", "c", "s"]
    np.testing.assert_array_equal(found["a"], np.eye(3))
    assert found["b"].tolist() == ["x ", "yz"] and found["a"].dtype == np.int8
    assert found["c"].shape == (2, 1) and found["c"][0, 0].item() == "sea"
    assert found["c"][1, 0].shape == (1, 2) and found["c"][1, 0][0, 1].item() == "boat"
    assert found["s"].tolist() == [[(np.ones((1, 1)),)]]  # the fields of a structure


def test_no_damaged_byte_ends_this_process(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"label": np.eye(3, dtype=np.uint8)})
    whole, rng = (tmp_path / "a.mat").read_bytes(), random.Random(3)
    for at in [*range(128, len(whole), 8), *(rng.randrange(128, len(whole)) for _ in range(8))]:
        damaged = bytearray(whole)
        damaged[at] ^= 1 << rng.randrange(8)
        (tmp_path / "b.mat").write_bytes(damaged)
        try:
            read_mat(tmp_path / "b.mat", ("label",), 10_000)
        except HicalmError as error:
            assert "\n" not in str(error)
