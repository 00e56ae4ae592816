"""Unpack a zip file from others: museums' pictures, videos and texts come out, and nothing else.

What an archive says about itself is not believed. Names are checked before anything is written,
bytes are counted while they are unpacked, and a failure leaves nothing behind.
"""

import calendar
import errno
import io
import mmap
import os
import re
import stat
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TypeVar

from hicalm.data.untrusted import PACKED
from hicalm.errors import HicalmError
from hicalm.files import check_new_folder, scratch
from hicalm.importers.folders import (
    KINDS,
    MAX_DEPTH,
    NO_HOME,
    NOT_READ,
    PICTURES,
    TEXTS,
    is_hidden,
    shown,
    wrapper,
)

MAX_BYTES = 200_000_000  # of the archive
MAX_UNPACKED_BYTES = 400_000_000  # bytes of all files together
MAX_FILES = 5_000  # entries of any kind
MAX_RATIO = 200  # unpacked bytes a packed one; pictures hardly shrink, and texts about tenfold
RATIO_FROM = 1_000_000  # bytes from which a file's ratio counts: a small blank one may have any
LONGEST_PART = 200  # UTF-8 bytes of a name; file systems take 255
File = TypeVar("File")
CHUNK = 1 << 18  # bytes unpacked at once
_UTF_8 = 0x800  # flag of an entry whose name is in UTF-8
_ENTRY = b"PK\x01\x02"  # how every entry of the directory begins
# A drive's letter; and on some systems a backslash separates names, and ".. " is "..".
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]|(?:^|/)(?:[A-Za-z]:|[. ]*(?:/|$))")


def unpack(archive: Path, folder: Path) -> dict[str, str]:
    """Unpack the pictures, videos and texts of a zip file into a folder that does not exist yet.

    Folders that only wrap the museums' folders are left out. Returns what is passed over with the
    reason: files of other kinds, texts beside the museums, and hidden files as one entry.
    Raises HicalmError, in one sentence, for what is no zip, damaged, encrypted, too large or names
    places outside the folder; then nothing is left of it.
    """
    archive, folder = Path(archive), Path(folder)
    check_new_folder(folder)
    if archive.stat().st_size > MAX_BYTES:
        raise HicalmError(
            f"The zip file has {archive.stat().st_size / 1e6:,.0f} MB; at most "
            f"{MAX_BYTES / 1e6:,.0f} MB are unpacked. Make it smaller, or split it."
        )
    _count_entries(archive)
    try:
        with (
            _CountedFile(archive) as file,
            zipfile.ZipFile(file) as opened,
            scratch(folder.parent) as temporary,
        ):
            wanted, left_out = _wanted(opened)
            _write(opened, wanted, temporary, file)
            if folder.exists():
                folder.rmdir()
            temporary.rename(folder)
        return left_out
    # A damaged archive makes zipfile raise all of these, and ask for places before the file.
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        RuntimeError,
        OverflowError,
        struct.error,
        OSError,
    ) as error:
        if isinstance(error, HicalmError):
            raise
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise HicalmError(
            "The file is not a zip file, or it is damaged. Make it again with the means of your "
            "system."
        ) from error


class _CountedFile(io.FileIO):
    """A file that knows how many bytes were read of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


def _count_entries(archive: Path) -> None:
    """Raise HicalmError for too many entries: zipfile would keep millions of them in memory."""
    if not archive.stat().st_size:
        raise HicalmError("The file is empty. Choose a zip file.")
    with archive.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        count, position = 0, data.find(_ENTRY)
        while position >= 0 and count <= MAX_FILES:
            count, position = count + 1, data.find(_ENTRY, position + len(_ENTRY))
    if count > MAX_FILES:
        raise HicalmError(
            f"The zip file holds more than {MAX_FILES:,} files and folders. Split it."
        )


def _wanted(
    opened: zipfile.ZipFile,
) -> tuple[dict[PurePosixPath, zipfile.ZipInfo], dict[str, str]]:
    """Return what is to be written by its place in the folder, after checks of every entry, and
    what is not, with the reason."""
    wanted: dict[PurePosixPath, zipfile.ZipInfo] = {}
    left_out: dict[str, str] = {}
    seen: set[str] = set()
    hidden = 0
    for entry in opened.infolist():
        path, is_folder = _entry_path(entry)
        # Two names that differ in case alone are one file on many systems.
        if str(path).casefold() in seen and not is_folder:
            raise HicalmError(f"The zip file holds '{shown(str(path))}' twice. Make it again.")
        seen.add(str(path).casefold())
        kind = path.suffix.lower()
        if is_folder:
            continue
        if any(map(is_hidden, path.parts)):
            hidden += 1
        elif kind in PICTURES | TEXTS:
            wanted[path] = entry
        else:
            left_out[shown(str(path))] = NOT_READ
    if hidden:
        left_out[f"{hidden:,} hidden"] = "Put there by a system, not by people."
    if not any(path.suffix.lower() in PICTURES for path in wanted):
        raise HicalmError(
            "The zip file holds no pictures. Put a folder per museum into it, with a folder per "
            f"room inside: {KINDS}."
        )
    return without_wrapper(wanted, left_out), left_out


def _entry_path(entry: zipfile.ZipInfo) -> tuple[PurePosixPath, bool]:
    """Return where an entry belongs, and whether it is a folder.

    Raises HicalmError for one that is neither a plain file's nor a folder's.
    """
    name = _name(entry, entry.filename)
    if entry.flag_bits & 0x1:
        raise HicalmError("The zip file is encrypted. Make one without a password.")
    if entry.compress_type not in PACKED:
        raise HicalmError("The zip file is packed in an unusual way. Make it again with 'deflate'.")
    mode = stat.S_IFMT(entry.external_attr >> 16)
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise HicalmError(f"'{shown(name)}' in the zip file is a link, not a file. Leave it out.")
    check_name(_name(entry, entry.orig_filename))  # zipfile cuts a name at a zero byte
    return PurePosixPath(check_name(name)), name.endswith("/")


def _name(entry: zipfile.ZipInfo, name: str) -> str:
    """Return an entry's name as its author meant it.

    Windows may write backslashes between folders, and macOS UTF-8 without saying so.
    """
    if not entry.flag_bits & _UTF_8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def check_name(name: str) -> str:
    """Return a file's name with its folders, without a slash at its end.

    Raises HicalmError for one that could lead outside its folder, and for one too long or deep.
    """
    whole = name.removesuffix("/")
    if _UNSAFE.search(whole):
        raise HicalmError(f"The name '{shown(name)}' could lead outside its folder. Rename it.")
    parts = whole.split("/")
    if len(parts) > MAX_DEPTH or any(len(part.encode()) > LONGEST_PART for part in parts):
        raise HicalmError(
            f"'{shown(name)}' is too deep or too long a name: at most {MAX_DEPTH} levels, each of "
            f"{LONGEST_PART} bytes."
        )
    return whole


def without_wrapper(
    wanted: dict[PurePosixPath, File], left_out: dict[str, str]
) -> dict[PurePosixPath, File]:
    """Drop the folders that all pictures lie in, where they cannot be a museum's.

    Texts beside what they wrap belong to no museum, and are added to ``left_out``.
    """
    outer = wrapper(path for path in wanted if path.suffix.lower() in PICTURES)
    kept = {}
    for path, entry in wanted.items():
        if path.parts[: len(outer)] == outer and len(path.parts) > len(outer):
            kept[PurePosixPath(*path.parts[len(outer) :])] = entry
        else:
            left_out[shown(str(path))] = NO_HOME
    return kept


def _write(
    opened: zipfile.ZipFile,
    wanted: dict[PurePosixPath, zipfile.ZipInfo],
    folder: Path,
    archive: _CountedFile,
) -> None:
    """Write the files, counting what really is read of the archive and comes out of it."""
    total = 0
    for path, entry in wanted.items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(entry) as source, target.open("xb") as file:
                size, before = 0, archive.taken
                while chunk := source.read(CHUNK):
                    size, total = size + len(chunk), total + len(chunk)
                    _check_size(size, total, archive.taken - before, entry.filename)
                    file.write(chunk)
            with suppress(ValueError, OverflowError):  # what is unpacked again is known again
                os.utime(target, (calendar.timegm((*entry.date_time, 0, 0, 0)),) * 2)
        except (FileExistsError, NotADirectoryError) as error:
            raise HicalmError(
                f"'{shown(str(path))}' in the zip file is a file and a folder, or there twice. "
                "Make it again."
            ) from error


def _check_size(size: int, total: int, packed: int, name: str) -> None:
    """Raise HicalmError for too many bytes of a file, or of all, out of ``packed`` ones."""
    if total > MAX_UNPACKED_BYTES:
        raise HicalmError(
            f"The zip file unpacks to more than {MAX_UNPACKED_BYTES / 1e6:,.0f} MB. Make the "
            "pictures smaller, or split it."
        )
    if size > max(RATIO_FROM, MAX_RATIO * packed):
        raise HicalmError(
            f"'{shown(name)}' in the zip file grows more than {MAX_RATIO}-fold, as no "
            "picture or text does. Leave it out."
        )
