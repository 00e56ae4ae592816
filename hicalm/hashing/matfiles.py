"""MIRFlickr-25k and NUS-WIDE as published for cross-modal hashing: pictures, tags and labels.

A folder holds ``index.mat`` (``index``: the paths of pictures), ``caption.mat`` (``caption``: the
tags of each) and ``label.mat`` (``label`` or ``category``: 0 and 1, (N, L)); both data sets have
the same layout. ``caption_one_hot.mat`` is not needed. Pictures lie in the folder or in its
``images``; of a path written on another machine as many last parts count as lead to a file.
Links that lead out of the folder are not followed.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from hicalm.errors import HicalmError
from hicalm.hashing.codes import MAX_BYTES
from hicalm.hashing.mat_reading import read_mat

FILES = {"index.mat": ("index",), "caption.mat": ("caption",), "label.mat": ("label", "category")}
PICTURE_FOLDERS = (".", "images")
MAX_NESTED_CELLS = 16  # cells in cells


@dataclass(frozen=True)
class TaggedPictures:
    """N pictures in a folder: their files, their tags, and labels bool (N, L)."""

    folder: Path
    pictures: tuple[Path, ...]
    tags: tuple[tuple[str, ...], ...]
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.pictures)

    def texts(self) -> list[str]:
        """Return the text of each picture: its tags joined by commas."""
        return [", ".join(own) for own in self.tags]


def load_matfiles(folder: Path) -> TaggedPictures:
    """Read a folder of .mat files.

    Raises HicalmError for a file, key or picture that is missing, files that cannot be read, and
    numbers of rows that differ.
    """
    folder = Path(folder)
    values = {name: _value(folder / name, keys) for name, keys in FILES.items()}
    paths = [_text(entry).strip() for entry in _entries(values["index.mat"])]
    tags = tuple(_tags(entry) for entry in _entries(values["caption.mat"]))
    labels = _labels(values["label.mat"], folder / "label.mat")
    if not len(paths) == len(tags) == len(labels):
        raise HicalmError(
            f"The files in '{folder}' are of different data: index.mat has {len(paths):,} rows, "
            f"caption.mat {len(tags):,} and label.mat {len(labels):,}."
        )
    if not paths:
        raise HicalmError(f"The files in '{folder}' are empty.")
    return TaggedPictures(folder, tuple(_find(folder, path) for path in paths), tags, labels)


def _value(path: Path, keys: tuple[str, ...]) -> np.ndarray:
    if not path.is_file():
        raise HicalmError(f"There is no file '{path}'.")
    arrays, names = read_mat(path, keys, MAX_BYTES)
    for key in keys:
        if key in arrays:
            return arrays[key]
    held = ", ".join(sorted(names))
    raise HicalmError(f"'{path}' has no '{keys[0]}': it holds {held or 'nothing'}.")


def _entries(value: np.ndarray) -> list[object]:
    """Return the entries of a cell array, or the lines of an array of characters."""
    return list(value.ravel()) if value.ndim != 2 or 1 in value.shape else list(value)


def _text(entry: object, depth: int = 0) -> str:
    """Return the text of an entry, which MATLAB's cells may wrap, joined by commas."""
    if isinstance(entry, str):
        return entry
    if depth > MAX_NESTED_CELLS:
        raise HicalmError(
            f"The paths in index.mat and the tags in caption.mat may lie at most "
            f"{MAX_NESTED_CELLS} cells deep."
        )
    if isinstance(entry, np.ndarray) and (entry.dtype.kind in "OU" or not entry.size):
        return ",".join(filter(None, (_text(part, depth + 1) for part in entry.ravel())))
    raise HicalmError("The paths in index.mat and the tags in caption.mat must be texts.")


def _tags(entry: object) -> tuple[str, ...]:
    """Return the distinct tags of an entry: between commas, or between blanks without any."""
    text = _text(entry)
    parts = text.split(",") if "," in text else text.split()
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _labels(value: np.ndarray, path: Path) -> np.ndarray:
    if value.ndim != 2 or value.dtype.kind not in "biuf" or not np.isin(value, (0, 1)).all():
        raise HicalmError(f"The labels in '{path}' must be a table of 0 and 1, a row a picture.")
    return value.astype(bool)


def _find(folder: Path, written: str) -> Path:
    # besides "/", a first part may be "//", and either would begin a path of its own
    parts = PurePosixPath(written.replace("\\", "/")).parts
    parts = tuple(part for part in parts if part != ".." and not part.startswith("/"))
    inside = folder.resolve()
    for first in range(len(parts)):
        for subfolder in PICTURE_FOLDERS:
            path = folder / subfolder / Path(*parts[first:])
            if path.is_file() and path.resolve().is_relative_to(inside):
                return path
    raise HicalmError(
        f"The picture '{written}' of index.mat is missing: put it into '{folder / 'images'}'."
    )
