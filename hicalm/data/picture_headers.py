"""What precedes a picture in its file, which Pillow reads without end: here it has limits.

A file of a few megabytes may hold a million empty descriptions, thousands of tags that all name the
same bytes, or a JPEG thousands of scans. Files of cameras and programs stay far below the limits.
"""

import os
import re
from functools import cache
from typing import IO, Any

from PIL.TiffImagePlugin import ImageFileDirectory_v2

from hicalm.errors import HicalmError

# A JPEG with 16 MB of extended XMP and a profile of 1 MB takes 1,100 reads and a TIFF of 300 tags
# 600; usual files take less than 50.
MOST_READS = 10_000  # until a picture is open, or of a directory of tags
MOST_BYTES = 40_000_000  # of them, where it is said how many are to be read
MOST_JOINED = 64  # segments of EXIF and Photoshop, which Pillow joins or takes apart slowly
TABLES_WEIGHT = 20  # of a JPEG's tables among bytes: Pillow makes objects of them
MOST_NUMBERS = 2_000_000  # bytes of a directory's numbers: each becomes an object, or a tile
MOST_SCANS = 100  # of a JPEG; encoders write up to some 15
MOST_SEGMENTS = 10_000  # of a JPEG
TOO_MANY_PARTS = (
    "The picture's file has far more descriptions or parts than files of cameras and programs "
    "have. Save it anew as JPEG or PNG."
)
_JOINED = (b"Exif\0\0", b"Photoshop 3.0\0")
_TABLES = frozenset(bytes([marker]) for marker in (*range(0xC0, 0xD0), 0xDB, 0xDE))
_NO_NUMBERS = (1, 2, 7)  # types of tags whose values stay bytes or become a string
_SLACK = 1_000_000  # bytes that a small directory may be read several times
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # no stuffed byte, filling or restart
_START, _END, _SCAN, _FIRST_WITH_LENGTH = 0xD8, 0xD9, 0xDA, 0xC0


class HeaderFile:
    """A file that is read in no more than some thousand pieces until it is said to be opened.

    file: what is read; most: bytes, of reads that say how many they want. Set ``opened`` once only
    the picture is left to decode, which may take any number of reads. Whoever opened the file
    closes it.
    """

    def __init__(self, file: Any, most: int = MOST_BYTES) -> None:
        self.file = file
        self.opened = False
        self._most = most
        self._reads = self._bytes = self._joined = 0
        self._marker = b""  # of a JPEG's segment, which Pillow reads as a byte of its own

    def read(self, size: int = -1) -> bytes:
        """Return what the file has there. Raises HicalmError for more than headers have."""
        content: bytes = self.file.read(size)
        if not self.opened:
            self._reads += 1
            if size == 1:
                self._marker = content
            weight = TABLES_WEIGHT if self._marker in _TABLES else 1
            self._bytes += weight * len(content) if size >= 0 else 0
            self._joined += content.startswith(_JOINED)
            if self._reads > MOST_READS or self._bytes > self._most or self._joined > MOST_JOINED:
                raise HicalmError(TOO_MANY_PARTS)
        return content

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@cache
def limit_directories() -> None:
    """Let Pillow read directories of tags (of TIFF and of any EXIF) within limits.

    For all of this process: Pillow reads EXIF while it opens files and after that, and its
    directories are no parameter of either.
    """
    load = ImageFileDirectory_v2.load

    def limited(self: ImageFileDirectory_v2, fp: IO[bytes]) -> None:
        # Layers of a TIFF are values of tags, too, and most of a file: what counts is how often
        # all of it is read, and not how much precedes the picture.
        inner = fp.file if isinstance(fp, HeaderFile) else fp
        place = inner.tell()
        size = inner.seek(0, os.SEEK_END)
        inner.seek(place)
        try:
            load(self, HeaderFile(inner, 2 * size + _SLACK))  # type: ignore[arg-type]
            numbers = (
                len(value)
                for tag, value in self._tagdata.items()
                if self.tagtype[tag] not in _NO_NUMBERS
            )
            if sum(numbers) > MOST_NUMBERS:
                raise HicalmError(TOO_MANY_PARTS)
        except HicalmError:
            self.reset()
            raise

    ImageFileDirectory_v2.load = limited  # type: ignore[method-assign]


def check_scans(file: Any) -> None:
    """Raise HicalmError for a JPEG of more than ``MOST_SCANS`` scans: all are decoded in turn.

    ``file`` is left where it was. What segments hold is skipped (a thumbnail has scans, too), and
    so is what follows the picture: further pictures, or the video of a "live" photograph.
    """
    place = file.tell()
    file.seek(0)
    content = file.read()
    file.seek(place)
    at = scans = 0
    for _ in range(MOST_SEGMENTS):
        found = _MARKER.search(content, at)
        kind = found[0][1] if found else _END
        if found is None or kind == _END:
            return
        at = found.end()
        if kind >= _FIRST_WITH_LENGTH and kind != _START:
            at += max(2, int.from_bytes(content[at : at + 2], "big"))
        scans += kind == _SCAN
        if scans > MOST_SCANS:
            raise HicalmError(
                f"The JPEG file has more than {MOST_SCANS} scans, which no usual program writes. "
                "Save it anew as JPEG or PNG."
            )
    raise HicalmError(TOO_MANY_PARTS)
