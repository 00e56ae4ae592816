"""Flickr30k and MS-COCO in the usual precomputed layout: one folder, files named by split.

* ``{split}_caps.txt``: five lines for each image, one caption a line;
* ``{split}_ims.npy``: the features of all images, (N, 36, 2048); or ``{split}_ims/``, a folder with
  one file for each image, ``{id}.npy`` (36, 2048), by the ids of
* ``{split}_ids.txt``: one line for each image, or one for each caption.

Features stay on disk and are read a few images at a time. Nothing is unpickled.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from hicalm.data.array_files import map_array
from hicalm.errors import HicalmError
from hicalm.hosa.hosa_vocabulary import PADDING, Vocabulary, words_of

TEXTS_PER_IMAGE = 5
MAX_WORDS = 80  # longer captions are cut there


class RegionRows(Protocol):
    """Features that stay on disk, in ``path``, until they are asked for."""

    path: Path

    def read(self, images: np.ndarray) -> np.ndarray:
        """Return the features of images (n,) by their numbers, float32 (n, R, D_r)."""


class CaptionedImages:
    """The images and captions of a split; a ``region_pairs.Pairs`` of word numbers."""

    def __init__(self, features: RegionRows, captions: Sequence[str], words: Vocabulary) -> None:
        self.images = len(captions) // TEXTS_PER_IMAGE
        self.image_of = np.arange(len(captions)) // TEXTS_PER_IMAGE
        self._features, self.captions, self._words = features, captions, words

    def regions(self, images: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return the features of images: (n, R, D_r) float32 and counts (n,).

        Raises HicalmError for a file that is missing or damaged and for features not finite.
        """
        rows = torch.from_numpy(self._features.read(images))
        finite = torch.isfinite(rows).flatten(1).all(dim=1)
        if not finite.all():
            wrong = int(images[int((~finite).nonzero()[0, 0])])
            raise HicalmError(
                f"The features of image {wrong + 1} in '{self._features.path}' are not all finite."
            )
        return rows, torch.full((len(rows),), rows.shape[1])

    def words(self, texts: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return the word numbers of captions: (n, W) int64 and counts (n,)."""
        captions = (words_of(self.captions[text])[:MAX_WORDS] for text in texts)
        numbers = [torch.tensor(self._words.numbers(caption)) for caption in captions]
        counts = torch.tensor([len(caption) for caption in numbers])
        return pad_sequence(numbers, batch_first=True, padding_value=PADDING), counts


def load_captions(folder: Path, split: str) -> list[str]:
    """Return the captions of a split, five for each image.

    Raises HicalmError for a file that is missing, is no UTF-8, or has a line without a word.
    """
    path = Path(folder) / f"{split}_caps.txt"
    captions = _lines(path)
    for number, caption in enumerate(captions, 1):
        if not words_of(caption):
            raise HicalmError(f"Line {number} of '{path}' is a caption without a word.")
    if not captions or len(captions) % TEXTS_PER_IMAGE:
        raise HicalmError(
            f"'{path}' must have {TEXTS_PER_IMAGE} lines for each image, not {len(captions)} lines."
        )
    return captions


def load_images(
    folder: Path, split: str, words: Vocabulary, regions: int, region_dim: int
) -> CaptionedImages:
    """Return the images and captions of a split, each image with ``regions`` regions.

    Raises HicalmError for what is missing or damaged, for another number or width of regions, and
    for images and captions that do not fit each other.
    """
    captions = load_captions(folder, split)
    count = len(captions) // TEXTS_PER_IMAGE
    features: _OneArray | _OneFileEach
    array, each = Path(folder) / f"{split}_ims.npy", Path(folder) / f"{split}_ims"
    if array.is_file():
        one = _OneArray(array, (regions, region_dim))
        features, found = one, one.count
    elif each.is_dir():
        ids = _lines(Path(folder) / f"{split}_ids.txt")
        if len(ids) == len(captions):  # one for each caption
            ids = ids[::TEXTS_PER_IMAGE]
        features = _OneFileEach(each, ids, (regions, region_dim))
        found = len(ids)
    else:
        raise HicalmError(
            f"There are no features for the split '{split}': '{folder}' has neither {array.name} "
            f"nor a folder {each.name}."
        )
    if found != count:
        raise HicalmError(
            f"The split '{split}' has {found} images and {len(captions)} captions: "
            f"{TEXTS_PER_IMAGE} for each image would be {TEXTS_PER_IMAGE * found}."
        )
    return CaptionedImages(features, captions, words)


class _OneArray:
    """All features in one file (N, R, D_r).

    Images are read one by one: each is one piece of the file, and pages of a memory map would stay
    in the process's memory until all 33 GB of MS-COCO were there.
    """

    def __init__(self, path: Path, shape: tuple[int, int]) -> None:
        self.path = path
        rows = open_array(path)
        assert isinstance(rows, np.memmap)  # one that is not empty
        if rows.ndim != 3 or rows.shape[1:] != shape:
            raise HicalmError(_wrong_shape(path, ("N", *shape), rows.shape))
        if not rows.flags.c_contiguous:
            raise HicalmError(f"'{path}' is in Fortran's order: save it with np.ascontiguousarray.")
        self.count, self._shape = len(rows), shape
        self._start, self._dtype = rows.offset, rows.dtype

    def read(self, images: np.ndarray) -> np.ndarray:
        return np.stack([self._read_one(int(image)) for image in images])

    def _read_one(self, image: int) -> np.ndarray:
        size = self._shape[0] * self._shape[1]
        start = self._start + image * size * self._dtype.itemsize
        rows = np.fromfile(self.path, self._dtype, size, offset=start)
        return rows.reshape(self._shape).astype(np.float32)


class _OneFileEach:
    """The features of every image (R, D_r) in a file of its own."""

    def __init__(self, path: Path, ids: Sequence[str], shape: tuple[int, int]) -> None:
        for name in ids:
            if not name or Path(name).name != name:
                raise HicalmError(f"{name!r} in the ids of '{path}' is not the name of a file.")
        self.path, self._ids, self._shape = path, ids, shape

    def read(self, images: np.ndarray) -> np.ndarray:
        return np.stack([self._read_one(int(image)) for image in images])

    def _read_one(self, image: int) -> np.ndarray:
        path = self.path / f"{self._ids[image]}.npy"
        rows = open_array(path)
        if rows.shape != self._shape:
            raise HicalmError(_wrong_shape(path, self._shape, rows.shape))
        return np.asarray(rows, np.float32)


def open_array(path: Path, kinds: str = "f") -> np.ndarray:
    """Return the array of a file, by default of floating-point numbers, as ``map_array`` does.

    Raises HicalmError as that does, and for a file that is missing or empty.
    """
    try:
        found = map_array(path, kinds)
    except FileNotFoundError as error:
        raise HicalmError(f"There is no file '{path}' of features.") from error
    if not found.size:
        raise HicalmError(f"'{path}' is empty: an array {found.shape}.")
    return found


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise HicalmError(f"There is no file '{path}'.") from error
    except UnicodeDecodeError as error:
        raise HicalmError(f"'{path}' is not a text file in UTF-8.") from error
    return [line.strip() for line in text.removesuffix("\n").split("\n")] if text else []


def _wrong_shape(path: Path, wanted: Sequence[object], found: tuple[int, ...]) -> str:
    wanted = ", ".join(str(size) for size in wanted)
    return (
        f"'{path}' must have the shape ({wanted}), regions and then features, not {found}: mend "
        "the file, or `regions` and `region_dim` of the configuration."
    )
