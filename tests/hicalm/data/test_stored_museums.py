"""Stored museums are those in memory, read one at a time, and follow their file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.data import stored_museums
from hicalm.data.collection import Collection, load_collection, save_collection, save_texts
from hicalm.data.museums import parse_museum
from hicalm.data.stored_museums import StoredMuseums
from hicalm.errors import HicalmError
from tests.hicalm.collections import encoded_world


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_collection(encoded_world(), tmp_path)
    return tmp_path


def titled(collection: Collection, title: str) -> Collection:
    first, *others = collection.museums
    return replace(collection, museums=(replace(first, title=title), *others))


def test_a_stored_collection_is_the_one_in_memory(folder: Path) -> None:
    whole, stored = load_collection(folder), load_collection(folder, store=True)
    assert isinstance(whole.museums, tuple) and isinstance(stored.museums, StoredMuseums)
    assert isinstance(load_collection(folder).museums, StoredMuseums)  # from now on
    assert tuple(stored.museums) == whole.museums
    assert tuple(stored.specifications) == whole.specifications
    assert stored.museums[-1] == whole.museums[-1] and stored.museums[1:3] == whole.museums[1:3]
    with pytest.raises(IndexError):
        stored.museums[len(whole.museums)]
    for name, column in whole.columns.arrays.items():
        np.testing.assert_array_equal(stored.columns.arrays[name], column)
    assert stored.columns.content == whole.columns.content
    assert stored.split("test").museums == whole.split("test").museums
    for museum in whole.museums:
        assert stored.museum(museum.id) == museum
    with pytest.raises(HicalmError, match="There is no museum 'x'"):
        stored.museum("x")


def test_only_what_is_asked_for_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_collection(folder, store=True)
    read: list[bytes] = []

    def parse(line: bytes, where: str) -> object:
        read.append(line)
        return parse_museum(line, where)

    monkeypatch.setattr(stored_museums, "parse_museum", parse)
    collection = load_collection(folder)
    collection.room_row(collection.columns.ids[2], 0)
    assert len(read) == 1
    assert collection.museums[2] is collection.museums[2]
    assert len(read) == 1


def test_museums_that_have_changed_are_stored_anew(folder: Path) -> None:
    before = load_collection(folder, store=True)
    save_texts(titled(before, "Another title"), folder)
    after = load_collection(folder)
    assert isinstance(after.museums, StoredMuseums)
    assert after.museums[0].title == "Another title" != before.museums[0].title


def flip(path: Path) -> None:
    """Change the last byte of a file, which is one of its numbers."""
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 255]))


@pytest.mark.parametrize(
    "damage",
    [
        lambda inside: (inside / "rooms.npy").write_bytes(b"no array"),
        lambda inside: (inside / "views.npy").unlink(),
        lambda inside: flip(inside / "id_rows.npy"),
        lambda inside: flip(inside / "museums.jsonl.npy"),
    ],
)
def test_a_damaged_store_is_made_again(folder: Path, damage: Callable[[Path], object]) -> None:
    load_collection(folder, store=True)
    damage(folder / "museums")
    again = load_collection(folder)
    assert isinstance(again.museums, StoredMuseums)
    assert tuple(again.museums) == encoded_world().museums


def test_a_line_that_is_no_museum_is_named_and_nothing_is_stored(folder: Path) -> None:
    with (folder / "museums.jsonl").open("a") as file:
        file.write('\n{"id": 3}\n')
    with pytest.raises(HicalmError, match=r"Line 8 of .*museums.jsonl' is no museum"):
        load_collection(folder, store=True)
    assert not (folder / "museums").exists()


def test_what_is_made_of_all_museums_is_kept(folder: Path) -> None:
    made: list[int] = []

    def make() -> list[str]:
        made.append(1)
        return ["a"]

    in_memory, stored = load_collection(folder), load_collection(folder, store=True)
    assert in_memory.kept("words", make) == in_memory.kept("words", make) == ["a"]
    assert stored.kept("words", make) == load_collection(folder).kept("words", make) == ["a"]
    assert len(made) == 3
    save_texts(titled(stored, "Another title"), folder)
    assert load_collection(folder).kept("words", make) == ["a"]
    assert len(made) == 4
