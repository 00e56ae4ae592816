"""Which museums answer a query, by ground truth: the one definition of relevance used everywhere.

A query means a `Predicate` over paintings (subject, style, palette) and over rooms (wall colour,
floor, lighting, objects). It gives every room a gain in [0, 1]:

    gain(room) = 0                                        if the room's own predicate fails,
                 1                                        if it holds and paintings are free,
                 share of its paintings that satisfy it   otherwise,

and a museum has the gain of its best room. Museums and rooms are the specifications of the
built-in world, plain dictionaries as in the JSON.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from hicalm.errors import HicalmError
from hicalm.world import vocabulary

PAINTING_VALUES: dict[str, tuple[str, ...]] = {
    "subject": vocabulary.SUBJECTS,
    "style": vocabulary.STYLES,
    "palette": vocabulary.PALETTES,
}
ROOM_VALUES: dict[str, tuple[str, ...]] = {
    "wall_color": vocabulary.WALL_COLORS,
    "floor": vocabulary.FLOORS,
    "lighting": vocabulary.LIGHTINGS,
}
SPLITS = ("validation", "test")
_ALL_VALUES = PAINTING_VALUES | ROOM_VALUES


@dataclass(frozen=True)
class Predicate:
    """What a query asks for; a field left at its default is free.

    Raises:
        HicalmError: a value outside the vocabulary, or no field set at all.
    """

    subject: str | None = None  # of a painting
    style: str | None = None  # of a painting
    palette: str | None = None  # of a painting
    wall_color: str | None = None  # of a room
    floor: str | None = None  # of a room
    lighting: str | None = None  # of a room
    objects: tuple[str, ...] = ()  # of a room: all of them have to stand there

    def __post_init__(self) -> None:
        for key, allowed in _ALL_VALUES.items():
            value = getattr(self, key)
            if value is not None:
                _check_value(key, value, allowed)
        for value in self.objects:
            _check_value("objects", value, vocabulary.OBJECTS)
        if all(not getattr(self, field.name) for field in fields(self)):
            raise HicalmError("The predicate asks for nothing: set at least one of its fields.")

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Predicate":
        """Read ``{"painting": {...}, "room": {...}}``, where either part may be missing.

        Raises:
            HicalmError: an unknown key or value, a null, a part that is no object, or nothing asked
                for.
        """
        _check_keys("the predicate", value, ("painting", "room"))
        painting, room = value.get("painting", {}), value.get("room", {})
        _check_keys("'painting'", painting, tuple(PAINTING_VALUES))
        _check_keys("'room'", room, (*ROOM_VALUES, "objects"))
        for key, given in {**painting, **room}.items():
            if given is None:  # null would read as "non-figurative" in a specification
                raise HicalmError(f"'{key}' is null: leave the key out where it is free.")
        objects = room.get("objects", [])
        if not isinstance(objects, list | tuple):
            raise HicalmError(f"'objects' has to be a list, not {objects!r}.")
        return cls(**{**painting, **room, "objects": tuple(objects)})

    @property
    def painting(self) -> dict[str, str]:
        """The asked-for painting attributes, e.g. ``{"style": "cubist"}``; empty if free."""
        return self._asked(PAINTING_VALUES)

    @property
    def room(self) -> dict[str, str]:
        """The asked-for room attributes other than objects; empty if free."""
        return self._asked(ROOM_VALUES)

    def _asked(self, keys: Iterable[str]) -> dict[str, str]:
        values = {key: getattr(self, key) for key in keys}
        return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True)
class LabelledQuery:
    """A query as a person would type it, with what it means."""

    text: str
    split: str  # "validation" or "test"
    predicate: Predicate


def room_gain(predicate: Predicate, room: Mapping[str, Any]) -> float:
    """Return the gain in [0, 1] of one room specification, as defined above.

    A room without paintings has gain 0 for a predicate over paintings.
    """
    looks_right = all(room[key] == value for key, value in predicate.room.items())
    if not looks_right or not set(predicate.objects) <= set(room["objects"]):
        return 0.0
    asked = predicate.painting
    if not asked:
        return 1.0
    paintings = room["paintings"]
    satisfying = sum(
        all(painting[key] == value for key, value in asked.items()) for painting in paintings
    )
    return satisfying / len(paintings) if paintings else 0.0


def museum_gain(predicate: Predicate, museum: Mapping[str, Any]) -> float:
    """Return the gain in [0, 1] of a museum's best room; 0 for a museum without rooms."""
    return max((room_gain(predicate, room) for room in museum["rooms"]), default=0.0)


def gains(predicate: Predicate, museums: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return the gains of all museums, (B,) float64 in [0, 1], in the order given."""
    return np.array([museum_gain(predicate, museum) for museum in museums], dtype=np.float64)


def load_queries(path: str | Path, split: str | None = None) -> list[LabelledQuery]:
    """Read labelled queries, one JSON object a line, in the order of the file.

    Args:
        path: lines of ``{"query", "split", "painting": {...}, "room": {...}}``; blank lines are
            passed over.
        split: "validation" or "test" for one half, None for both.

    Raises:
        HicalmError: an unknown split, a file that cannot be read, or a bad line (with its number).
    """
    if split is not None:
        _check_value("split", split, SPLITS)
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HicalmError(f"The query file {path} cannot be read: {error}.") from error
    queries = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            queries.append(_parse_query(json.loads(line)))
        except ValueError as error:  # json.JSONDecodeError and HicalmError are both ValueErrors
            raise HicalmError(f"{path}, line {number}: {error}") from error
    return [query for query in queries if split in (None, query.split)]


def _parse_query(value: Mapping[str, Any]) -> LabelledQuery:
    _check_keys("the line", value, ("query", "split", "painting", "room"))
    text = value.get("query")
    if not isinstance(text, str) or not text.strip():
        raise HicalmError(f"'query' has to be a text, not {text!r}.")
    _check_value("split", value.get("split"), SPLITS)
    meaning = {key: value[key] for key in ("painting", "room") if key in value}
    return LabelledQuery(text, value["split"], Predicate.from_json(meaning))


def _check_keys(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if not isinstance(value, Mapping):
        raise HicalmError(f"Expected {name} to be an object, got {value!r}.")
    unknown = sorted(set(value) - set(allowed))
    if unknown:
        raise HicalmError(f"Unknown key {unknown[0]!r} in {name}; choose from {_listed(allowed)}.")


def _check_value(key: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise HicalmError(f"Unknown {key} {value!r}; choose from {_listed(allowed)}.")


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)
