"""Rooms proposed by names, and files put into folders as people confirmed them."""

from pathlib import Path

import pytest

from hicalm.errors import HicalmError
from hicalm.importers import sorting
from hicalm.importers.folders import NOT_READ, find_museums
from hicalm.importers.sorting import Placed, arrange, propose, take_in, titles


def laid(folder: Path, names: list[str]) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (["kitchen-1.jpg", "kitchen-2.jpg"], [("Mine", "kitchen"), ("Mine", "kitchen")]),
        (["the_hall (2).png"], [("Mine", "the hall")]),
        (["hall.jpg", "hall.png", "b.jpg"], [("Mine", "Mine"), *[("Mine", "hall")] * 2]),
        (["IMG_0001.JPG", "7.webp"], [("Mine", "Mine"), ("Mine", "Mine")]),
        (["North/1.jpg", "North/hall-1.jpg"], [("North", "North"), ("North", "hall")]),
        (["North/Hall/1.jpg", "North/Hall/left/2.jpg"], [("North", "Hall"), ("North", "Hall")]),
        (["m/r/10.jpg", "m/r/9.jpg"], [("m", "r"), ("m", "r")]),
    ],
)  # fmt: skip
def test_rooms_are_proposed_by_names(tmp_path, names, places):
    found = propose(laid(tmp_path, [*names, "notes.txt"]), "Mine")
    assert [one[1:] for one in found] == places
    assert sorted(one.file for one in found) == sorted(names)


def test_pictures_are_in_natural_order(tmp_path):
    found = propose(laid(tmp_path, ["m/r/10.jpg", "m/r/9.jpg", "m/r 2/1.jpg"]), "Mine")
    assert [one.file for one in found] == ["m/r/9.jpg", "m/r/10.jpg", "m/r 2/1.jpg"]


def test_what_was_confirmed_is_what_is_found(tmp_path):
    names = ["North/museum.txt", "North/Hall/room.txt", "North/Hall/1.jpg", "North/Tower/1.jpg"]
    source = laid(tmp_path / "in", [*names, "readme.txt"])
    placed = [Placed(one.file, one.museum, "Whole house") for one in propose(source, "Mine")]
    was = arrange(source, placed, tmp_path / "out")
    assert was == {
        "North/Whole house/1.jpg": "North/Hall/1.jpg",
        "North/Whole house/1-2.jpg": "North/Tower/1.jpg",
    }
    warnings = []
    (museum,) = find_museums(tmp_path / "out", warnings)
    assert (museum.title, museum.introduction) == ("North", ("North/museum.txt",))
    (room,) = museum.rooms
    assert (room.name, room.paragraph, len(room.pictures)) == (
        "Whole house", ("North/Hall/room.txt",), 2,
    )  # fmt: skip
    assert warnings == []
    assert [path.name for path in source.rglob("*.*")] == ["readme.txt"]  # it belongs to none


def test_a_museum_of_one_room_is_described_by_its_text(tmp_path):
    source = laid(tmp_path / "in", ["House/about.txt", "House/1.jpg"])
    arrange(source, propose(source, "Mine"), tmp_path / "out")
    (museum,) = find_museums(tmp_path / "out", [])
    assert museum.rooms[0].paragraph == museum.introduction == ("House/about.txt",)


@pytest.mark.parametrize(
    "title", ["../../x", "/etc", "..", ".hidden", "__MACOSX", "a\0b", "x" * 999]
)
def test_no_title_leads_outside(tmp_path, title):
    source = laid(tmp_path / "in", ["1.jpg", "2.jpg"])
    placed = [Placed("1.jpg", title, "room"), Placed("2.jpg", "museum", title)]
    arrange(source, placed, tmp_path / "out")
    inside = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(inside) == 2 and len(list(tmp_path.iterdir())) == 2
    assert (
        sum(len(room.pictures) for m in find_museums(tmp_path / "out", []) for room in m.rooms) == 2
    )


def test_titles_are_tidied_and_empty_ones_leave_out():
    given = [("1.jpg", " My \n museum ", "a_b"), ("2.jpg", "", "a"), ("3.jpg", "M", " -- ")]
    assert titles(given) == [Placed("1.jpg", "My museum", "a b")]


def test_files_are_taken_in_by_their_names(tmp_path):
    brought = laid(tmp_path / "cache", ["a.jpg", "b.txt", "c.pdf", "d.zip"])
    names = ["w/m/r/a.jpg", "w/m/r/b.txt", "w/m/r/c.pdf", "d.zip"]
    files = dict(zip(names, sorted(brought.iterdir()), strict=True))
    left_out = take_in(files, tmp_path / "in")
    assert left_out == {"w/m/r/c.pdf": NOT_READ, "d.zip": "A zip file: bring it alone."}
    assert sorted(p.name for p in (tmp_path / "in" / "m" / "r").iterdir()) == ["a.jpg", "b.txt"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["../a.jpg"], "could lead outside"),
        (["/a.jpg"], "could lead outside"),
        (["a/b\\c.jpg"], "could lead outside"),
        (["a.txt"], "no picture"),
        (["a.jpg", "b.jpg"], "These are 2 files, and the limit is 1"),
        (["long.jpg"], "more than 0 MB"),
    ],
)
def test_what_cannot_be_taken_in_is_said(tmp_path, monkeypatch, names, sentence):
    path = tmp_path / "file"
    path.write_bytes(b"x" * (99 if names == ["long.jpg"] else 1))
    monkeypatch.setattr(sorting, "MAX_FILES", 1)
    monkeypatch.setattr(sorting, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(HicalmError, match=sentence):
        take_in(dict.fromkeys(names, path), tmp_path / "in")


def test_a_file_in_the_place_of_a_folder_is_left_out(tmp_path):
    path = laid(tmp_path, ["x"]) / "x"
    left_out = take_in({"a.jpg": path, "a.jpg/b.jpg": path}, tmp_path / "in")
    assert left_out == {"a.jpg/b.jpg": "Another file has the same name."}
