"""Files, written so that a reader never sees half of one and a dead writer leaves none behind.

There is one writer for all: files and folders are made whole in a folder ``.saving-*`` beside their
place, brought to the disk, and renamed. That folder goes with its writer; what a killed one left is
removed by the next that writes there, and so it is with temporary files. And there is one reading
and one writing of JSON.
"""

import errno
import hashlib
import io
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson
from PIL import Image

from hicalm.errors import FullDiskError, HicalmError

try:
    import fcntl
except ImportError:  # which systems other than Unix lack: what a killed writer left stays there
    fcntl = None  # type: ignore[assignment]

SAVING = ".saving-"  # how the folder of a writer begins
_MARK = "held"  # a file in it that its writer holds as long as it lives
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Give an empty folder inside of ``folder``, which is made where it is missing.

    It is removed on the way out, and by the next writer where this one is killed. Raises OSError,
    and FullDiskError for what fails while the disk is full.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with ExitStack() as own:
            with held(folder):  # nobody else begins or removes anything here meanwhile
                for left in folder.glob(f"{SAVING}*"):
                    if _is_dead(left):
                        shutil.rmtree(left, ignore_errors=True)
                inside = own.enter_context(_owned(folder, SAVING)) / "new"
            inside.mkdir()
            yield inside
    except Exception as error:  # safetensors and torch have exceptions of their own for it
        if not isinstance(error, HicalmError) and _is_full(folder, error):
            raise FullDiskError(
                f"There is no room on the disk to write into '{folder}'. Make room, or name "
                "another folder."
            ) from error
        raise


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Give a folder for temporary files, with a name that begins with ``prefix``.

    It is removed on the way out, and by the next with this prefix where this one is killed. Raises
    OSError.
    """
    parent = Path(tempfile.gettempdir())
    remove_left(parent, prefix)
    with _owned(parent, prefix) as own:
        yield own


def remove_left(parent: Path, prefix: str) -> None:
    """Remove what killed processes of this user left of ``temporary_folder``."""
    if fcntl is None:
        return
    for left in parent.glob(f"{prefix}*"):
        with suppress(OSError):  # it goes at this moment, has no mark or may not be read
            if left.lstat().st_uid == os.getuid() and is_let_go(left / _MARK):
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _owned(parent: Path, prefix: str) -> Iterator[Path]:
    """Give a new folder with a mark that is held; others see the mark only while it is."""
    with tempfile.TemporaryDirectory(
        dir=parent, prefix=prefix, ignore_cleanup_errors=True
    ) as folder:
        begun = Path(folder, "begun")
        begun.touch()
        with held(begun):
            begun.rename(begun.with_name(_MARK))
            yield Path(folder)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name to write a file to; the file then becomes ``path``.

    Where the writing fails, nothing is left of it and a file that was there stays. Raises as
    ``scratch``.
    """
    path = Path(path)
    with scratch(path.parent) as temporary:
        yield temporary / path.name
        _settle(temporary / path.name)
        os.replace(temporary / path.name, path)
        _settle(path.parent)


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """Give a temporary folder to write files to; they then replace those of ``folder``.

    ``folder`` is made where it is missing, and its other files stay. Where the writing fails, no
    file of ``folder`` has changed. Raises as ``scratch``.
    """
    folder = Path(folder)
    with scratch(folder) as temporary:
        yield temporary
        files = sorted(temporary.iterdir())
        for file in files:
            _settle(file)
        for file in files:
            os.replace(file, folder / file.name)
        _settle(folder)


@contextmanager
def making(folder: Path) -> Iterator[Path]:
    """Give a temporary folder to write into; it then becomes ``folder``, whatever was there.

    Where the writing fails, ``folder`` is as it was. Raises as ``scratch``.
    """
    folder = Path(os.path.abspath(folder))
    with scratch(folder.parent) as temporary:
        made, replaced = temporary / "made", temporary / "replaced"
        made.mkdir()
        yield made
        for parent, _, files in os.walk(made):
            for name in files:
                _settle(Path(parent, name))
        if folder.exists():
            folder.rename(replaced)
        made.rename(folder)
        _settle(folder.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text to a temporary name first, as ``replacing`` does, and raises."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_lines(path: Path, records: Iterable[Any]) -> None:
    """Write one JSON value a line, to a temporary name first, as ``replacing`` does, and raises."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(f"{to_json(record, ensure_ascii=False)}\n" for record in records)


def to_json(value: object, **options: Any) -> str:
    """Return a value as JSON; ``options`` are those of ``json.dumps``.

    Raises HicalmError for numbers that are not finite, which JSON has not.
    """
    try:
        return json.dumps(value, allow_nan=False, **options)
    except ValueError as error:
        raise HicalmError(
            "What was computed holds numbers that are not finite, and is not written: a model or "
            "features are damaged. Make them again."
        ) from error


def finite(value: Any) -> Any:
    """Return what JSON can hold of metrics: None in place of a mean of nothing, which is NaN."""
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises HicalmError for one that is damaged, and OSError.

    Numbers are finite, and lists lie at most 1,024 deep.
    """
    return parse_json(Path(path).read_bytes(), f"'{path}'")


def parse_json(text: str | bytes, where: str) -> Any:
    """Return the value of a JSON text; ``where`` names it in the error. Raises as ``read_json``."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise HicalmError(f"{where} is not readable JSON: {error}.") from error


def _settle(path: Path) -> None:
    """Bring a file or the names in a folder to the disk. Raises OSError where it is full."""
    if path.is_dir() and fcntl is None:
        return  # such systems open no folders
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_full(error: BaseException) -> bool:
    """Tell whether something failed for want of room on the disk, however it was told on."""
    seen: BaseException | None = error  # torch raises one of its own over what the file raised
    while seen is not None:
        if isinstance(seen, FullDiskError) or (isinstance(seen, OSError) and seen.errno in _FULL):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _is_full(folder: Path, error: Exception) -> bool:
    if is_full(error):
        return True
    if isinstance(error, OSError):
        return False
    return "No space left" in str(error) or shutil.disk_usage(folder).free < 1 << 16


def check_room(folder: Path, size: int) -> None:
    """Raise FullDiskError unless a folder's disk has room for some bytes, before they are made."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise FullDiskError(
            f"'{folder}' would take {size / 1e6:,.1f} MB, and {free / 1e6:,.1f} MB are free. Make "
            "room, or name another folder."
        )


def lay_down(file: BinaryIO, size: int) -> None:
    """Give a file so many bytes, new ones zeros, that have their place on the disk.

    A map of bytes that have none would end the process on a full disk. Raises OSError for one,
    where the system can keep room (macOS and Windows cannot).
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
    else:
        file.truncate(size)


def _is_dead(left: Path) -> bool:
    """Tell whether the writer of a folder has ended without removing it."""
    try:
        return is_let_go(left / _MARK)
    except FileNotFoundError:  # killed before it had one
        return True


def is_let_go(path: Path) -> bool:
    """Tell whether who ``held`` a file has ended; False where the system does not say.

    Raises FileNotFoundError.
    """
    if fcntl is None:
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        raise
    except OSError:  # it is held, or this file system holds nothing
        return False
    return True


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file or folder, alone, until this ends or the process does."""
    if fcntl is None:
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # this file system holds nothing
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def hash_files(paths: Iterable[Path]) -> str:
    """Return a hash of the content of files, 16 hexadecimal digits; one that is missing plays no
    part."""
    digest = hashlib.sha256()
    for path in paths:
        if Path(path).is_file():
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:16]


def checksum(path: Path) -> str:
    """Return what tells a file from a damaged one, 8 hexadecimal digits; a second a gigabyte."""
    found = 0
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            found = zlib.crc32(block, found)
    return f"{found:08x}"


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
