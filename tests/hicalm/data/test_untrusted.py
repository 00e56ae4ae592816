"""Files from others: what is read, and what is refused by name."""

import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.data import untrusted
from hicalm.data.untrusted import as_rows, read_pickle, read_tensors
from hicalm.errors import HicalmError


class Program:
    """Unpickling it would make a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.folder),)


def pickled(path: Path, value: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(value, protocol))
    return path


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_plain_data_and_tensors_come_back(tmp_path: Path, protocol: int) -> None:
    value = {"train": torch.tensor([5, 2]), "words": ["In", "the", 3, 2.5, None, (1, True)]}
    again = read_pickle(pickled(tmp_path / "a.pkl", value, protocol))
    assert again["train"].tolist() == [5, 2] and again["words"] == value["words"]


def test_a_program_is_refused_by_name_and_does_not_run(tmp_path: Path) -> None:
    made = tmp_path / "made"
    with pytest.raises(HicalmError, match=r"mkdir', and only plain data"):
        read_pickle(pickled(tmp_path / "a.pkl", ["In", Program(made)]))
    torch.save({"x": Program(made)}, tmp_path / "a.pt")
    with pytest.raises(HicalmError, match=r"a\.pt' is not read, because it holds more"):
        read_tensors(tmp_path / "a.pt")
    assert not made.exists()


def test_a_program_inside_the_bytes_of_a_tensor_does_not_run(tmp_path: Path) -> None:
    made = tmp_path / "made"
    inner = pickle.dumps(Program(made), 2)

    class Storage:
        def __reduce__(self) -> tuple:
            return torch.storage._load_from_bytes, (inner,)

    with pytest.raises(HicalmError, match="damaged or no pickle"):
        read_pickle(pickled(tmp_path / "a.pkl", [Storage()]))
    assert not made.exists()


@pytest.mark.parametrize("read", [read_pickle, read_tensors])
def test_missing_and_damaged_files_are_named(tmp_path: Path, read: object) -> None:
    with pytest.raises(HicalmError, match=r"x\.pt' is missing"):
        read(tmp_path / "x.pt")
    torch.save(torch.ones(40, 3), tmp_path / "whole.pt")
    whole = (tmp_path / "whole.pt").read_bytes()
    for content in (b"", b"abc", whole[:300], whole[: len(whole) // 2]):
        (tmp_path / "x.pt").write_bytes(content)
        with pytest.raises(HicalmError, match=r"x\.pt' is (damaged|not read)"):
            read(tmp_path / "x.pt")


def test_a_huge_pickle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untrusted, "LARGEST_PICKLE", 10)
    with pytest.raises(HicalmError, match="more than 10 bytes"):
        read_pickle(pickled(tmp_path / "a.pkl", ["many", "words"]))


@pytest.mark.parametrize("value", [{}, [], [torch.ones(2), "x"], 3])
def test_what_is_no_tensor_is_refused(tmp_path: Path, value: object) -> None:
    torch.save(value, tmp_path / "a.pt")
    with pytest.raises(HicalmError, match="a tensor or a list of tensors"):
        read_tensors(tmp_path / "a.pt")


def test_lists_of_tensors_come_back(tmp_path: Path) -> None:
    torch.save([torch.ones(2, 3), torch.zeros(4, 3)], tmp_path / "a.pt")
    assert [len(tensor) for tensor in read_tensors(tmp_path / "a.pt")] == [2, 4]


def test_rows_keep_their_precision() -> None:
    assert as_rows(torch.ones(2, 3).half(), "x").dtype == np.float16
    assert as_rows(torch.ones(2, 3).double(), "x").dtype == np.float32


@pytest.mark.parametrize(
    ("tensor", "reason"),
    [
        (torch.ones(3), r"x has the shape \(3,\)"),
        (torch.ones(0, 3), r"x has the shape \(0, 3\)"),
        (torch.ones(2, 3, dtype=torch.long), "x holds torch.int64"),
        (torch.tensor([[1.0, float("nan")]]), "x holds NaN"),
        (torch.tensor([[1.0, float("inf")]]), "x holds NaN or infinite"),
    ],
)
def test_bad_rows_are_refused(tensor: torch.Tensor, reason: str) -> None:
    with pytest.raises(HicalmError, match=reason):
        as_rows(tensor, "x")


def test_claims_beyond_the_file_take_no_memory(tmp_path: Path) -> None:
    claimed = torch.zeros(1).as_strided((60_000, 60_000), (0, 0))
    torch.save(claimed, tmp_path / "a.pt")
    with pytest.raises(HicalmError, match="tensors claim 14,400,000,000 bytes of numbers, and the"):
        read_tensors(tmp_path / "a.pt")
    with pytest.raises(HicalmError, match="tensors claim 14,400,000,000 bytes"):
        read_pickle(pickled(tmp_path / "a.pkl", {"a": [claimed]}))
    (tmp_path / "memo.pkl").write_bytes(b"\x80\x02]r\x00\x00\x00\x10.")  # the place 2**28
    with pytest.raises(HicalmError, match=r"memo\.pkl' would take more memory"):
        read_pickle(tmp_path / "memo.pkl")
    with zipfile.ZipFile(tmp_path / "a.pt") as stored:
        parts = {name: stored.read(name) for name in stored.namelist()}
    with zipfile.ZipFile(tmp_path / "b.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content + bytes(1000))
    with pytest.raises(HicalmError, match="its parts are packed, as no tensors are"):
        read_tensors(tmp_path / "b.pt")
