"""Picture files as people have them: one reading for imports, uploads and queries.

A picture is upright as its camera says, on white where it is transparent, and the first of several
frames. What a file claims is checked before it is decoded, and what is decoded is bounded.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import IO, cast

import numpy as np
from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile

from hicalm.data.deep_tiffs import deep_tiff, eight_bits, read_deep_tiff
from hicalm.data.picture_headers import HeaderFile, check_scans, limit_directories
from hicalm.errors import HicalmError
from hicalm.files import on_white

ENDINGS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif",
     ".heic", ".heif"}
)  # fmt: skip
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF", "HEIF")  # others start programs
UNREADABLE = "The file is not a picture that can be read, or it is damaged. Save it as JPEG or PNG."
MAX_PIXELS = 50_000_000  # that are decoded
MAX_NUMBERS = 4 * MAX_PIXELS  # bytes decoded of a picture of more than eight bits a colour
MAX_FILE_PIXELS = 200_000_000  # of a JPEG, which can be decoded at a smaller scale
MAX_ASPECT_RATIO = 50  # longer side by shorter: resizing the shorter one would make a giant
LARGEST_PICTURE = 100_000_000  # bytes of a file
PANORAMA_WIDTH = 512  # pixels: nothing narrower is taken for a panorama
LONGEST_LENS = 18  # mm, as of 35 mm film: with a longer one a camera takes no panorama at once
_EXIF, _LENS = 0x8769, 0xA405  # EXIF's own part, and the focal length as of 35 mm film
_OPENING = threading.Lock()  # of Pillow's limit of pixels, which all threads share


def read_picture(file: Path | io.BytesIO, side: int | None = None) -> np.ndarray:
    """Read a picture, uint8 RGB (h, w, 3); 16 bits and floating point keep the order of greys.

    With ``side`` a large picture comes at a smaller scale, a JPEG much faster; both sides keep at
    least that many pixels. Raises HicalmError if it is no picture or too large.
    """
    try:
        if deep := deep_tiff(file):
            _check_size(deep.width, deep.height, MAX_PIXELS)
            _check_numbers(deep.decoded)
            read = Image.fromarray(read_deep_tiff(file, UNREADABLE))
            return np.asarray(_smaller(read, side))
        with _open(file) as image:
            # All coefficients of a progressive JPEG are kept while it is decoded, at any scale.
            in_part = image.format == "JPEG" and not image.info.get("progressive")
            _check_size(*image.size, MAX_FILE_PIXELS if in_part else MAX_PIXELS)
            if side:
                image.draft("RGB", (side, side))
            _check_pixels(image)
            if image.format in ("JPEG", "MPO"):
                check_scans(image.fp)
            ImageOps.exif_transpose(image, in_place=True)
            return np.asarray(on_white(_of_bytes(_smaller(image, side))))
    except HicalmError:
        raise
    except Exception as error:  # damaged files make the readers raise almost anything
        raise HicalmError(UNREADABLE) from error


def claimed_pixels(file: Path | io.BytesIO) -> int:
    """Return how many pixels a picture file says it has, without decoding it; 0 for none."""
    try:
        if deep := deep_tiff(file):
            return deep.width * deep.height
        with _open(file) as image:
            return image.width * image.height
    except Exception:  # reading it will say what is wrong
        return 0


def is_panorama(file: Path | io.BytesIO) -> bool:
    """Tell whether a file is an equirectangular picture: all round, and twice as wide as high.

    A picture of that shape from a camera that notes a longer lens than ``LONGEST_LENS`` is none,
    unless its metadata say so. What cannot be read is none either.
    """
    try:
        if deep := deep_tiff(file):
            return _is_all_round(deep.width, deep.height)
        with _open(file) as image:
            if not _is_all_round(*image.size):
                return False
            lens = float(image.getexif().get_ifd(_EXIF).get(_LENS, 0))
            return lens <= LONGEST_LENS or b"equirectangular" in bytes(image.info.get("xmp", b""))
    except Exception:  # reading it will say what is wrong
        return False


def picture_content(path: Path) -> bytes:
    """Return a picture file's bytes. Raises HicalmError for too many and where it cannot be."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_PICTURE + 1)
    except OSError as error:
        raise HicalmError(f"The file cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_PICTURE:
        raise HicalmError(
            f"The file has more than {LARGEST_PICTURE / 1e6:.0f} MB. Make the picture smaller."
        )
    return content


def fit(picture: np.ndarray, width: int) -> np.ndarray:
    """Crop a picture (h, w, 3) to 4:3 about the centre and resize: (3 width / 4, width, 3)."""
    height = round(width * 3 / 4)
    image = Image.fromarray(picture)
    scale = max(width / image.width, height / image.height)
    size = (max(width, round(image.width * scale)), max(height, round(image.height * scale)))
    image = image.resize(size, Image.Resampling.LANCZOS)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return np.asarray(image.crop((left, top, left + width, top + height)))


@cache
def learn_heif() -> None:
    """Let Pillow know HEIC and HEIF files, too."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


@contextmanager
def _open(file: Path | io.BytesIO) -> Iterator[ImageFile]:
    """Open a file of a known format; how large it is, is checked by who asks."""
    learn_heif()
    limit_directories()
    with nullcontext(file) if isinstance(file, io.BytesIO) else file.open("rb") as whole:
        headers = HeaderFile(whole)
        with _OPENING:
            kept, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            try:
                image = Image.open(cast(IO[bytes], headers), formats=FORMATS)
            finally:
                Image.MAX_IMAGE_PIXELS = kept
        headers.opened = True
        with image:
            yield image


def _is_all_round(width: int, height: int) -> bool:
    return width >= PANORAMA_WIDTH and abs(width - 2 * height) <= 2


def _check_size(width: int, height: int, most: int) -> None:
    """Raise HicalmError for more than ``most`` pixels, or a very long picture."""
    if width * height > most:
        more = (
            ""
            if most == MAX_FILE_PIXELS
            else (f", and {MAX_FILE_PIXELS / 1e6:.0f} of a JPEG (not progressive)")
        )
        raise HicalmError(
            f"The picture is too large: it has {width * height / 1e6:.0f} megapixels; at most "
            f"{most / 1e6:.0f} can be read{more}. Make it smaller."
        )
    if max(width, height) > MAX_ASPECT_RATIO * min(width, height):
        raise HicalmError(
            f"The picture has {width} x {height} pixels; one side may be at most "
            f"{MAX_ASPECT_RATIO} times the other. Crop it."
        )


def _check_numbers(decoded: int) -> None:
    """Raise HicalmError for too many bytes of numbers of more than eight bits."""
    if decoded > MAX_NUMBERS:
        raise HicalmError(
            f"The picture is too large: its numbers have {decoded / 1e6:.0f} MB, and at most "
            f"{MAX_NUMBERS / 1e6:.0f} can be read. Save it with 8 bits a colour, or smaller."
        )


def _check_pixels(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise HicalmError(
            f"The picture is too large: {image.width * image.height / 1e6:.0f} megapixels would be "
            f"decoded, and at most {MAX_PIXELS / 1e6:.0f} can be. Make it smaller."
        )


def _smaller(image: Image.Image, side: int | None) -> Image.Image:
    """Return a large picture at a whole part of its size: all that follows makes copies."""
    part = min(image.size) // side if side else 1
    return image.reduce(part) if part > 1 and image.mode in ("L", "RGB", "RGBA", "CMYK") else image


def _of_bytes(image: Image.Image) -> Image.Image:
    """Return a picture of bytes. Pillow would cut the greys of larger numbers off at 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    greys = np.asarray(image)
    return Image.fromarray(eight_bits(greys.astype("uint16") if image.mode != "F" else greys))
