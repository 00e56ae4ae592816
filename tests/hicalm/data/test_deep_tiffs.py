"""TIFF files of more than eight bits a colour: colours, planes, transparency, turns, damage."""

import io
import random
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from hicalm.data import picture_files
from hicalm.data.deep_tiffs import deep_tiff, load_deep_tiff
from hicalm.data.picture_files import is_panorama, read_picture
from hicalm.errors import HicalmError
from hicalm.importers.panoramas import panorama_views
from tests.hicalm.data.tiffs import tiff

RAMP = np.linspace(0, 1, 96)[None].repeat(32, 0)
COLOURS = np.stack([RAMP, RAMP**2, 1 - RAMP], 2)
EXPECTED = (COLOURS * 255).round()


def decoded(content: bytes, tmp_path: Path) -> np.ndarray:
    """Read a file in this process: the other one is the subject of one test."""
    path = tmp_path / "picture.tif"
    path.write_bytes(content)
    return load_deep_tiff(path)


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize(
    ("kind", "white"),
    [("<u2", 65_535), (">u2", 65_535), ("<i2", 32_767), ("<u4", 4e9), ("<i4", 65_535), ("<f2", 1),
     ("<f4", 1), (">f4", 1), ("<f4", 255), ("<f4", 65_535), ("<f8", 1), (">f8", 3e6)],
)  # fmt: skip
def test_colours_of_every_kind_of_number(
    kind: str, white: float, planes: bool, tmp_path: Path
) -> None:
    content = tiff((COLOURS * white).astype(kind), planes=planes)
    assert np.abs(decoded(content, tmp_path) - EXPECTED).max() <= 1
    grey = tiff((RAMP * white).astype(kind)[..., None])
    assert np.abs(decoded(grey, tmp_path) - EXPECTED[..., :1]).max() <= 1


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
@pytest.mark.parametrize("compression", [1, 5, 8, 32773])
def test_compressed_ones(kind: type, compression: int, tmp_path: Path) -> None:
    values = (COLOURS * (65_535 if kind is np.uint16 else 1)).astype(kind)
    options = [cv2.IMWRITE_TIFF_COMPRESSION, compression]
    content = cv2.imencode(".tiff", values[..., ::-1], options)[1].tobytes()
    assert np.abs(decoded(content, tmp_path) - EXPECTED).max() <= 1


def test_they_are_read_as_any_picture(tmp_path: Path) -> None:
    content = tiff(COLOURS.astype(np.float32))
    assert np.abs(read_picture(io.BytesIO(content)) - EXPECTED).max() <= 1
    (tmp_path / "scan.TIF").write_bytes(content)
    assert (
        np.abs(read_picture(tmp_path / "scan.TIF", 16).mean((0, 1)) - EXPECTED.mean((0, 1))).max()
        < 2
    )
    panorama = tiff(np.full((512, 1024, 3), 0.5, np.float32))
    assert is_panorama(io.BytesIO(panorama)) and not is_panorama(io.BytesIO(content))
    assert {view.shape[2] for view in panorama_views(io.BytesIO(panorama))} == {3}


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize(
    ("extra", "expected"), [(0, (255, 0, 0)), (1, (255, 128, 128)), (2, (255, 128, 128))]
)
def test_what_is_transparent_lies_on_white(
    extra: int, expected: tuple[int, ...], planes: bool, tmp_path: Path
) -> None:
    red = (0.5 if extra == 1 else 1.0, 0, 0, 0.5)
    values = np.full((4, 6, 4), red, np.float32)
    values[0, 0] = (1, 0, 0, 1)  # so that 1 is white
    found = decoded(tiff(values, planes=planes, extra=extra), tmp_path)
    assert (
        np.abs(found[2, 2] - np.array(expected)).max() <= 1 and (found[0, 0] == (255, 0, 0)).all()
    )


def test_white_may_be_zero(tmp_path: Path) -> None:
    content = tiff((RAMP * 65_535).astype(np.uint16)[..., None], photometric=0)
    assert np.abs(decoded(content, tmp_path)[..., 0] - (255 - EXPECTED[..., 0])).max() <= 1


@pytest.mark.parametrize("turned", range(1, 9))
def test_they_are_upright(turned: int, tmp_path: Path) -> None:
    corner = np.zeros((4, 6, 3), np.uint8)
    corner[0, 0], corner[0, -1] = (255, 0, 0), (0, 255, 0)
    exif = Image.Exif()
    exif[0x0112] = turned
    plain = io.BytesIO()
    Image.fromarray(corner).save(plain, "PNG", exif=exif)
    found = decoded(tiff(corner.astype(np.float32) / 255, turned=turned), tmp_path)
    assert (found == read_picture(plain)).all()


def test_other_files_are_left_to_pillow() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "TIFF")
    assert deep_tiff(buffer) is None and deep_tiff(io.BytesIO(b"II*\0")) is None
    assert deep_tiff(Path("no such file")) is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros((4, 4, 5), np.float32), "has 5 numbers of 32 bits for each pixel; 1, 3 and 4"),
        (np.zeros((1, 60, 3), np.float32), "60 x 1 pixels"),
        (np.zeros((4, 6, 3), np.float32), "its numbers have 0 MB, and at most 0"),
    ],
)
def test_limits(values: np.ndarray, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "MB" in reason:
        monkeypatch.setattr(picture_files, "MAX_NUMBERS", 100)
    with pytest.raises(HicalmError, match=reason):
        read_picture(io.BytesIO(tiff(values)))


@pytest.mark.filterwarnings("ignore:Truncated File Read")
def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    content, rng = tiff(COLOURS.astype(np.float32), planes=True), random.Random(1)
    for _ in range(12):
        damaged = bytearray(content)
        for _ in range(3):
            damaged[rng.randrange(len(content) - 250, len(content))] = rng.randrange(256)
        try:
            picture = read_picture(io.BytesIO(bytes(damaged)))
        except HicalmError:
            continue
        assert picture.dtype == np.uint8 and picture.ndim == 3
