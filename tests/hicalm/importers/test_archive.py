"""Zip files from others: pictures and texts come out, and hostile ones leave nothing behind."""

import random
import shutil
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from hicalm.errors import HicalmError
from hicalm.importers import archive
from hicalm.importers.archive import unpack
from hicalm.importers.folders import NO_HOME, NOT_READ
from tests.hicalm.lying_zip import understate

LAYOUT = {"north/1/a.jpg": b"a", "north/1/room.txt": b"Boats.", "south/2/b.PNG": b"b"}


def make(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def unpacked(tmp_path: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    folder = tmp_path / "out"
    unpack(make(tmp_path / "a.zip", files), folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refused(tmp_path: Path, path: Path, reason: str) -> None:
    """Check that the archive is refused in one sentence, and that nothing was written."""
    inner = tmp_path / "a" / "b"  # two steps up are still this test's own folder
    inner.mkdir(parents=True, exist_ok=True)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(HicalmError, match=reason) as caught:
        unpack(path, inner / "out")
    assert "\n" not in str(caught.value)
    assert set(tmp_path.rglob("*")) == before


def test_only_pictures_and_texts_come_out(tmp_path: Path) -> None:
    others = {"__MACOSX/north/1/._a.jpg": b"x", "north/.DS_Store": b"x", "north/run.exe": b"x"}
    assert unpacked(tmp_path, LAYOUT | others | {"north/1/.hidden.jpg": b"x"}) == LAYOUT
    left_out = unpack(make(tmp_path / "b.zip", LAYOUT | others), tmp_path / "again")
    assert left_out == {
        "north/run.exe": NOT_READ,
        "2 hidden": "Put there by a system, not by people.",
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["w/north/1/a.jpg", "w/read me.txt"], ["north/1/a.jpg", "read me.txt"]),
        (["w/north/1/a.jpg", "w/south/b.jpg"], ["north/1/a.jpg", "south/b.jpg"]),
        (["north/1/a.jpg", "north/museum.txt"], ["north/1/a.jpg", "north/museum.txt"]),
        (["north/a.jpg"], ["north/a.jpg"]),
        (["w/north/1/a.jpg", "south/1/a.jpg"], ["w/north/1/a.jpg", "south/1/a.jpg"]),
    ],
)
def test_a_wrapper_is_left_out_and_a_museum_is_not(
    tmp_path: Path, files: list[str], expected: list[str]
) -> None:
    assert set(unpacked(tmp_path, dict.fromkeys(files, b"x"))) == set(expected)


def test_backslashes_are_between_folders(tmp_path: Path) -> None:
    files = {"w\\north\\1\\": b"", "w\\north\\1\\a.jpg": b"a", "w\\south\\2\\b.PNG": b"b"}
    assert unpacked(tmp_path, files) == {"north/1/a.jpg": b"a", "south/2/b.PNG": b"b"}


def test_names_in_utf_8_need_not_say_so(tmp_path: Path) -> None:
    name = "Café/Saal/1.JPG".encode()
    path = make(tmp_path / "a.zip", {"x" * len(name): b"a", "m/r/1.jpg": b"b"})
    path.write_bytes(path.read_bytes().replace(b"x" * len(name), name))
    unpack(path, tmp_path / "out")
    assert (tmp_path / "out" / "Café" / "Saal" / "1.JPG").read_bytes() == b"a"


def test_what_lies_beside_a_wrapper_s_museums_is_named(tmp_path: Path) -> None:
    files = dict.fromkeys(["w/x/north/1/a.jpg", "w/x/south/1/a.avif", "w/x/a.txt"], b"x")
    left_out = unpack(make(tmp_path / "a.zip", files | {"w/read me.txt": b"x"}), tmp_path / "out")
    assert left_out == {"w/read me.txt": NO_HOME}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"north", "south", "a.txt"}


@pytest.mark.parametrize(
    "name",
    ["/etc/a.jpg", "../a.jpg", "m/../../a.jpg", "C:/a.jpg", "C:a.jpg", "m\\..\\a.jpg", "\\a.jpg",
     "C:\\m\\a.jpg", 
     "m/.. /a.jpg", "m//a.jpg", "m/./a.jpg", "m/a\n.jpg"],
)  # fmt: skip
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / "a.zip", {"m/1/fine.jpg": b"x", name: b"x"})
    refused(tmp_path, path, "could lead outside")


def test_links_and_special_files_are_refused(tmp_path: Path) -> None:
    for number, kind in enumerate((stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR)):
        entry = zipfile.ZipInfo("m/1/a.jpg")
        entry.external_attr = (kind | 0o777) << 16
        with zipfile.ZipFile(tmp_path / f"{number}.zip", "w") as file:
            file.writestr(entry, "/etc/passwd")
        refused(tmp_path, tmp_path / f"{number}.zip", "is a link")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_place_is_written_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as file:
        file.writestr("m/1/a.jpg", b"x")
        file.writestr("m/1/a.jpg", b"y")
    refused(tmp_path, tmp_path / "twice.zip", "twice")
    path = make(tmp_path / "case.zip", {"m/1/a.jpg": b"x", "m/1/A.JPG": b"y"})
    refused(tmp_path, path, "twice")
    path = make(tmp_path / "both.zip", {"m/1.jpg": b"x", "m/1.jpg/a.jpg": b"y"})
    refused(tmp_path, path, "a file and a folder")


def test_encrypted_and_oddly_packed_ones_are_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "a.zip", LAYOUT)
    content = bytearray(path.read_bytes())
    place = content.find(b"PK\x01\x02")
    content[place + 8] |= 1
    path.write_bytes(content)
    refused(tmp_path, path, "encrypted")
    refused(tmp_path, make(tmp_path / "l.zip", LAYOUT, zipfile.ZIP_LZMA), "unusual way")


def test_bombs_are_refused_by_what_comes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = make(tmp_path / "a.zip", {"m/1/fine.jpg": b"x", "m/1/a.jpg": bytes(5_000_000)})
    refused(tmp_path, bomb, "200-fold")
    # What the directory says of the packed size is not believed: what is read of the file counts.
    content = bytearray(bomb.read_bytes())
    for place in (content.find(b"PK\x03\x04", 40) + 18, content.rfind(b"PK\x01\x02") + 20):
        struct.pack_into("<I", content, place, 4_000_000)
    (tmp_path / "c.zip").write_bytes(content + bytes(5_000_000 - 22) + content[-22:])
    refused(tmp_path, tmp_path / "c.zip", "200-fold|damaged")
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 1_000)
    many = make(tmp_path / "b.zip", {f"m/1/{n}.jpg": bytes([n]) * 400 for n in range(3)})
    refused(tmp_path, many, "unpacks to more than")


@pytest.mark.parametrize("claimed", [0, 10, 900_000, 2**32 - 2])
def test_an_archive_that_lies_about_sizes_is_refused_before_it_unpacks(
    claimed: int, tmp_path: Path
) -> None:
    bomb = make(tmp_path / "a.zip", {"m/1/fine.jpg": b"x", "m/1/a.jpg": bytes(100_000_000)})
    understate(bomb, claimed)
    tracemalloc.start()
    try:
        refused(tmp_path, bomb, "damaged" if claimed < 1_000_000 else "200-fold")
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_limits_of_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "a.zip", LAYOUT)
    monkeypatch.setattr(archive, "MAX_FILES", 2)
    refused(tmp_path, path, "more than 2 files")
    monkeypatch.setattr(archive, "MAX_BYTES", 20)
    refused(tmp_path, path, "at most 0 MB are unpacked")


def test_damaged_and_empty_ones_are_one_sentence(tmp_path: Path) -> None:
    whole = make(tmp_path / "a.zip", {"m/1/a.jpg": bytes(range(256)) * 40}).read_bytes()
    for number, content in enumerate(
        (b"no zip", whole[:-30], whole[40:], whole[: len(whole) // 2])
    ):
        (tmp_path / f"{number}.zip").write_bytes(content)
        refused(
            tmp_path, tmp_path / f"{number}.zip", "not a zip file, or it is damaged|no pictures"
        )
    wrong = bytearray(whole)
    wrong[60] ^= 0xFF  # inside the packed picture
    (tmp_path / "wrong.zip").write_bytes(wrong)
    refused(tmp_path, tmp_path / "wrong.zip", "damaged")
    rng = random.Random(0)
    for _ in range(300):
        wrong = bytearray(whole)
        for _ in range(3):  # in the directory, where places, sizes and names are
            wrong[rng.randrange(whole.find(b"PK\x01\x02"), len(whole))] = rng.randrange(256)
        (tmp_path / "wrong.zip").write_bytes(wrong)
        try:
            unpack(tmp_path / "wrong.zip", tmp_path / "out")
        except HicalmError:
            assert not (tmp_path / "out").exists()
        else:
            shutil.rmtree(tmp_path / "out")
    (tmp_path / "empty.zip").write_bytes(b"")
    refused(tmp_path, tmp_path / "empty.zip", "empty")
    refused(tmp_path, make(tmp_path / "texts.zip", {"m/1/a.txt": b"x"}), "no pictures")


def test_too_deep_names_and_full_folders_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, make(tmp_path / "a.zip", {"m/" * 9 + "a.jpg": b"x"}), "too deep")
    refused(tmp_path, make(tmp_path / "b.zip", {"m/" + "é" * 150 + ".jpg": b"x"}), "too long")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("kept")
    with pytest.raises(HicalmError, match="there already"):
        unpack(make(tmp_path / "c.zip", LAYOUT), tmp_path / "out")
    assert (tmp_path / "out" / "mine").read_text() == "kept"
