"""Flickr30k and MS-COCO in TERAN's layout, which HOSA's README follows: one file an image.

Below the folder of all data sets lies ``f30k`` or ``coco``, and there

* ``annotations``: ``dataset_flickr30k.json`` (Karpathy's: images with split, filename and
  sentences), or ``captions_{train,val}2014.json`` with ``coco_{train,dev,test,restval}_ids.npy``,
  the numbers of captions; of dev the first 5,000 are validation;
* ``features_36/bu_att/ID.npz`` (``feat``, (36, 2048)) and ``features_36/bu_box/ID.npy`` (36, 4), in
  pixels: ID is MS-COCO's number of the image, of Flickr30k its place in the JSON list;
* ``images`` of Flickr30k, or ``images/sizes.pkl`` alone: how large they are, for the boxes.

The splits are train, val and test. Nothing is unpickled but sizes, as plain data.
"""

import io
import math
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from hicalm.data.array_files import read_header
from hicalm.data.untrusted import read_member, read_pickle
from hicalm.errors import HicalmError
from hicalm.hosa.hosa_config import DataConfig
from hicalm.hosa.hosa_vocabulary import Vocabulary, words_of
from hicalm.hosa.precomputed import TEXTS_PER_IMAGE, CaptionedImages, open_array

SPLITS = ("train", "val", "test")
VALIDATION_CAPTIONS = 5000  # of MS-COCO's dev
FEATURES, BOXES = "bu_att", "bu_box"
BOX = 4  # numbers of a box
LONGEST_HEADER = 4096  # bytes of an array beside its numbers


@dataclass(frozen=True)
class Annotated:
    """Images by ID with their captions, five each, and their sizes (N, 2): width and height."""

    ids: list[str]
    captions: list[str]
    sizes: np.ndarray | None = None


def load_annotated(data: DataConfig, split: str) -> Annotated:
    """Return the images of a split with their captions, and their sizes where boxes are read.

    Raises HicalmError for a split or file that is not there or damaged, and for images without
    five captions.
    """
    if split not in SPLITS:
        raise HicalmError(f"This layout has the splits {', '.join(SPLITS)}, not '{split}'.")
    found = _flickr(data, split) if data.name == "f30k" else _coco(data, split)
    if not found.ids:
        raise HicalmError(f"The split '{split}' in '{annotations(data)}' is empty.")
    for number, caption in enumerate(found.captions):
        if not words_of(caption):
            image = found.ids[number // TEXTS_PER_IMAGE]
            raise HicalmError(f"Image {image} of '{annotations(data)}' has a caption of no word.")
    return found


def load_regions(data: DataConfig, split: str, words: Vocabulary, dim: int) -> CaptionedImages:
    """Return the images of a split with ``dim`` numbers a region, boxes included.

    Raises HicalmError as ``load_annotated`` does; what is wrong in a file of features is said when
    it is read.
    """
    found = load_annotated(data, split)
    root = Path(data.features) if data.features else Path(data.folder) / data.name / "features_36"
    features = _RegionFiles(root, found, (data.regions, dim - BOX * data.boxes))
    return CaptionedImages(features, found.captions, words)


def annotations(data: DataConfig) -> Path:
    """Return the folder of a data set's annotations."""
    return Path(data.folder) / data.name / "annotations"


class _RegionFiles:
    """The features of every image, and its boxes behind them as shares of width and height."""

    def __init__(self, root: Path, images: Annotated, shape: tuple[int, int]) -> None:
        self.path, self._images, self._shape = root, images, shape

    def read(self, images: np.ndarray) -> np.ndarray:
        return np.stack([self._read_one(int(image)) for image in images])

    def _read_one(self, image: int) -> np.ndarray:
        name, sizes = self._images.ids[image], self._images.sizes
        rows = read_features(self.path / FEATURES / f"{name}.npz", self._shape)
        if sizes is None:
            return rows
        path = self.path / BOXES / f"{name}.npy"
        boxes = open_array(path)
        if boxes.shape != (self._shape[0], BOX):
            raise HicalmError(
                f"'{path}' must have the shape ({self._shape[0]}, {BOX}), not {boxes.shape}."
            )
        shares = np.asarray(boxes, np.float32) / np.tile(sizes[image], 2)
        return np.concatenate([rows, shares.astype(np.float32)], axis=1)


def read_features(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Return the array ``feat`` of an .npz file, float32.

    Raises HicalmError for a file that is missing, damaged or of another shape; nothing is unpacked
    that is larger than the shape has.
    """
    try:
        with zipfile.ZipFile(path) as file:
            member = file.getinfo("feat.npy")
            fits = member.file_size <= 8 * math.prod(shape) + LONGEST_HEADER
            content = io.BytesIO(read_member(file, member, member.file_size) if fits else b"")
    except FileNotFoundError as error:
        raise HicalmError(f"There is no file '{path}' of features.") from error
    except KeyError as error:
        raise HicalmError(f"'{path}' has no array 'feat'.") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise HicalmError(f"'{path}' is damaged or no .npz file.") from error
    if not fits:
        raise HicalmError(f"'{path}' must have the shape {shape}: it is larger.")
    found, fortran, dtype = read_header(content, path)
    if found != shape or fortran:
        raise HicalmError(f"'{path}' must have the shape {shape}, row after row, not {found}.")
    rows = np.frombuffer(content.read(), dtype)
    if rows.size != math.prod(shape):
        raise HicalmError(f"'{path}' is truncated: it must have the shape {shape}.")
    return rows.reshape(shape).astype(np.float32)


def _flickr(data: DataConfig, split: str) -> Annotated:
    path = annotations(data) / "dataset_flickr30k.json"
    images = _entries(_json(path), "images", path)
    chosen = [number for number, image in enumerate(images) if image.get("split") == split]
    captions: list[str] = []
    for number in chosen:
        own = [sentence["raw"] for sentence in _entries(images[number], "sentences", path)]
        _check_five(len(own), str(number), path)
        captions += map(str, own)
    sizes = _flickr_sizes(data, images, chosen) if data.boxes else None
    return Annotated([str(number) for number in chosen], captions, sizes)


def _flickr_sizes(data: DataConfig, images: list[dict[str, Any]], chosen: list[int]) -> np.ndarray:
    folder = Path(data.folder) / data.name / "images"
    if (folder / "sizes.pkl").is_file():
        found = np.array(read_pickle(folder / "sizes.pkl"), np.float64)
        if found.shape != (len(images), 2) or not (found > 0).all():
            raise HicalmError(f"'{folder / 'sizes.pkl'}' must have a size for each image.")
        return found[chosen]
    return np.array([_picture_size(folder / str(images[i].get("filename"))) for i in chosen])


def _picture_size(path: Path) -> tuple[int, int]:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError) as error:
        raise HicalmError(
            f"Boxes are shares of a picture, and '{path}' cannot be read: put the pictures or "
            "sizes.pkl there, or leave `boxes` out."
        ) from error


def _coco(data: DataConfig, split: str) -> Annotated:
    folder = annotations(data)
    parts = {"train": [("train", "train")], "val": [("dev", "val")], "test": [("test", "val")]}
    if data.restval:
        parts["train"].append(("restval", "val"))
    ids: list[str] = []
    captions: list[str] = []
    sizes: list[tuple[float, float]] = []
    for name, year in parts[split]:
        path = folder / f"captions_{year}2014.json"
        content = _json(path)
        texts = {entry["id"]: entry for entry in _entries(content, "annotations", path)}
        images = {entry.get("id"): entry for entry in _entries(content, "images", path)}
        numbers = _numbers(folder / f"coco_{name}_ids.npy")
        for number in numbers[:VALIDATION_CAPTIONS] if name == "dev" else numbers:
            if number not in texts or texts[number].get("image_id") not in images:
                raise HicalmError(f"'{path}' has no caption {number}, or not its image.")
            image = images[texts[number]["image_id"]]
            if len(captions) % TEXTS_PER_IMAGE == 0:
                ids.append(str(image["id"]))
                sizes.append((image.get("width", 0), image.get("height", 0)))
            elif ids[-1] != str(image["id"]):
                _check_five(len(captions) % TEXTS_PER_IMAGE, ids[-1], path)
            captions.append(str(texts[number].get("caption")))
    _check_five(len(captions) - TEXTS_PER_IMAGE * (len(ids) - 1), ids[-1] if ids else "", folder)
    checked = np.array(sizes, np.float64).reshape(-1, 2)
    if data.boxes and not (checked > 0).all():
        raise HicalmError(f"The images in '{folder}' have no width and height, as boxes need.")
    return Annotated(ids, captions, checked if data.boxes else None)


def _numbers(path: Path) -> list[int]:
    return np.asarray(open_array(path, "iu")).ravel().tolist()


def _check_five(count: int, image: str, path: Path) -> None:
    if count != TEXTS_PER_IMAGE:
        raise HicalmError(
            f"Image {image} of '{path}' has {count} captions in a row, not {TEXTS_PER_IMAGE}."
        )


def _json(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise HicalmError(f"There is no file '{path}'.") from error
    except (ValueError, OSError) as error:
        raise HicalmError(f"'{path}' is not readable JSON.") from error


def _entries(content: Any, key: str, path: Path) -> list[dict[str, Any]]:
    """Return the list of objects under a key; all that is later asked of them is there."""
    asked = {"images": (), "sentences": ("raw",), "annotations": ("id", "image_id")}[key]
    found = content.get(key) if isinstance(content, dict) else None
    if not isinstance(found, list) or not all(
        isinstance(entry, dict) and all(name in entry for name in asked) for entry in found
    ):
        needs = f" with {' and '.join(asked)}" if asked else ""
        raise HicalmError(f"'{path}' must have a list '{key}' of objects{needs}.")
    return found
