"""Small files, written so that a reader never sees half of one."""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
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


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """Give a temporary folder to write files to; they then replace those of ``folder``.

    ``folder`` is made where it is missing, and its other files stay. Where the writing fails, no
    file of ``folder`` has changed. Raises OSError.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".saving-") as temporary:
        yield Path(temporary)
        for file in sorted(Path(temporary).iterdir()):
            os.replace(file, folder / file.name)


def write_text(path: Path, text: str) -> None:
    """Write a text to a temporary name first, as ``replacing`` does. Raises OSError."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def hash_files(paths: Iterable[Path]) -> str:
    """Return a hash of the content of files, 16 hexadecimal digits; one that is missing plays no
    part."""
    digest = hashlib.sha256()
    for path in paths:
        if Path(path).is_file():
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:16]


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
