"""The splits of published data sets: read from a file of indices, or drawn as published."""

from pathlib import Path

import numpy as np
from torch import Tensor

from hicalm.data.untrusted import read_pickle
from hicalm.errors import HicalmError
from hicalm.importers.apartments import read_houses
from hicalm.importers.published_layouts import Layout

SPLITS = {"train": "train", "val": "validation", "test": "test"}
DRAWN, DRAWN_TRAIN, DRAWN_VALIDATION = 239, 145, 44  # worlds of GamingMV; the other 50: test


def find_splits(layout: Layout, names: list[str]) -> dict[str, str]:
    """Return the split of every museum that is in one, by its name; ``names`` are sorted.

    Raises HicalmError for indices that do not fit the names, or a museum in two splits.
    """
    if layout.indices is None:
        return draw_splits(names)
    indices = read_pickle(layout.indices)
    if not isinstance(indices, dict) or set(indices) != set(SPLITS):
        raise HicalmError(f"'{layout.indices}' must hold the splits {', '.join(SPLITS)}.")
    ordered = _in_order(layout, names)
    splits: dict[str, str] = {}
    for published, split in SPLITS.items():
        for index in _integers(indices[published], layout, published):
            if not 0 <= index < len(ordered):
                raise HicalmError(
                    f"'{layout.indices}' names museum {index} for {published}, but there are "
                    f"{len(ordered)} museums. Files may be missing in all folders."
                )
            if ordered[index] in splits:
                raise HicalmError(
                    f"'{layout.indices}' has {ordered[index]} in two splits, or twice."
                )
            splits[ordered[index]] = split
    return splits


def draw_splits(names: list[str]) -> dict[str, str]:
    """Draw the splits of GamingMV as its training script does, by sorted names.

    NumPy's legacy generator, seeded with 0, draws 145 of the 239 worlds for training and 44 of the
    rest for validation; other numbers of worlds are shared out alike.
    """
    generator = np.random.RandomState(0)
    train = round(len(names) * DRAWN_TRAIN / DRAWN)
    validation = min(round(len(names) * DRAWN_VALIDATION / DRAWN), len(names) - train)
    splits = dict.fromkeys(names, "test")
    for split, size in (("train", train), ("validation", validation)):
        left = [number for number, name in enumerate(names) if splits[name] == "test"]
        for number in generator.choice(left, size, replace=False):
            splits[names[number]] = split
    return splits


def _in_order(layout: Layout, names: list[str]) -> list[str]:
    """Return the names as the indices count them."""
    if layout.order is None:
        return names
    if layout.order == layout.houses:
        listed = list(read_houses(layout.order))
    else:
        listed = _lines(layout.order)
    if missing := sorted(set(listed) - set(names)):
        raise HicalmError(
            f"'{layout.order}' names {missing[0]}, of which there is no file"
            + (f", and {len(missing) - 1:,} more." if len(missing) > 1 else ".")
        )
    return listed


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except UnicodeDecodeError as error:
        raise HicalmError(f"'{path}' must be a text (UTF-8) with a name a line.") from error


def _integers(value: object, layout: Layout, split: str) -> list[int]:
    values = value.tolist() if isinstance(value, Tensor) else value
    if not isinstance(values, list) or not all(type(one) is int for one in values):
        raise HicalmError(f"'{layout.indices}' must hold whole numbers for {split}.")
    return values
