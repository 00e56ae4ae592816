"""Maps of a collection: coordinates of its museums, rooms and views, and columns to colour by.

A *map* belongs to one level and has a point for every museum, room or view, in the order of the
collection; or only for those of a sample of the museums (``hicalm.maps.sample``), in its order. It
is ``WIDTH`` units wide or high, whichever is more. Maps are fitted once, by
``python -m hicalm map``, and kept in the collection's folder ``maps/``: ``map.json`` and one
safetensors file a level. A query, or a description, is placed on them by what it is similar to.
What is structured in them (``hicalm.maps.structure``) may be missing: then nothing of it is known.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from hicalm.data.collection import Collection
from hicalm.data.home import ZERO_SHOT, is_zero_shot
from hicalm.errors import HicalmError
from hicalm.files import read_json, replacing, to_json, write_text
from hicalm.levels import LEVELS
from hicalm.maps.sample import Sample

FORMAT = 2  # of the files; raised when a reader of today could not read them
FOLDER = "maps"  # inside a collection's folder
WIDTH = 100.0  # units of the larger side of a map
NEIGHBOURS = 15  # that a query is placed by
# Of the softmax over the neighbours' similarities. On the maps of the built-in collection 600
# points of each level were placed by the others, with a median error (museum, room, view) of 4.9,
# 1.7 and 0.4 units at 0.01; of 4.7, 1.8 and 0.4 at 0.02; of 7.1, 4.4 and 0.8 at 0.05; of 10.8, 6.2
# and 1.4 at 0.1. Below 0.02 the nearest point decides alone, and the spread says nothing.
TEMPERATURE = 0.02
WEIGHTS_FILE = "model.safetensors"
MUSEUMS = "museums"  # the array of a sample's keys, in the file of each level


@dataclass(frozen=True)
class Column:
    """What points can be coloured by: names of categories and a code for every point (N,).

    Without names the codes are numbers themselves.
    """

    name: str
    values: tuple[str, ...]
    codes: np.ndarray


@dataclass(frozen=True)
class LevelMap:
    """One map: ``xy`` float32 (N, 2), ``texts`` float32 (N, 2) or (0, 2), and its columns.

    ``texts`` are the places of the points' descriptions; there are none at view level.
    """

    xy: np.ndarray
    texts: np.ndarray
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Region:
    """A region of a map: its name, what it is named by, where the name stands, and its points.

    ``values`` has attributes and values, none where the name is a word of the descriptions;
    ``(x, y)`` is the point of the region nearest to its middle, ``points`` their number. At least
    half of the points have all of ``values``.
    """

    name: str
    values: dict[str, str]
    x: float
    y: float
    points: int


@dataclass(frozen=True)
class Zoom:
    """The regions that are named where a map is enlarged ``zoom`` times, or more, up to the next
    zoom; those of the most points come first."""

    zoom: int
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class Structure:
    """What is structured in maps: how well attributes separate, and the regions of each level.

    ``purity`` is by level and attribute, 1 at best and 0 by chance; ``default`` are the level and
    the attribute to open on, None where nothing is known or nothing is structured.
    """

    purity: dict[str, dict[str, float]] = field(default_factory=dict)
    default: tuple[str, str] | None = None
    regions: dict[str, tuple[Zoom, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)  # compared as objects, so that they can be keys
class Maps:
    """The maps of a collection by level, with all that decided how they look.

    ``checkpoint`` is the content hash of the model's weights, ``encoder`` the name and hash of the
    encoder, ``metrics`` how true each map is to the model's space. ``sample`` are the museums that
    they show; None: all.
    """

    levels: dict[str, LevelMap]
    seed: int
    parameters: dict[str, str | float]
    checkpoint: str
    encoder: str
    metrics: dict[str, dict[str, float]]
    structure: Structure = Structure()
    sample: Sample | None = None


def locate(xy: np.ndarray, similarities: np.ndarray) -> tuple[tuple[float, float], float]:
    """Return where on a map something lies that is so similar to its points, and its spread.

    The place is the mean of the ``NEIGHBOURS`` most similar points, weighted by a softmax over
    their similarities; the spread is their weighted distance from it (root mean square), in units
    of the map. xy (N, 2), similarities (N,), N >= 1. Raises HicalmError if they do not fit.
    """
    if len(xy) != len(similarities) or not len(xy):
        raise HicalmError(f"{len(xy)} points of a map cannot have {len(similarities)} similarities")
    count = min(NEIGHBOURS, len(xy))
    nearest = np.argpartition(-similarities, count - 1)[:count]
    near, values = xy[nearest].astype(np.float64), similarities[nearest].astype(np.float64)
    weights = np.exp((values - values.max()) / TEMPERATURE)
    weights /= weights.sum()
    middle = weights @ near
    spread = np.sqrt(weights @ ((near - middle) ** 2).sum(axis=1))
    return (float(middle[0]), float(middle[1])), float(spread)


def weights_hash(checkpoint: Path) -> str:
    """Return the content hash of a checkpoint's weights. Raises HicalmError if there are none."""
    if is_zero_shot(checkpoint):
        return ZERO_SHOT
    path = Path(checkpoint) / WEIGHTS_FILE
    if not path.is_file():
        raise HicalmError(f"There is no HiCALM checkpoint in {checkpoint}: {path.name} is missing.")
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()


def encoder_label(collection: Collection) -> str:
    """Return name and hash of the encoder of a collection's views, or an empty text."""
    fingerprint = collection.features.fingerprints.get("view")
    return fingerprint.label if fingerprint else ""


def level_sizes(collection: Collection, sample: Sample | None = None) -> dict[str, int]:
    """Return how many points the map of each level has: of a sample, or of all museums."""
    rows = np.arange(len(collection.museums)) if sample is None else sample.rows
    rooms, views = collection.room_counts[rows], np.diff(collection.view_offsets)[rows]
    return dict(zip(LEVELS, (len(rows), int(rooms.sum()), int(views.sum())), strict=True))


def save_maps(maps: Maps, folder: Path) -> None:
    """Write maps into a collection's folder; each file to a temporary name first, then renamed."""
    inside = Path(folder) / FOLDER
    inside.mkdir(parents=True, exist_ok=True)
    for level, one in maps.levels.items():
        arrays = {f"column.{column.name}": column.codes for column in one.columns}
        arrays |= {"xy": one.xy.astype(np.float32), "texts": one.texts.astype(np.float32)}
        if maps.sample is not None:
            arrays[MUSEUMS] = maps.sample.keys
        contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        with replacing(inside / f"{level}.safetensors") as temporary:
            save_file(contiguous, temporary)
    save_head(maps, folder)


def save_head(maps: Maps, folder: Path) -> None:
    """Write all of maps but their points, ``map.json``, into a collection's folder."""
    head = {
        "format": FORMAT,
        "seed": maps.seed,
        "parameters": maps.parameters,
        "fingerprints": {"checkpoint": maps.checkpoint, "encoder": maps.encoder},
        "metrics": maps.metrics,
        "columns": {
            level: [{"name": column.name, "values": list(column.values)} for column in one.columns]
            for level, one in maps.levels.items()
        },
        **_structure_head(maps.structure),
    }
    write_text(
        Path(folder) / FOLDER / "map.json", to_json(head, indent=1, ensure_ascii=False) + "\n"
    )


def load_maps(collection: Collection, checkpoint: Path) -> Maps:
    """Read the maps of a loaded collection that were fitted with a checkpoint.

    Raises HicalmError where there are none, where they are damaged, and where they belong to other
    museums, another checkpoint or another encoder.
    """
    folder = Path(collection.folder or ".") / FOLDER
    advice = f"Make them with 'python -m hicalm map {collection.folder}'."
    if collection.folder is None or not (folder / "map.json").is_file():
        raise HicalmError(f"This collection has no maps yet. {advice}")
    try:
        head = read_json(folder / "map.json")
        if head["format"] != FORMAT:
            raise HicalmError(f"The maps have the format {head['format']}, not {FORMAT}. {advice}")
        arrays = {level: load_file(folder / f"{level}.safetensors") for level in LEVELS}
        maps = Maps(
            levels={level: _level_map(arrays[level], head["columns"][level]) for level in LEVELS},
            seed=int(head["seed"]),
            parameters=dict(head["parameters"]),
            checkpoint=str(head["fingerprints"]["checkpoint"]),
            encoder=str(head["fingerprints"]["encoder"]),
            metrics=dict(head["metrics"]),
            structure=_read_structure(head),
            sample=_read_sample([*arrays.values()], collection, advice),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OSError, SafetensorError) as error:
        if isinstance(error, HicalmError):
            raise
        raise HicalmError(f"The maps in '{folder}' cannot be read: {error}. {advice}") from error
    _check(maps, collection, checkpoint, advice)
    return maps


def _structure_head(structure: Structure) -> dict[str, object]:
    level, color = structure.default or ("", "")
    return {
        "purity": structure.purity,
        "default": {"level": level, "color": color} if level else None,
        "regions": {name: [asdict(one) for one in own] for name, own in structure.regions.items()},
    }


def _read_structure(head: dict) -> Structure:
    """Read what is structured; what a file of before does not have is not known."""
    default = head.get("default")
    return Structure(
        purity={
            level: {name: float(value) for name, value in own.items()}
            for level, own in head.get("purity", {}).items()
        },
        default=(str(default["level"]), str(default["color"])) if default else None,
        regions={
            level: tuple(Zoom(int(one["zoom"]), _read_regions(one["regions"])) for one in zooms)
            for level, zooms in head.get("regions", {}).items()
        },
    )


def _read_regions(regions: list[dict]) -> tuple[Region, ...]:
    return tuple(
        Region(
            name=str(one["name"]),
            values={name: str(value) for name, value in one["values"].items()},
            x=float(one["x"]),
            y=float(one["y"]),
            points=int(one["points"]),
        )
        for one in regions
    )


def _read_sample(
    levels: Sequence[Mapping[str, np.ndarray]], collection: Collection, advice: str
) -> Sample | None:
    """Read the museums that maps show, from the arrays of all levels.

    All name the same: of levels that were fitted apart, with other samples, the points of one might
    be taken for those of another's museums.
    """
    keys = [arrays[MUSEUMS] for arrays in levels if MUSEUMS in arrays]
    if not keys:
        return None
    if len(keys) < len(levels) or any(not np.array_equal(one, keys[0]) for one in keys):
        raise HicalmError(f"The maps of the levels are not of the same museums. {advice}")
    try:
        return Sample.find(collection, keys[0])
    except HicalmError as error:
        raise HicalmError(f"{error} {advice}") from error


def _level_map(arrays: Mapping[str, np.ndarray], columns: list[dict]) -> LevelMap:
    return LevelMap(
        xy=arrays["xy"],
        texts=arrays["texts"],
        columns=tuple(
            Column(
                str(one["name"]), tuple(map(str, one["values"])), arrays[f"column.{one['name']}"]
            )
            for one in columns
        ),
    )


def _check(maps: Maps, collection: Collection, checkpoint: Path, advice: str) -> None:
    of = f"'{collection.name}' has" if maps.sample is None else "its sample of museums has"
    for level, size in level_sizes(collection, maps.sample).items():
        one = maps.levels[level]
        if one.xy.shape != (size, 2):
            raise HicalmError(
                f"The {level} map has {len(one.xy)} points, but {of} {size} {level}s. {advice}"
            )
        whole = one.texts.shape in ((size, 2), (0, 2)) and all(
            column.codes.shape == (size,)
            and column.codes.dtype in (np.uint8, np.uint16)
            and (not column.values or column.codes.max() < len(column.values))
            for column in one.columns
        )
        if not whole or not np.isfinite(one.xy).all() or not np.isfinite(one.texts).all():
            raise HicalmError(f"The {level} map is damaged. {advice}")
    _check_structure(maps, advice)
    if maps.encoder != encoder_label(collection):
        raise HicalmError(
            f"The maps were made with the encoder {maps.encoder or 'of another collection'}, the "
            f"collection with {encoder_label(collection) or 'none'}. {advice}"
        )
    if maps.checkpoint != (own := weights_hash(checkpoint)):
        raise HicalmError(
            f"The maps were made with other weights ({maps.checkpoint}) than those in use ({own}). "
            f"{advice}"
        )


def _check_structure(maps: Maps, advice: str) -> None:
    level, color = maps.structure.default or ("", "")
    one = maps.levels.get(level)
    if level and (one is None or color not in {column.name for column in one.columns}):
        raise HicalmError(f"The maps have no {level}s by {color} to open on. {advice}")
    regions = [
        one for own in maps.structure.regions.values() for zoom in own for one in zoom.regions
    ]
    if not np.isfinite([(one.x, one.y) for one in regions]).all():
        raise HicalmError(f"The regions of the maps are damaged. {advice}")
