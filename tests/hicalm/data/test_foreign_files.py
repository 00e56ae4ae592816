"""Files of others: whatever becomes of the process that reads them is one sentence."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.data import foreign_files
from hicalm.data.foreign_files import read_foreign
from hicalm.errors import HicalmError
from tests.hicalm.data.foreign_readers import (
    endless,
    found,
    greedy,
    killed,
    multiplied,
    nested,
    number,
    refused,
    shared,
)


def read(path: Path, reader: Callable, *options: object, **changes: object) -> object:
    path.touch()
    return read_foreign(
        path, reader, *options, **{"damaged": "It is damaged", "keep": True} | changes
    )


def test_plain_data_come_through(tmp_path: Path) -> None:
    texts, ordered, arrays, tensors, other = read(tmp_path / "a", found, imports=["torch"])
    assert texts == {"text": "\ud800é\n", 3: (1, 2.5, None, True)} and other is None
    assert ordered == {"bytes": b"\0\1", "number": 10**30}
    assert arrays["cells"].shape == (1, 2) and arrays["cells"][0, 0] == "sea"
    assert arrays["cells"][0, 1].tolist() == [[1, 0], [0, 1]]
    assert arrays["lines"].tolist() == ["a", "bc"] and arrays["none"].dtype == np.float16
    assert tensors[0].tolist() == [[0, 2], [1, 3]] and tensors[1].dtype == torch.bfloat16
    assert tensors[2].item() is True


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(
    ("reader", "limits", "sentence"),
    [
        (killed, {}, "It is damaged."),
        (endless, {"seconds": 0.3}, "Reading 'PATH' took more than 0.3 seconds. It is damaged, "),
        (greedy, {}, "Reading 'PATH' would take more memory than its size tells. It is damaged."),
        (nested, {}, "It is damaged: maximum recursion depth exceeded"),
        (multiplied, {"memory": 10**9, "seconds": 1}, "Reading 'PATH' took more than 1 seconds"),
        (killed, {"damaged": "No film."}, "No film."),
    ],
)
def test_whatever_happens_is_one_sentence(
    tmp_path: Path, reader: Callable, limits: dict, sentence: str, apart: bool
) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(HicalmError) as caught:
        read(tmp_path / "a", reader, apart=apart, **limits)
    assert str(caught.value).startswith(sentence.replace("PATH", str(tmp_path / "a")))
    assert "\n" not in str(caught.value)


def test_a_sentence_of_the_reader_is_the_sentence(tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match=r"^Not so\.$"):
        read(tmp_path / "a", refused, "Not so.")
    with pytest.raises(HicalmError, match="none' cannot be read: No such file"):
        read_foreign(tmp_path / "none", number, damaged="It is damaged")


def test_who_no_longer_waits_ends_the_process(tmp_path: Path) -> None:
    def stop(share: float) -> None:
        assert share == 0.5
        raise InterruptedError

    begin = time.monotonic()
    with pytest.raises(InterruptedError):
        read(tmp_path / "a", shared, progress=stop, keep=False)
    assert time.monotonic() - begin < 30


def test_a_process_is_kept_for_the_next_file_until_it_dies(tmp_path: Path) -> None:
    first = read(tmp_path / "a", number)
    with pytest.raises(HicalmError):
        read(tmp_path / "a", refused, "Not so.")
    assert read(tmp_path / "a", number) == first != read(tmp_path / "a", number, keep=False)
    with pytest.raises(HicalmError):  # a fork of it ends, and not itself
        read(tmp_path / "a", killed, apart=True)
    assert read(tmp_path / "a", number) == first != read(tmp_path / "a", number, apart=True)
    with pytest.raises(HicalmError):
        read(tmp_path / "a", killed)
    second = read(tmp_path / "a", number)
    os.kill(second, signal.SIGKILL)
    foreign_files._KEPT[0]._process.wait()
    assert len({first, second, read(tmp_path / "a", number)}) == 3
