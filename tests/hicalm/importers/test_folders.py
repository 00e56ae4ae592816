"""Folders as people have them: wrapped, with floors, loose, and what systems put into them."""

from pathlib import Path, PurePosixPath

import pytest
from PIL import Image

from hicalm.importers.folders import EMPTY, MAX_DEPTH, NO_HOME, find_museums, wrapper
from hicalm.importers.sorting import arrange, propose

ROOMS = {"Gallery: Room 1": 2, "Gallery: Room 2": 1}
FLOORS = {"Gallery: First floor, Room 1": 2, "Gallery: Ground floor, Room 1": 1}


def laid(folder: Path, names: list[str]) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def found(folder: Path, left_out: dict[str, str] | None = None) -> dict[str, int]:
    """Return the number of files of each room."""
    museums = find_museums(folder, {} if left_out is None else left_out, "Mine")
    return {f"{m.title}: {room.name}": len(room.pictures) for m in museums for room in m.rooms}


CASES = [
    (["Gallery/Room 1/1.jpg", "Gallery/Room 1/2.HEIC", "Gallery/Room 2/1.jfif"], ROOMS),
    (["a/Gallery/Room 1/1.jpg", "a/Gallery/Room 1/2.bmp", "a/Gallery/Room 2/1.jpe"], ROOMS),
    (["a/b/c/Gallery/Room 1/1.GIF", "a/b/c/Gallery/Room 1/2.tif", "a/b/c/Gallery/Room 2/1.tiff"],
     ROOMS),
    (["Gallery/First floor/Room 1/1.jpg", "Gallery/First floor/Room 1/2.jpg",
      "Gallery/Ground floor/Room 1/1.jpg"], FLOORS),
    (["a/Gallery/First floor/Room 1/1.jpg", "a/Gallery/First floor/Room 1/2.jpg",
      "a/Gallery/Ground floor/Room 1/1.jpg"], FLOORS),
    (["Gallery/Obergeschoss/Saal 1/1.jpg"], {"Gallery: Obergeschoss, Saal 1": 1}),
    (["A/East/Room 1/1.jpg", "B/West/Room 1/1.jpg"], {"A: East, Room 1": 1, "B: West, Room 1": 1}),
    (["A/East/Level 1/Room 1/1.jpg", "B/1.jpg"], {"A: East, Level 1, Room 1": 1, "B: B": 1}),
    (["A/Room 1/1.jpg", "A/Room 1/details/2.jpg", "B/1.jpg"], {"A: Room 1": 2, "B: B": 1}),
    (["export/Natural history/Hall/1.jpg", "export/Drawings/Hall/1.jpg"],
     {"Drawings: Hall": 1, "Natural history: Hall": 1}),
    (["1.jpg", "2.jpg"], {"Mine: Mine": 2}),
    (["Gallery/Room 1/1.jpg", "loose.jpg"], {"Gallery: Room 1": 1, "Mine: Mine": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("names", "rooms"), CASES)
def test_museums_rooms_and_floors(tmp_path: Path, names: list[str], rooms: dict) -> None:
    systems = ["__MACOSX/Gallery/Room 1/._1.jpg", ".DS_Store", "Thumbs.db", ".hidden/1.jpg"]
    assert found(laid(tmp_path, [*names, *systems])) == rooms


@pytest.mark.parametrize(("names", "rooms"), CASES[:-1])
def test_the_app_proposes_the_same_rooms(tmp_path: Path, names: list[str], rooms: dict) -> None:
    outer = wrapper(map(PurePosixPath, names))  # which archives and uploads leave out
    laid(tmp_path / "in", ["/".join(name.split("/")[len(outer) :]) for name in names])
    arrange(tmp_path / "in", propose(tmp_path / "in", "Mine"), tmp_path / "out")
    assert found(tmp_path / "out") == rooms


def test_panoramas_and_videos_beside_rooms_are_rooms(tmp_path: Path) -> None:
    laid(tmp_path, ["House/Hall/1.jpg", "House/walk_round.MP4", "House/a.jpg", "House/b.jpg"])
    Image.new("L", (600, 300)).save(tmp_path / "House" / "Blue hall.jpg")
    Image.new("L", (600, 300)).save(tmp_path / "House" / "Hall" / "2.jpg")
    expected = {"House: House": 2, "House: Blue hall": 1, "House: walk round": 1, "House: Hall": 2}
    assert found(tmp_path) == expected
    rooms = {one.room for one in propose(tmp_path, "Mine")}
    assert rooms == {"House", "Blue hall", "walk round", "Hall"}


def test_every_file_left_out_is_named(tmp_path: Path) -> None:
    deep = "A/" + "d/" * MAX_DEPTH
    names = ["a/A/Room 1/1.jpg", f"a/{deep}1.jpg", "a/read me.txt", "a/A/East/floor.txt"]
    left_out: dict[str, str] = {}
    names += ["a/A/East/Room 2/1.jpg", "a/A/East/Room 2/x/y.txt", "a/B/1.jpg", "other/b.txt"]
    rooms = {"A: East, Room 2": 1, "A: Room 1": 1, "B: B": 1}
    assert found(laid(tmp_path, names), left_out) == rooms
    assert left_out.pop(f"a/{deep}".rstrip("/")) == f"It lies more than {MAX_DEPTH} folders deep."
    assert left_out == {
        "a/read me.txt": NO_HOME,
        "a/A/East/floor.txt": NO_HOME,
        "a/A/East/Room 2/x/y.txt": NO_HOME,
        "other": EMPTY,
    }
