"""Picture files as people have them: greys, turns, formats, limits, and what is damaged."""

import io
import random
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from hicalm.data.deep_tiffs import deep_tiff
from hicalm.data.picture_files import (
    ENDINGS,
    claimed_pixels,
    is_panorama,
    learn_heif,
    read_picture,
)
from hicalm.errors import HicalmError
from hicalm.files import encode_jpeg

RAMP = np.linspace(0, 1, 96)[None].repeat(32, 0)
NAMED = {".jpe": "JPEG", ".jfif": "JPEG", ".heic": "HEIF", ".heif": "HEIF", ".tif": "TIFF"}


def written(picture: Image.Image, form: str, **options: object) -> io.BytesIO:
    learn_heif()
    content = io.BytesIO()
    picture.save(content, form, **options)
    return content


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_every_kind_of_file_is_read(ending: str) -> None:
    colours = np.zeros((48, 64, 3), np.uint8)
    colours[:, :32, 0] = colours[:, 32:, 2] = 200
    form = NAMED.get(ending) or Image.registered_extensions()[ending]
    picture = read_picture(written(Image.fromarray(colours), form))
    assert picture.dtype == np.uint8 and picture.shape == (48, 64, 3)
    for columns in (slice(2, 28), slice(36, 62)):
        assert abs(picture[:, columns].mean((0, 1)) - colours[:, columns].mean((0, 1))).max() < 9


@pytest.mark.parametrize(
    ("kind", "white", "form"),
    [
        (np.uint16, 65_535, "PNG"),
        (np.uint16, 65_535, "TIFF"),
        (">u2", 65_535, "TIFF"),
        (np.int32, 65_535, "TIFF"),
        (np.int32, 255, "TIFF"),
        (np.int32, 2_000_000, "TIFF"),
        (np.float32, 1, "TIFF"),
        (np.float32, 1.1, "TIFF"),
        (np.float32, 255, "TIFF"),
        (np.float32, 65_535, "TIFF"),
        (np.float32, 1e9, "TIFF"),
    ],
)
def test_greys_of_more_than_eight_bits_keep_their_order(kind: str, white: float, form: str) -> None:
    picture = read_picture(written(Image.fromarray((RAMP * white).astype(kind)), form))
    assert picture.shape == (32, 96, 3) and (np.diff(picture[..., 0].astype(int)) >= 0).all()
    assert (picture[0, 0] == 0).all() and (picture[0, -1] == 255).all()
    assert picture.mean() == pytest.approx(127.5, abs=14 if white == 1.1 else 1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e9, 7.0])
def test_odd_numbers_are_some_grey(value: float) -> None:
    odd = np.full((8, 8), value, np.float32)
    assert read_picture(written(Image.fromarray(odd), "TIFF")).shape == (8, 8, 3)


def test_of_several_frames_the_first_is_read() -> None:
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "lime", "blue")]
    for form in ("GIF", "TIFF", "WEBP"):
        content = written(frames[0], form, save_all=True, append_images=frames[1:])
        assert abs(read_picture(content).mean((0, 1)) - (255, 0, 0)).max() < 3, form


@pytest.mark.parametrize(
    ("kind", "form"),
    [("RGB", "JPEG"), ("RGB", "HEIF"), ("RGBA", "PNG"), ("P", "PNG"), ("I;16", "PNG"),
     ("F", "TIFF"), ("RGB", "AVIF"), ("RGB", "WEBP"), ("CMYK", "JPEG")],
)  # fmt: skip
def test_pictures_are_upright(kind: str, form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    content = written(Image.new(kind, (80, 40)), form, exif=exif.tobytes())
    assert read_picture(content).shape == (80, 40, 3)


def test_a_large_jpeg_is_decoded_smaller() -> None:
    content = written(Image.new("L", (9_000, 6_000), 99), "JPEG")
    assert read_picture(content, 320).shape == (375, 563, 3)  # 2 times 8 smaller
    with pytest.raises(HicalmError, match="too large: 54 megapixels would be decoded"):
        read_picture(content)


@pytest.mark.parametrize(
    ("size", "lens", "xmp", "expected"),
    [
        ((512, 256), None, b"", True),
        ((3_000, 1_500), 7, b"", True),
        ((3_000, 1_501), None, b"", True),
        ((2_000, 1_000), 26, b"", False),  # a telephone's photograph of that shape
        ((2_000, 1_000), 26, b'GPano:ProjectionType="equirectangular"', True),
        ((200, 100), None, b"", False),
        ((1_000, 750), None, b"", False),
        ((500, 1_000), None, b"", False),
    ],
)
def test_what_is_a_panorama(
    size: tuple[int, int], lens: int | None, xmp: bytes, expected: bool
) -> None:
    exif = Image.Exif()
    if lens:
        exif.get_ifd(0x8769)[0xA405] = lens
    content = written(Image.new("L", size), "JPEG", exif=exif, **({"xmp": xmp} if xmp else {}))
    assert is_panorama(content) == expected
    assert not is_panorama(io.BytesIO(content.getvalue()[:20]))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "CMYK", "I;16"])
def test_every_kind_of_picture_is_read_as_rgb(mode: str) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (5, 4)).save(buffer, "TIFF")
    assert read_picture(buffer).shape == (4, 5, 3)


def huge_png(side: int) -> bytes:
    """Return the head of a square picture, which is never decoded."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    for kind, data in ((b"IHDR", header), (b"IDAT", b""), (b"IEND", b"")):
        parts += [struct.pack(">I", len(data)), kind, data]
        parts.append(struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(parts)


def claiming(width: int, height: int, **options: bool) -> bytes:
    """Return a small JPEG that says that it is larger."""
    content = io.BytesIO()
    Image.new("L", (8, 8)).save(content, "JPEG", **options)
    start = re.search(rb"\xff[\xc0\xc2]\x00\x0b\x08", content.getvalue()).end()
    whole = bytearray(content.getvalue())
    struct.pack_into(">HH", whole, start, height, width)
    return bytes(whole)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (claiming(30_000, 10_000), "too large: it has 300 megapixels; at most 200"),
        (
            claiming(12_000, 5_000, progressive=True),
            r"60 megapixels; at most 50 .* \(not progressive",
        ),
        (claiming(60_000, 1_000), "60000 x 1000 pixels; one side may be at most 50 times"),
        (b"", "not a picture"),
        (b"<svg onload=alert(1)>", "not a picture"),
        (encode_jpeg(np.zeros((64, 64, 3), np.uint8))[:300], "not a picture"),
        (b"P6 3\x17 4 255 ", "not a picture"),
        (huge_png(10_000), "too large: it has 100 megapixels; at most 50"),
        (huge_png(60_000), "too large: it has 3600 megapixels"),
    ],
)
def test_what_is_no_picture_is_one_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(HicalmError, match=reason):
        read_picture(io.BytesIO(content))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_damaged_files_are_read_or_refused(form: str) -> None:
    learn_heif()
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


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg(*segments: bytes, **options: object) -> bytes:
    """Return a JPEG with further segments before its own."""
    content = written(Image.new("RGB", (64, 48), "red"), "JPEG", **options).getvalue()
    return content[:2] + b"".join(segments) + content[2:]


def of_many_scans(scans: int, **options: object) -> bytes:
    content = written(Image.new("L", (64, 48), 128), "JPEG", **options).getvalue()
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * scans + content[-2:]


def directory(*tags: tuple[int, int, int, int]) -> bytes:
    """Return a TIFF of tags: each its number, type, how many values, and the value or place."""
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


def tiff_of(*tags: tuple[int, int, int, int], values: bytes = b"") -> bytes:
    """Return a grey TIFF, 64 x 64, with further tags; ``values`` begin at byte 65,536."""
    own = {256: 64, 257: 64, 258: 8, 259: 1, 262: 1, 273: 100, 277: 1, 278: 64, 279: 4096}
    rest = [(tag, 4, 1, value) for tag, value in own.items() if tag not in {t[0] for t in tags}]
    return directory(*rest, *tags).ljust(65_536, b"\0") + values


def tags_of_the_same_bytes() -> list[tuple[int, int, int, int]]:
    return [(tag, 7, 60_000, 8) for tag in range(1000, 5000)]


def png_of_chunks(chunks: int) -> bytes:
    content = written(Image.new("L", (8, 8)), "PNG").getvalue()
    empty = bytes(4) + b"prVt" + struct.pack(">I", zlib.crc32(b"prVt"))
    return content[:33] + empty * chunks + content[33:]


def gif_of_comments(blocks: int) -> bytes:
    content = written(Image.new("L", (8, 8)), "GIF").getvalue()
    start = 13 + 3 * (2 << (content[10] & 7))
    return content[:start] + b"!\xfe" + b"\1x" * blocks + b"\0" + content[start:]


@pytest.mark.parametrize("options", [{"progressive": True}, {}])
def test_a_jpeg_of_very_many_scans_is_refused(options: dict[str, bool], tmp_path: Path) -> None:
    content = of_many_scans(200, **options)
    (tmp_path / "scans.jpg").write_bytes(content)
    for file in (io.BytesIO(content), tmp_path / "scans.jpg"):
        with pytest.raises(HicalmError, match="more than 100 scans"):
            read_picture(file)
    second = content.index(b"\xff\xda", content.index(b"\xff\xda") + 2)
    hidden = content[:second] + segment(0xFE, b"\xff\xd9") + content[second:]
    with pytest.raises(HicalmError, match="more than 100 scans"):  # a comment ends no picture
        read_picture(io.BytesIO(hidden))


def test_scans_of_thumbnails_and_of_what_follows_do_not_count() -> None:
    many = of_many_scans(200)
    content = jpeg(segment(0xE1, b"Exif\0\0" + b"\xff\xda" * 500), progressive=True)
    for following in (b"", many, b"ftypmp42" + b"\xff\xda" * 500):
        assert read_picture(io.BytesIO(content + following)).shape == (48, 64, 3)
    mpo = written(Image.new("RGB", (64, 48)), "MPO", save_all=True,
                  append_images=[Image.new("RGB", (64, 48))] * 3)  # fmt: skip
    assert read_picture(mpo, 16).shape[2] == 3 and claimed_pixels(mpo) == 64 * 48


@pytest.mark.parametrize(
    "content",
    [
        jpeg(segment(0xE1, b"") * 20_000),
        jpeg(segment(0xE1, b"Exif\0\0" + bytes(999)) * 100),
        jpeg(segment(0xE2, bytes(65_000)) * 700),
        jpeg(segment(0xC0, b"\x08\0\x40\0\x40\3" + b"\1\x11\0" * 20_000) * 40),
        gif_of_comments(20_000),
        png_of_chunks(20_000),
        tiff_of(*tags_of_the_same_bytes()),
        tiff_of((273, 4, 600_000, 65_536), (279, 4, 600_000, 65_536), values=bytes(2_400_000)),
        tiff_of((258, 3, 2_000_000, 65_536), values=b"\x10\0" * 2_000_000),
    ],
    ids=["segments", "EXIF", "size", "tables", "comments", "chunks", "tags", "strips", "bits"],
)
def test_headers_have_limits(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(content)
    for file in (io.BytesIO(content), tmp_path / "picture"):
        with pytest.raises(HicalmError, match="far more descriptions or parts"):
            read_picture(file)
        assert claimed_pixels(file) == 0 and not is_panorama(file) and deep_tiff(file) is None


@pytest.mark.parametrize("form", ["WEBP", "PNG", "HEIF"])
def test_exif_has_limits(form: str) -> None:
    exif = b"Exif\0\0" + directory(*tags_of_the_same_bytes()).ljust(60_100, b"\0")
    content = written(Image.new("RGB", (64, 48)), form, exif=exif)
    with pytest.raises(HicalmError, match="far more descriptions or parts"):
        read_picture(content)


@pytest.mark.filterwarnings("error::ResourceWarning")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_files_with_many_descriptions_are_read(tmp_path: Path) -> None:
    tags = ImageFileDirectory_v2()
    for tag in range(40_000, 40_300):
        tags[tag] = 50 * "x"
    extended = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(65_000))
    for content in (
        jpeg(extended * 250, icc_profile=bytes(1_000_000)),
        written(Image.new("RGB", (64, 48)), "TIFF", tiffinfo=tags).getvalue(),
        written(
            Image.new("RGB", (64, 48)), "TIFF", tiffinfo=tags, compression="tiff_lzw"
        ).getvalue(),
        png_of_chunks(1_000),
        gif_of_comments(3_000),  # as XMP is written to GIF
    ):
        path = tmp_path / "picture"
        path.write_bytes(content)
        assert (read_picture(path) == read_picture(io.BytesIO(content))).all()
        assert claimed_pixels(path) in (64 * 48, 64) and not is_panorama(path)
