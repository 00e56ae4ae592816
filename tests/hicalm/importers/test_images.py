"""Own pictures become a collection: what is read, what is left out, and where it goes on."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hicalm.data.collection import load_collection
from hicalm.data.picture_files import UNREADABLE
from hicalm.data.sentences import clean
from hicalm.errors import HicalmError
from hicalm.importers import videos
from hicalm.importers.folders import EMPTY, NO_HOME, NOT_READ
from hicalm.importers.images import Shares, import_images
from hicalm.world.world_pictures import open_pictures
from tests.hicalm.collections import FakeEncoder
from tests.hicalm.importers.films import damaged_avif, film

RED, GREEN, BLUE = (200, 30, 30), (30, 200, 30), (30, 30, 200)


class CountingEncoder(FakeEncoder):
    """Counts images, and stops at one of them as if the machine had been switched off."""

    def __init__(self, stop_at: int | None = None, content: str = "f00d") -> None:
        super().__init__(content=content)
        self.images, self.stop_at = 0, stop_at

    def encode_images(self, images: np.ndarray) -> np.ndarray:
        self.images += len(images)
        if self.stop_at is not None and self.images >= self.stop_at:
            raise KeyboardInterrupt
        return super().encode_images(images)


class FakeExpert:
    name, hash, dim = "expert", "cafe", 2

    def encode_images(self, images: np.ndarray) -> np.ndarray:
        return np.ones((len(images), 2), np.float32)


def paint(path: Path, colour: tuple[int, int, int] = RED) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 30), colour).save(path)


def describe(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "My_pictures"
    paint(folder / "North" / "room 10" / "a.png", BLUE)
    paint(folder / "North" / "room 2" / "view 10.PNG", GREEN)
    paint(folder / "North" / "room 2" / "view 9.jpg", RED)
    describe(folder / "North" / "museum.txt", "A museum in the north. It is cold.")
    describe(folder / "North" / "room 2" / "anything.TXT", "Boats.\nAll are red.")
    paint(folder / "south" / "a.webp", BLUE)
    return folder


def test_folders_become_museums_rooms_and_views(mine: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    out = tmp_path / "out"
    report = import_images(
        mine, out, FakeEncoder(), FakeExpert(), progress=lambda *at: seen.append(at)
    )
    collection = load_collection(out)
    assert (collection.name, report.museums, report.rooms, report.views) == ("My pictures", 2, 3, 4)
    assert (report.splits, report.warnings, report.left_out) == ({"test": 2}, [], {})
    north, south = collection.museums
    assert (north.id, north.title, south.id) == ("north", "North", "south")
    assert [(room.name, room.views) for room in north.rooms] == [("room 2", 2), ("room 10", 1)]
    assert north.introduction == ("A museum in the north.", "It is cold.")
    assert [room.paragraph for room in north.rooms] == [
        ("Boats.", "All are red."), ("A room called room 10.",),
    ]  # fmt: skip
    assert south.introduction == ("A museum called south.",)
    assert [room.name for room in south.rooms] == ["south"]
    picture = open_pictures(collection).picture("north", 0, 1, 40)
    assert picture.shape == (30, 40, 3) and abs(picture.mean((0, 1)) - GREEN).max() < 3
    colours = collection.features.get("view")[:, :3] * 255
    assert abs(colours - [RED, GREEN, BLUE, BLUE]).max() < 6
    assert collection.features.get("art").shape == (4, 2)
    assert len(collection.features.get("sentence")) == report.sentences == 7
    assert seen[0] == (0, 4) and seen[-1] == (4, 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["My_pictures", "out"]


def test_what_is_no_view_is_passed_over_and_named(mine: Path, tmp_path: Path) -> None:
    paint(tmp_path / "secret" / "1" / "a.png")
    (mine / "North" / "linked").symlink_to(tmp_path / "secret" / "1")
    (mine / "North" / "room 2" / "linked.png").symlink_to(tmp_path / "secret" / "1" / "a.png")
    for hidden in ("__MACOSX/x/a.png", ".cache/x/a.png", "North/room 2/._view 9.png"):
        paint(mine / hidden)
    (mine / "North" / ".DS_Store").write_bytes(b"x")
    (mine / "North" / "empty").mkdir()
    (mine / "nothing").mkdir()
    (mine / "south" / "photo.raw").write_bytes(b"x")
    (mine / "south" / "notes.pdf").write_bytes(b"x")
    describe(mine / "readme.txt", "About all of it.")
    report = import_images(mine, tmp_path / "out", FakeEncoder(), None)
    assert (report.museums, report.rooms, report.views) == (2, 3, 4)
    assert report.left_out == {
        "North/linked": "It is a link, which is not followed.",
        "North/room 2/linked.png": "It is a link, which is not followed.",
        "North/empty": EMPTY,
        "nothing": EMPTY,
        "south/photo.raw": NOT_READ,
        "south/notes.pdf": NOT_READ,
        "readme.txt": NO_HOME,
    }
    assert "left out: south/notes.pdf: It is of no kind that is read: " in "\n".join(report.lines())


def huge() -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(buffer, "PNG")
    return buffer.getvalue()


def test_broken_pictures_are_named_or_left_out(mine: Path, tmp_path: Path) -> None:
    whole = (mine / "North" / "room 2" / "view 9.jpg").read_bytes()
    (mine / "North" / "room 2" / "view 1.jpg").write_bytes(whole[:300])
    (mine / "North" / "room 10" / "a.png").write_bytes(huge())
    describe(mine / "west" / "1" / "a.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    line = Image.new("L", (9_000, 1))
    line.save(mine / "south" / "line.png")
    out = tmp_path / "out"
    with pytest.raises(HicalmError, match="4 files cannot be read") as caught:
        import_images(mine, out, FakeEncoder(), None)
    for said in ("'North/room 2/view 1.jpg': The file is not", "64 megapixels", "50 times the"):
        assert said in str(caught.value)
    assert not out.exists()
    again = CountingEncoder()
    report = import_images(mine, out, again, None, skip_broken=True)
    assert again.images == 0  # what was encoded before the failure is kept
    assert (report.museums, report.rooms, report.views, len(report.left_out)) == (2, 2, 3, 4)
    assert report.warnings == [
        "No picture of 'room 10' in 'North' could be read: the room was left out.",
        "No picture of 'west' could be read: the museum was left out.",
    ]
    collection = load_collection(out)
    for museum in collection.museums:
        for number, room in enumerate(museum.rooms):
            folder = out / "pictures" / museum.id / str(number + 1)
            assert len(list(folder.iterdir())) == room.views
    assert not (out / "pictures" / "west").exists()


def test_an_interrupted_import_goes_on(mine: Path, tmp_path: Path) -> None:
    out, first = tmp_path / "out", CountingEncoder(stop_at=4)
    with pytest.raises(KeyboardInterrupt):
        import_images(mine, out, first, None)
    assert not out.exists()
    second = CountingEncoder()
    import_images(mine, out, second, None)
    assert second.images == 1  # of the museum that was not finished
    import_images(mine, tmp_path / "whole", FakeEncoder(), None)
    one, other = load_collection(out), load_collection(tmp_path / "whole")
    assert one.museums == other.museums
    for kind in ("view", "sentence"):
        np.testing.assert_array_equal(one.features.get(kind), other.features.get(kind))


@pytest.mark.parametrize("change", ["picture", "text", "encoder", "art", "object", "removed"])
def test_stale_work_is_not_used_again(mine: Path, tmp_path: Path, change: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        import_images(mine, tmp_path / "out", CountingEncoder(stop_at=4), None)
    if change == "picture":
        paint(mine / "North" / "room 10" / "b.png")
    if change == "text":
        describe(mine / "North" / "museum.txt", "Other words.")
    if change == "removed":
        (mine / "North").rename(tmp_path / "elsewhere")
    encoder = CountingEncoder(content="beef" if change == "encoder" else "f00d")
    expert, out = FakeExpert(), tmp_path / "out"
    report = import_images(
        mine,
        out,
        encoder,
        expert if change == "art" else None,
        object_expert=expert if change == "object" else None,
    )
    found = load_collection(out).features
    assert set(found.arrays) == {"view", "sentence"} | ({change} & {"art", "object"})
    assert encoder.images == report.views == {"picture": 5, "removed": 1}.get(change, 4)
    pictures = [path for path in (out / "pictures").rglob("*") if path.is_file()]
    assert len(pictures) == report.views


def test_odd_names_become_safe_ids_and_readable_titles(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    names = ["2024", "Café & Ärmel", "cafe armel", "<b>Bold", "музей", "!!!", "a\nb", "..x"]
    for name in names:
        paint(mine / name / "1" / "a.png")
    undecodable = b"bad\xff"
    try:
        paint(mine / undecodable.decode("utf-8", "surrogateescape") / "1" / "a.png")
        paint(mine / "2024" / "1" / undecodable.decode("utf-8", "surrogateescape"), RED)
    except (OSError, ValueError):  # a file system of UTF-8 alone, or a name without an ending
        pass
    report = import_images(mine, tmp_path / "out", FakeEncoder(), None)
    museums = {museum.id: museum.title for museum in load_collection(tmp_path / "out").museums}
    assert all(id.replace("-", "").isalnum() and id.isascii() and id[0] != "-" for id in museums)
    assert museums["2024"] == "2024" and museums["b-bold"] == "<b>Bold"
    assert {"Café & Ärmel", "cafe armel", "музей", "A museum", "a b"} <= set(museums.values())
    assert {"cafe-armel", "cafe-armel-2", "museum"} <= set(museums)
    assert all(clean(line) == line for line in report.lines())


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        ("\ufeffÜber Boote.".encode(), ("Über Boote.",)),
        ("Über Boote.".encode("utf-16"), ("Über Boote.",)),
        ("Über Boote.".encode("cp1252"), ("Über Boote.",)),
        (b" \n\n", ("A museum called south.",)),
        (b"\x00\x01\x02", ("A museum called south.",)),
        (b"x" * 300_000, ("A museum called south.",)),
    ],
)
def test_texts_of_any_kind(
    mine: Path, tmp_path: Path, content: bytes, sentences: tuple[str, ...]
) -> None:
    describe(mine / "south" / "about.txt", content)
    import_images(mine, tmp_path / "out", FakeEncoder(), None)
    assert load_collection(tmp_path / "out").museum("south").introduction == sentences


def test_several_texts_need_one_with_the_usual_name(mine: Path, tmp_path: Path) -> None:
    describe(mine / "south" / "a.txt", "One.")
    describe(mine / "south" / "b.txt", "Two.")
    describe(mine / "North" / "notes.txt", "Not this.")
    report = import_images(mine, tmp_path / "out", FakeEncoder(), None)
    reason = "There are 2 texts, and none is called museum.txt."
    assert report.left_out == {
        "south/a.txt": reason,
        "south/b.txt": reason,
        "North/notes.txt": "'museum.txt' beside it was read.",
    }
    museum = load_collection(tmp_path / "out").museum("north")
    assert museum.introduction == ("A museum in the north.", "It is cold.")


def test_folders_that_will_not_do(mine: Path, tmp_path: Path) -> None:
    encoder = FakeEncoder()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("mine")
    (tmp_path / "a.part").mkdir()
    (tmp_path / "a.part" / "x").write_text("mine")
    (tmp_path / "empty").mkdir()
    for folder, out, reason in (
        (mine, tmp_path / "full", "there already"),
        (mine, mine / "out", "must not lie inside"),
        (mine, tmp_path / "a", "holds something else"),
        (tmp_path / "none", tmp_path / "out", "is not a folder"),
        (tmp_path / "empty", tmp_path / "out", "no museum with pictures"),
    ):
        with pytest.raises(HicalmError, match=reason):
            import_images(folder, out, encoder, None)
        assert not (tmp_path / "out.part").exists()
    assert (tmp_path / "a.part" / "x").read_text() == "mine"


def test_shares_of_the_splits(tmp_path: Path) -> None:
    for number in range(10):
        paint(tmp_path / "mine" / f"{number}" / "a.png")
    report = import_images(
        tmp_path / "mine", tmp_path / "out", FakeEncoder(), None, shares=Shares(0.7, 0.1)
    )
    assert report.splits == {"test": 2, "train": 7, "validation": 1}
    assert Shares(0.7, 0.1).splits(10) == Shares(0.7, 0.1).splits(10)
    assert Shares(0.5, 0.5).splits(3).count("test") == 0
    with pytest.raises(HicalmError, match="at most 1 together"):
        Shares(0.7, 0.4).splits(10)


@pytest.mark.filterwarnings("ignore")
def test_pictures_are_upright_and_decoded_small(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    picture = Image.new("RGB", (4_000, 3_000), RED)
    picture.paste(BLUE, (0, 0, 2_000, 3_000))
    folder = tmp_path / "mine" / "m"
    folder.mkdir(parents=True)
    picture.save(folder / "a.jpg", exif=exif)
    import_images(tmp_path / "mine", tmp_path / "out", FakeEncoder(), None)
    shown = open_pictures(load_collection(tmp_path / "out")).picture("m", 0, 0, 40)
    assert abs(shown[2].mean(0) - BLUE).max() < 9 and abs(shown[-3].mean(0) - RED).max() < 9


def test_a_panorama_and_a_video_are_rooms_of_views(tmp_path: Path) -> None:
    house, out = tmp_path / "mine" / "House", tmp_path / "out"
    house.mkdir(parents=True)
    Image.new("RGB", (3_000, 1_500), BLUE).save(house / "Blue hall.jpg")
    film(house / "Grey_hall.AVI", range(0, 200, 4))
    paint(house / "Red hall" / "1.png", RED)
    (house / "cut.mp4").write_bytes((house / "Grey_hall.AVI").read_bytes()[:300])
    seen: list[tuple[int, int]] = []
    report = import_images(
        tmp_path / "mine", out, FakeEncoder(), None, skip_broken=True,
        progress=lambda *at: seen.append(at),
    )  # fmt: skip
    (museum,) = load_collection(out).museums
    assert [(room.name, room.views) for room in museum.rooms] == [
        ("Blue hall", 12), ("Grey hall", 32), ("Red hall", 1),
    ]  # fmt: skip
    assert report.left_out == {"House/cut.mp4": videos.UNREADABLE}
    assert seen[0] == (0, 77) and seen[-1] == (77, 77) and seen == sorted(seen)
    assert len({done for done, _ in seen if 24 < done < 56}) > 5  # while the video is read
    pictures = open_pictures(load_collection(out))
    assert abs(pictures.picture("house", 0, 11, 40).mean((0, 1)) - BLUE).max() < 4
    shades = [pictures.picture("house", 1, view, 40).mean() for view in range(32)]
    assert shades == sorted(shades) and shades[0] < 9 and shades[-1] > 187
    kept = sum(path.stat().st_size for path in (out / "pictures").rglob("*.*"))
    assert kept < 500_000 and not list((out / "pictures").rglob("*.avi"))


def test_a_zip_file_is_imported_and_goes_on_where_it_was(mine: Path, tmp_path: Path) -> None:
    (mine / "North" / "plan.pdf").write_bytes(b"x")
    shutil.make_archive(str(tmp_path / "My zip"), "zip", mine)
    archive, out = tmp_path / "My zip.zip", tmp_path / "there" / "out"
    with pytest.raises(KeyboardInterrupt):
        import_images(archive, out, CountingEncoder(stop_at=4), None)
    assert [path.name for path in out.parent.iterdir()] == ["out.part"]
    second = CountingEncoder()
    report = import_images(archive, out, second, None)
    assert second.images == 1
    assert (report.museums, report.rooms, report.views) == (2, 3, 4)
    assert report.left_out == {"North/plan.pdf": NOT_READ}
    assert load_collection(out).name == "My zip"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_decoder_that_fails_leaves_its_picture_out(mine: Path, tmp_path: Path) -> None:
    (mine / "North" / "room 2" / "damaged.avif").write_bytes(damaged_avif())
    report = import_images(mine, tmp_path / "out", FakeEncoder(), None, skip_broken=True)
    assert report.left_out == {"North/room 2/damaged.avif": UNREADABLE} and report.views == 4
