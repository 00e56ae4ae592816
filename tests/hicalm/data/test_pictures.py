"""Pictures of views: the right file in 4:3, the rendered world, and no way out of the folder."""

import io
import random
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hicalm.data.collection import Collection, load_collection, save_collection
from hicalm.data.pictures import FilePictures, read_picture
from hicalm.errors import HicalmError
from hicalm.files import encode_jpeg
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


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "CMYK", "I;16"])
def test_every_kind_of_picture_is_read_as_rgb(mode: str) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (5, 4)).save(buffer, "TIFF")
    assert read_picture(buffer).shape == (4, 5, 3)


def huge_png() -> bytes:
    """Return the head of a picture of 100 megapixels, which is never decoded."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    for kind, data in ((b"IHDR", header), (b"IDAT", b""), (b"IEND", b"")):
        parts += [struct.pack(">I", len(data)), kind, data]
        parts.append(struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(parts)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a picture"),
        (b"<svg onload=alert(1)>", "not a picture"),
        (encode_jpeg(np.zeros((64, 64, 3), np.uint8))[:300], "not a picture"),
        (b"P6 3\x17 4 255 ", "not a picture"),
        (huge_png(), "100 megapixels; at most 50"),
    ],
)
def test_what_is_no_picture_is_one_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(HicalmError, match=reason):
        read_picture(io.BytesIO(content))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "PPM"])
def test_damaged_files_are_read_or_refused(form: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    buffer, rng = io.BytesIO(), random.Random(1)
    Image.fromarray(noise).save(buffer, form)
    for _ in range(60):
        damaged = bytearray(buffer.getvalue())
        for _ in range(3):
            damaged[rng.randrange(min(len(damaged), 200))] = rng.randrange(256)
        try:
            picture = read_picture(io.BytesIO(bytes(damaged)))
        except HicalmError:
            continue
        assert picture.dtype == np.uint8 and picture.ndim == 3


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 6), (200, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (read_picture(tmp_path / "clear.png") == 255).all()
    Image.new("LA", (8, 6), (0, 255)).save(tmp_path / "solid.png")
    assert (read_picture(tmp_path / "solid.png") == 0).all()
