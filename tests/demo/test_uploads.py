"""Pictures that visitors upload: how they are kept, and how many."""

import io

import numpy as np
import pytest
from PIL import Image

from demo.uploads import KEPT_SIDE, Uploads, read_picture
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


def test_only_the_last_pictures_are_kept():
    uploads = Uploads(capacity=2)
    tokens = [uploads.add(as_file(Image.new("RGB", (4, 4)))) for _ in range(3)]
    assert uploads.get(tokens[2]).shape == (4, 4, 3)
    with pytest.raises(HicalmError, match="no longer kept"):
        uploads.get(tokens[0])
