"""Pictures of views: the right file in 4:3, the rendered world, and no way out of the folder."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hicalm.data.collection import Collection, load_collection, save_collection
from hicalm.data.pictures import FilePictures
from hicalm.errors import HicalmError
from hicalm.world.world_pictures import open_pictures
from tests.hicalm.collections import ragged_collection

RED, BLUE = (200, 30, 30), (30, 30, 200)


def write(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (40, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


@pytest.fixture
def files(tmp_path: Path) -> Collection:
    save_collection(ragged_collection(), tmp_path)
    write(tmp_path / "pictures/m-0/1/a.png", RED)
    write(tmp_path / "pictures/m-0/1/b.png", BLUE, size=(30, 90))
    write(tmp_path / "pictures/m-2/3/z.png", BLUE, size=(400, 30))
    return load_collection(tmp_path)


def test_files_are_views_in_the_order_of_their_names(files: Collection) -> None:
    source = open_pictures(files)
    for place, colour in (((("m-0", 0, 0)), RED), (("m-0", 0, 1), BLUE), (("m-2", 2, 0), BLUE)):
        picture = source.picture(*place, width=64)
        assert (picture.shape, picture.dtype) == ((48, 64, 3), np.uint8)
        assert (picture == colour).all()
    assert source.floor_plan("m-0") is None
    with Image.open(io.BytesIO(source.cover("m-0"))) as image:
        assert (image.format, image.size) == ("JPEG", (320, 240))


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (("m-9", 0, 0), "no museum 'm-9'"),
        (("m-0", 2, 0), "m-0 has 2 rooms; there is no room 3"),
        (("m-0", -1, 0), "there is no room 0"),
        (("m-0", 0, 2), "has 2 views; there is no view 3"),
        (("m-0", 1, 0), "view 1 in '2' is missing"),
    ],
)
def test_what_is_not_there_is_named(files: Collection, place: tuple, reason: str) -> None:
    with pytest.raises(HicalmError, match=reason):
        open_pictures(files).picture(*place)


def test_nothing_outside_the_folder_is_read(files: Collection, tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match="outside its folder"):
        FilePictures(replace(files, pictures={"source": "files", "root": ".."}))
    write(tmp_path / "secret/1/a.png", RED)
    museum = replace(files.museums[0], id="../secret")
    sly = replace(files, museums=(museum, *files.museums[1:]))
    with pytest.raises(HicalmError, match="outside the pictures' folder"):
        open_pictures(sly).picture("../secret", 0, 0)


@pytest.mark.parametrize("pictures", [{}, {"source": "web"}, {"source": "files"}])
def test_a_source_that_cannot_be_opened_is_refused(files: Collection, pictures: dict) -> None:
    with pytest.raises(HicalmError, match="picture"):
        open_pictures(replace(files, pictures=pictures))
