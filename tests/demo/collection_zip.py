"""Zip files of museums, as visitors bring them."""

import io
import zipfile
from collections.abc import Mapping

from PIL import Image

COLOURS = {"red": (170, 40, 40), "blue": (40, 60, 170), "green": (40, 140, 60)}


def picture(colour: str = "red", size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a JPEG of one colour."""
    content = io.BytesIO()
    Image.new("RGB", size, COLOURS[colour]).save(content, "JPEG")
    return content.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, file in files.items():
            archive.writestr(name, file)
    return content.getvalue()


def museums_zip() -> bytes:
    """Return two museums: one of two rooms with a text and a broken picture, one of one room."""
    return zipped(
        {
            "City <b>Museum/Red room/1.jpg": picture("red"),
            "City <b>Museum/Red room/2.jpg": picture("red"),
            "City <b>Museum/Red room/broken.jpg": b"no picture",
            "City <b>Museum/Red room/room.txt": b"The red room has <i>red</i> paintings.",
            "City <b>Museum/Blue room/1.jpg": picture("blue"),
            "House by the Sea/Green room/1.jpg": picture("green"),
        }
    )
