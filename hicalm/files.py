"""Small files, written so that a reader never sees half of one."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from hicalm.errors import HicalmError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder to write to; its file then becomes ``path``.

    Where the writing fails, nothing is left of it and a file that was there stays. Raises OSError.
    """
    path = Path(path)
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a text to a temporary name first, as ``replacing`` does. Raises OSError."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def check_new_folder(folder: Path) -> None:
    """Raise HicalmError where something is there already, other than an empty folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HicalmError(f"'{folder}' is there already: name a new folder.")


def encode_jpeg(picture: np.ndarray, quality: int = 82) -> bytes:
    """Return a picture, uint8 RGB (h, w, 3), as a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()


def on_white(picture: Image.Image) -> Image.Image:
    """Return a picture in RGB, on white where it is transparent."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    rgba = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
