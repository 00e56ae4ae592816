"""Objects of pictures as vectors: what lies in their boxes, and the whole picture, by an encoder.

Where boxes come from is exchangeable: a detector, boxes that are given, or a grid of crops. A box
is x0, y0, x1, y1 in pixels, x1 and y1 outside.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from hicalm.errors import HicalmError
from hicalm.files import read_json
from hicalm.geometry import unit
from hicalm.ragged import starts

if TYPE_CHECKING:  # they take torch along
    from torch import nn

    from hicalm.encoders.encoder import Encoder

SAME_BOX = 15.0  # pixels: boxes whose four coordinates all differ by less are one
SMALLEST_AREA = 0.01  # of the picture
SURE = 0.3  # least score of a detected object, as published
CROPS_AT_ONCE = 128


_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_ROWS = TypeAdapter(list[Annotated[list[_Number], Field(min_length=4, max_length=4)]])


class BoxSource(Protocol):
    """Where the objects of pictures are."""

    def boxes(self, item: int, picture: np.ndarray) -> np.ndarray:
        """Return the boxes (K, 4) of an item's picture, uint8 RGB (h, w, 3), the surest first."""


@dataclass(frozen=True)
class GivenBoxes:
    """Boxes known beforehand: one array (K, 4) an item."""

    known: Sequence[np.ndarray]

    @classmethod
    def load(cls, path: Path, names: Iterable[str]) -> "GivenBoxes":
        """Read the boxes of pictures by their names, JSON: ``{"im1.jpg": [[x0, y0, x1, y1]]}``.

        Raises HicalmError for a file that is missing or no such JSON, and for a name not in it.
        """
        try:
            found = read_json(path)
        except (OSError, ValueError, RecursionError) as error:
            raise HicalmError(f"'{path}' is missing or no readable JSON of boxes.") from error
        if not isinstance(found, dict):
            raise HicalmError(f"'{path}' must hold lists of boxes by the names of pictures.")
        known = []
        for name in names:
            if name not in found:
                raise HicalmError(f"'{path}' has no boxes of '{name}': [] says that it has none.")
            try:
                rows = _ROWS.validate_python(found[name])
                known.append(np.array(rows, np.float64).reshape(-1, 4))
            except ValidationError as error:
                raise HicalmError(
                    f"The boxes of '{name}' in '{path}' must be rows of four numbers."
                ) from error
        return cls(known)

    def boxes(self, item: int, picture: np.ndarray) -> np.ndarray:
        """Return the item's boxes. Raises HicalmError where none are given or they are no boxes."""
        if item >= len(self.known):
            raise HicalmError(
                f"Boxes are given for {len(self.known)} pictures; picture {item + 1} has none."
            )
        found = np.asarray(self.known[item], np.float64)
        if found.ndim != 2 or found.shape[1] != 4 or not np.isfinite(found).all():
            raise HicalmError(
                f"The boxes of picture {item + 1} must be rows of four numbers (x0, y0, x1, y1)."
            )
        return found


@dataclass(frozen=True)
class Grid:
    """Crops of equal size side by side, ``columns`` by ``rows``."""

    columns: int = 2
    rows: int = 2

    def boxes(self, item: int, picture: np.ndarray) -> np.ndarray:
        """Return the cells, row after row."""
        height, width = picture.shape[:2]
        x = np.linspace(0, width, self.columns + 1)
        y = np.linspace(0, height, self.rows + 1)
        cells = [
            (x[c], y[r], x[c + 1], y[r + 1]) for r in range(self.rows) for c in range(self.columns)
        ]
        return np.array(cells)


class Detector:
    """A detector of torchvision, of COCO's classes (the paper's has those of OpenImages)."""

    def __init__(self, model: "nn.Module", score: float = SURE) -> None:
        """Take any model of ``torchvision.models.detection``, with its weights."""
        self._model, self._score = model.eval(), score

    @classmethod
    def load(cls, score: float = SURE) -> "Detector":
        """Load Faster R-CNN with its published weights, from the hub or where it keeps them.

        Raises HicalmError where they cannot be had.
        """
        from torchvision.models.detection import fasterrcnn_resnet50_fpn_v2

        try:
            return cls(fasterrcnn_resnet50_fpn_v2(weights="DEFAULT", progress=False), score)
        except (OSError, RuntimeError) as error:  # no connection, or a damaged download
            raise HicalmError(
                f"The weights of the detector could not be fetched ({type(error).__name__}): "
                "connect to the internet once, or choose other objects."
            ) from error

    def boxes(self, item: int, picture: np.ndarray) -> np.ndarray:
        """Return the boxes whose score is above the least one, the surest first."""
        import torch

        pixels = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1).float() / 255
        with torch.inference_mode():
            (found,) = self._model([pixels])
        scores = found["scores"].numpy()
        order = np.argsort(-scores, kind="stable")
        return found["boxes"].numpy()[order[scores[order] > self._score]]


def merge_boxes(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the boxes inside a picture, int64 (K', 4): large enough, and none twice.

    Of boxes whose four coordinates all differ by less than ``SAME_BOX`` pixels the first stays.
    """
    inside = np.clip(np.asarray(boxes, np.float64).reshape(-1, 4), 0, [width, height] * 2)
    kept: list[np.ndarray] = []
    for box in np.rint(inside).astype(np.int64):
        across, along = box[2] - box[0], box[3] - box[1]
        if min(across, along) < 1 or across * along < SMALLEST_AREA * height * width:
            continue
        if not any((np.abs(box - other) < SAME_BOX).all() for other in kept):
            kept.append(box)
    return np.array(kept, np.int64).reshape(-1, 4)


@dataclass(frozen=True)
class Objects:
    """Objects of N pictures one after the other: vectors float32 (O, D) of length 1, counts (N,).

    The surest or largest object of a picture comes first, the whole picture last. ``lengths`` (O,)
    are those of the vectors as the encoder gave them; None for 1.
    """

    vectors: np.ndarray
    counts: np.ndarray
    lengths: np.ndarray | None = None

    @classmethod
    def of(cls, raw: np.ndarray, counts: np.ndarray) -> "Objects":
        """Return objects with vectors (O, D) as an encoder gave them."""
        return cls(unit(raw), counts, np.linalg.norm(raw, axis=1))

    @property
    def raw(self) -> np.ndarray:
        """Return the vectors as the encoder gave them."""
        return self.vectors if self.lengths is None else self.vectors * self.lengths[:, None]

    def __post_init__(self) -> None:
        if self.counts.sum() != len(self.vectors) or not (self.counts > 0).all():
            raise HicalmError(
                f"{len(self.vectors)} objects do not fit to {len(self.counts)} pictures with "
                f"{int(self.counts.sum())} objects, at least one each."
            )

    @property
    def first(self) -> np.ndarray:
        """The row of each picture's first object, int64 (N,)."""
        return starts(self.counts)

    def padded(self, max_objects: int) -> tuple[np.ndarray, np.ndarray]:
        """Return rows of each picture's first objects (N, max_objects) and which of them exist.

        Rows that do not exist are those of the first object.
        """
        position = np.arange(max_objects)
        there = position < self.counts[:, None]
        return self.first[:, None] + np.where(there, position, 0), there


def whole_pictures(images: np.ndarray) -> Objects:
    """Return the pictures' own vectors (N, D) as their only objects."""
    return Objects.of(images, np.ones(len(images), np.int64))


def find_objects(
    images: np.ndarray,
    pictures: Iterable[np.ndarray],
    source: BoxSource,
    encoder: "Encoder",
    whole: bool = True,
) -> Objects:
    """Return the objects of pictures, uint8 RGB (h, w, 3), whose own vectors are known.

    Args:
        images: (N, D), the vectors of the whole pictures.
        pictures: N of them, read one at a time; show progress by passing a bar.
        whole: the whole picture is always an object; if not, only of a picture without boxes.
    """
    parts: list[list[np.ndarray]] = [[] for _ in images]
    waiting: list[tuple[int, np.ndarray]] = []

    def encode() -> None:
        vectors = encoder.encode_images([crop for _, crop in waiting])
        for (item, _), vector in zip(waiting, vectors, strict=True):
            parts[item].append(vector)
        waiting.clear()

    for item, picture in enumerate(pictures):
        for x0, y0, x1, y1 in merge_boxes(source.boxes(item, picture), *picture.shape[:2]):
            waiting.append((item, picture[y0:y1, x0:x1]))
        if len(waiting) >= CROPS_AT_ONCE:
            encode()
    if waiting:
        encode()
    for part, image in zip(parts, images, strict=True):
        if whole or not part:
            part.append(image)
    counts = np.array([len(part) for part in parts], np.int64)
    return Objects.of(np.array([vector for part in parts for vector in part]), counts)
