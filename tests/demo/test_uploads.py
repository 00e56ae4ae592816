"""Pictures that visitors upload: how they are kept, and how many."""

import io
import threading

import numpy as np
import pytest
from PIL import Image

from demo.address import Address
from demo.uploads import KEPT_SIDE, Uploads, read_picture, takes_long
from hicalm.errors import HicalmError
from tests.hicalm.importers.films import damaged_avif


def as_file(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def test_pictures_are_made_small_upright_and_opaque():
    sideways = Image.new("RGB", (2000, 1000), "navy")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    upright = read_picture(as_file(sideways, "JPEG", exif=exif))
    assert upright.shape == (KEPT_SIDE, KEPT_SIDE // 2, 3) and upright.dtype == np.uint8
    clear = read_picture(as_file(Image.new("RGBA", (10, 10), (0, 0, 0, 0))))
    assert (clear == 255).all()
    grey = read_picture(as_file(Image.new("L", (8, 4), 7)))
    assert grey.shape == (4, 8, 3)


def test_pictures_are_read_as_those_of_a_collection():
    ramp = np.linspace(0, 65_535, 80).astype(np.uint16)[None].repeat(20, 0)
    assert read_picture(as_file(Image.fromarray(ramp))).mean() == pytest.approx(127.5, abs=1)
    with pytest.raises(HicalmError, match="not a picture that can be read, or it is damaged"):
        Uploads().add(damaged_avif())


def test_pictures_are_decoded_one_at_a_time_and_large_ones_let_searches_pass(
    workspace, monkeypatch
):
    began, gate, at_once, most = threading.Event(), threading.Event(), [], []
    read = workspace.uploads.add

    def add(content: bytes) -> str:
        at_once.append(content), most.append(len(at_once))
        began.set(), gate.wait(10)
        token = read(content)
        at_once.pop()
        return token

    monkeypatch.setattr(workspace.uploads, "add", add)
    large = as_file(Image.new("RGB", (2000, 1500)))
    assert len(large) < 50_000  # few bytes, many pixels
    adding = [threading.Thread(target=workspace.add_picture, args=(large,)) for _ in range(4)]
    for thread in adding:
        thread.start()
    assert began.wait(10)
    assert workspace.find(Address(query="red walls")).matches  # though none is decoded yet
    assert len(at_once) == 1
    gate.set(), [thread.join(10) for thread in adding]
    assert most == [1] * 4


def test_how_long_a_picture_takes_is_told_by_its_pixels_and_bytes():
    small, damaged = as_file(Image.new("RGB", (1000, 1000))), as_file(Image.new("L", (9000, 9000)))
    assert not takes_long(small) and takes_long(damaged[:100])
    assert takes_long(small + bytes(2_000_000))
    assert not takes_long(b"no picture") and not takes_long(b"")


def test_only_the_last_pictures_are_kept():
    uploads = Uploads(capacity=2)
    tokens = [uploads.add(as_file(Image.new("RGB", (4, 4)))) for _ in range(3)]
    assert uploads.get(tokens[2]).shape == (4, 4, 3)
    with pytest.raises(HicalmError, match="no longer kept"):
        uploads.get(tokens[0])
