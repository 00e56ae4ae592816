"""Damaged files of every format: each is read or refused in one sentence, and nothing is left."""

import random

import pytest

from benchmarks.damaged_files import damaged, read_all

ONCE_A_FAULT = (2216,)  # by its number
FILES = 3_000  # of 38 formats, in 20 s; `python -m benchmarks.damaged_files` damages any number


def test_the_same_number_damages_a_file_in_the_same_way() -> None:
    content = b'{"a": [1, 2, {"b": null}]}\n' * 9
    first = [damaged(content, random.Random(f"1 {number}")) for number in range(99)]
    assert first == [damaged(content, random.Random(f"1 {number}")) for number in range(99)]
    assert len(set(first)) > 90 and content not in first[:3]
    assert isinstance(damaged(b"", random.Random(0)), bytes)


@pytest.mark.slow
def test_damaged_files_are_read_or_refused_in_one_sentence() -> None:
    found = list(read_all([*ONCE_A_FAULT, *range(FILES)]))
    faults = [one for one in found if one[2] not in ("read", "refused")]
    assert not faults
    assert {name for _, name, _ in found} > {"model.safetensors", "museums.zip", "label.mat"}
    assert sum(told == "refused" for _, _, told in found) > FILES / 2
