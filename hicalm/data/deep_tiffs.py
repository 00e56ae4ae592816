"""TIFF files of more than eight bits a colour, as scanners and programs for photographs write them.

Pillow knows few of them and misreads some (big-endian floats that are compressed, colours in planes
of their own, greys above 2^31). OpenCV reads them here, from a directory of tags that names only
what it reads well, in a process with limits.
"""

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageOps
from PIL.Image import Exif, fromarray
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from hicalm.data.foreign_files import read_foreign
from hicalm.data.picture_headers import limit_directories
from hicalm.errors import HicalmError
from hicalm.files import temporary_folder

MEMORY = 2_000_000_000  # bytes of addresses that reading may take
SECONDS = 60.0
_BEGINNINGS = (b"II*\0", b"MM\0*")  # larger than 4 GB are others, and no file here is
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_SAMPLES, _PLANAR, _EXTRA, _FORMAT, _TURNED = 277, 284, 338, 339, 274
# Where strips or tiles begin, how many bytes they have, and how large they are; and whether numbers
# are differences from those before.
_OFFSETS, _BYTES, _LAID = (273, 324), (279, 325), (278, 317, 322, 323)
_SAID = (_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLES, _PLANAR, _EXTRA, _FORMAT, _TURNED)
_LYING = (_COMPRESSION, *_OFFSETS, *_BYTES, *_LAID)  # which may be long
_LONG = 4  # the type of tags that are whole numbers of 32 bits
_WHITE_IS_ZERO, _RGB = 0, 2
_IN_PLANES = 2
_WHOLE, _SIGNED, _FLOATING = 1, 2, 3  # kinds of numbers
_PREMULTIPLIED, _ALPHA = 1, 2  # kinds of further samples
# What is white, by the type of the numbers: the least of these that is enough.
_WHITES = {
    "uint16": (65_535.0,),
    "int16": (255.0, 32_767.0),
    "uint32": (255.0, 65_535.0),
    "int32": (255.0, 65_535.0),
}
_FLOATING_WHITES = (1.0, 255.0, 65_535.0)


@dataclass(frozen=True)
class DeepTiff:
    """What a file says of its picture.

    width and height: pixels, as the camera held it; bits and kind: of numbers; samples: of a pixel.
    """

    tags: dict[int, tuple[int, ...]]
    order: str  # of bytes, as ``struct`` has it
    width: int
    height: int
    bits: int
    kind: int
    samples: int

    @property
    def decoded(self) -> int:
        """Bytes of the numbers."""
        return self.width * self.height * self.samples * self.bits // 8


def deep_tiff(file: Path | io.BytesIO, tags: tuple[int, ...] = _SAID) -> DeepTiff | None:
    """Return what a TIFF of 16 bits and more a number says, greys or RGB; of others None.

    Nothing is decoded. ``tags``: which of them to read.
    """
    try:
        if isinstance(file, io.BytesIO):
            return _described(file, tags)
        with file.open("rb") as opened:
            return _described(opened, tags)
    except Exception:  # a damaged file: what else reads it says so
        return None


def _described(file: Any, kept: tuple[int, ...]) -> DeepTiff | None:
    file.seek(0)
    head = file.read(8)
    if head[:4] not in _BEGINNINGS:
        return None
    limit_directories()
    found = ImageFileDirectory_v2(head)
    file.seek(found.next)
    found.load(file)
    tags = {tag: _numbers(found[tag]) for tag in kept if tag in found}
    bits = set(tags.get(_BITS, (1,)))
    if max(bits) < 16 or tags.get(_PHOTOMETRIC, (9,))[0] > _RGB:
        return None
    return DeepTiff(
        tags,
        "<" if head[:2] == b"II" else ">",
        tags[_WIDTH][0],
        tags[_HEIGHT][0],
        max(bits),
        tags.get(_FORMAT, (_WHOLE,))[0],
        tags.get(_SAMPLES, (1,))[0],
    )


def _numbers(value: Any) -> tuple[int, ...]:
    return tuple(map(int, value)) if isinstance(value, tuple) else (int(value),)


def read_deep_tiff(file: Path | io.BytesIO, damaged: str) -> np.ndarray:
    """Return the picture of a file that ``deep_tiff`` knows, upright, uint8 RGB (h, w, 3).

    Numbers keep their order, and transparent parts are white. Raises HicalmError for what cannot be
    read; ``damaged`` is the sentence for a damaged file. Whoever asks has checked how large it is.
    """
    if isinstance(file, io.BytesIO):
        with temporary_folder("hicalm-tiff-") as folder:
            path = folder / "picture.tif"
            path.write_bytes(file.getvalue())
            return read_deep_tiff(path, damaged)
    picture: np.ndarray = read_foreign(
        file,
        load_deep_tiff,
        damaged=damaged,
        name="the picture",
        memory=MEMORY,
        seconds=SECONDS,
        imports=["cv2"],
        keep=True,
        apart=True,
    )
    return picture


def load_deep_tiff(path: Path) -> np.ndarray:
    """Return what ``read_deep_tiff`` does, in the process that calls it: that of foreign files."""
    content = path.read_bytes()
    tiff = deep_tiff(io.BytesIO(content), _SAID + _LYING)
    if tiff is None:
        raise ValueError("no TIFF of many bits")
    values = _decoded(content, tiff)
    extra = tiff.tags.get(_EXTRA, (0,))[0]
    colours = 3 if tiff.tags[_PHOTOMETRIC][0] == _RGB else 1
    picture = eight_bits(values[..., :colours])
    if tiff.tags[_PHOTOMETRIC][0] == _WHITE_IS_ZERO:
        picture = 255 - picture
    if values.shape[2] > colours and extra in (_PREMULTIPLIED, _ALPHA):
        picture = _lying_on_white(picture, values[..., colours:][..., :1], extra)
    whole = np.ascontiguousarray(np.broadcast_to(picture, (*picture.shape[:2], 3)))
    return np.asarray(_upright(whole, tiff.tags.get(_TURNED, (1,))[0]))


def _upright(picture: np.ndarray, turned: int) -> np.ndarray:
    image, exif = fromarray(picture), Exif()
    exif[_TURNED] = turned
    image.info["exif"] = exif.tobytes()
    ImageOps.exif_transpose(image, in_place=True)
    return np.asarray(image)


def _lying_on_white(picture: np.ndarray, alpha: np.ndarray, extra: int) -> np.ndarray:
    """Return a picture, uint8 (h, w, 3 or 1), on white; ``alpha`` (h, w, 1) as the file has it."""
    most = np.iinfo(alpha.dtype).max if alpha.dtype.kind in "iu" else 1.0
    share = np.nan_to_num(alpha.astype(np.float32) / most).clip(0, 1)
    own = picture if extra == _PREMULTIPLIED else picture * share
    return (own + 255 * (1 - share)).clip(0, 255).round().astype(np.uint8)


def _decoded(content: bytes, tiff: DeepTiff) -> np.ndarray:
    """Return the numbers of a file, (h, w, samples). Raises HicalmError for what OpenCV does not
    read."""
    if tiff.samples > 1 and tiff.tags.get(_PLANAR, (1,))[0] == _IN_PLANES:
        planes = [_one(content, tiff, plane) for plane in range(min(tiff.samples, 4))]
        return np.concatenate(planes, 2)
    if tiff.samples not in (1, 3, 4):
        raise HicalmError(
            f"The picture has {tiff.samples} numbers of {tiff.bits} bits for each pixel; 1, 3 and "
            "4 are read. Save it without further channels."
        )
    return _one(content, tiff, None)


def _one(content: bytes, tiff: DeepTiff, plane: int | None) -> np.ndarray:
    """Decode a plane, or all of a file that has none: (h, w, samples)."""
    import cv2

    samples = tiff.samples if plane is None else 1
    # OpenCV knows no floating point of 16 bits: the same bits as whole numbers are read anew.
    half = tiff.kind == _FLOATING and tiff.bits == 16
    tags = {tag: values for tag, values in tiff.tags.items() if tag not in (_EXTRA, _TURNED)}
    tags |= {
        _BITS: (tiff.bits,) * samples,
        _FORMAT: (_WHOLE if half else tiff.kind,) * samples,
        _SAMPLES: (samples,),
        _PLANAR: (1,),
        _PHOTOMETRIC: (_RGB if samples > 1 else 1,),
    }
    if samples == 4:
        tags[_EXTRA] = (_ALPHA,)
    if plane is not None:
        for tag in (*_OFFSETS, *_BYTES):
            if tag in tags:
                size = len(tags[tag]) // tiff.samples
                tags[tag] = tags[tag][plane * size : (plane + 1) * size]
    at = len(content) + len(content) % 2
    whole = content[:4] + struct.pack(tiff.order + "I", at) + content[8:]
    whole = whole.ljust(at, b"\0") + _directory(tags, tiff.order, at)
    values = cv2.imdecode(np.frombuffer(whole, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ValueError("not decoded")
    if half:
        values = values.view(np.float16)
    values = values.reshape(tiff.height, tiff.width, samples)
    return values[..., [2, 1, 0, 3][:samples]] if samples > 1 else values


def _directory(tags: dict[int, tuple[int, ...]], order: str, at: int) -> bytes:
    """Return a directory of tags, all whole numbers of 32 bits, which begins at byte ``at``."""
    entries, behind = b"", b""
    end = at + 2 + 12 * len(tags) + 4
    for tag, values in sorted(tags.items()):
        data = struct.pack(f"{order}{len(values)}I", *values)
        if len(values) > 1:
            data, behind = struct.pack(order + "I", end + len(behind)), behind + data
        entries += struct.pack(order + "HHI", tag, _LONG, len(values)) + data
    return struct.pack(order + "H", len(tags)) + entries + struct.pack(order + "I", 0) + behind


def eight_bits(values: np.ndarray) -> np.ndarray:
    """Return numbers of any kind as uint8 of the same shape, 0 black and 255 white, in their order.

    What is white is guessed: one for all of them. Infinite numbers and NaN are black.
    """
    scaled = values.astype(np.float32)
    np.nan_to_num(scaled, copy=False, posinf=0, neginf=0)
    low, high = _range(scaled, _WHITES.get(str(values.dtype), _FLOATING_WHITES), values.dtype)
    scaled -= low
    scaled *= 255 / (high - low)
    return scaled.clip(0, 255, out=scaled).round(out=scaled).astype(np.uint8)


def _range(
    values: np.ndarray, whites: tuple[float, ...], kind: np.dtype[Any]
) -> tuple[float, float]:
    """Return which numbers are black and white: of the usual whites the least that is enough.

    Sharpening may lead somewhat above white and below black. Other numbers are stretched.
    """
    if kind == np.uint16:  # scanners and cameras use all of it
        return 0.0, whites[0]
    least, most = float(values.min()), float(values.max())
    for white in whites:
        if most <= 1.5 * white and least >= -0.5 * white:
            return 0.0, white
    return least, max(most, least + 1)
