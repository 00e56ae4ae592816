"""Pictures are added to a collection of features: one a view, or none at all."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hicalm.data.collection import load_collection
from hicalm.errors import HicalmError
from hicalm.importers.attached import attach_pictures
from hicalm.world.world_pictures import open_pictures
from tests.hicalm.commands import run
from tests.hicalm.importers.published_museums import published_museums

MUSEUM = "Museum1-2.unity"  # two rooms of twelve views


@pytest.fixture
def museums(tmp_path: Path) -> Path:
    return published_museums(tmp_path, 4)


@pytest.fixture
def pictures(tmp_path: Path, museums: Path) -> Path:
    """A picture a view, as red as its number; the first museum's lie all in one folder."""
    folder = tmp_path / "pictures"
    for row, museum in enumerate(load_collection(museums).museums):
        for room in range(len(museum.rooms)):
            own = (
                folder / (museum.title if row else museum.id) / (f"room {room + 1}" if row else "")
            )
            own.mkdir(parents=True, exist_ok=True)
            for view in range(12):
                picture = Image.new("RGB", (40, 30), (10 * view + 100 * room, 0, 0))
                picture.save(own / f"{view + 1}.png")
    return folder


def test_every_view_gets_its_picture(museums: Path, pictures: Path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "import", "pictures", museums, pictures) == 0
    assert capsys.readouterr().out == "84 pictures\n"
    collection = load_collection(museums)
    assert collection.features.fingerprints["view"].hash == "published"
    picture = open_pictures(collection).picture(MUSEUM, 1, 10, 40)  # number 11 comes behind 2
    assert np.unique(picture[..., 0]).tolist() == [200]
    with pytest.raises(HicalmError, match="has pictures already"):
        attach_pictures(museums, pictures)


def broken(path: Path) -> None:
    path.write_bytes(b"no picture")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: shutil.rmtree(p / "Museum1-2"), f"There is no folder of {MUSEUM}"),
        (lambda p: (p / "Museum1-2/room 2/3.png").unlink(), "has 12, 11 pictures a room"),
        (lambda p: broken(p / "Museum1-2/room 2/3.png"), "3.png': The file is not a picture"),
    ],
)  # fmt: skip
def test_what_does_not_fit_changes_nothing(
    museums: Path, pictures: Path, change, reason: str
) -> None:
    change(pictures)
    before = sorted(museums.rglob("*"))
    with pytest.raises(HicalmError, match=reason):
        attach_pictures(museums, pictures, progress=False)
    assert sorted(museums.rglob("*")) == before
    assert load_collection(museums).pictures == {"source": "none"}
