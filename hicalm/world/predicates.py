"""What one room is asked for: its paintings (subject, style, palette) and the room itself.

A `Predicate` gives a room the gain

    gain(room) = 0                                        if the room's own predicate fails,
                 1                                        if it holds and paintings are free,
                 share of its paintings that satisfy it   otherwise.

Rooms are the specifications of the built-in world, plain dictionaries as in the JSON.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

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
                check_value(key, value, allowed)
        for value in self.objects:
            check_value("objects", value, vocabulary.OBJECTS)
        if all(not getattr(self, field.name) for field in fields(self)):
            raise HicalmError("The predicate asks for nothing: set at least one of its fields.")

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Predicate":
        """Read ``{"painting": {...}, "room": {...}}``, where either part may be missing.

        Raises:
            HicalmError: an unknown key or value, a null, a part that is no object, or nothing asked
                for.
        """
        check_keys("the predicate", value, ("painting", "room"))
        painting, room = value.get("painting", {}), value.get("room", {})
        check_keys("'painting'", painting, tuple(PAINTING_VALUES))
        check_keys("'room'", room, (*ROOM_VALUES, "objects"))
        for key, given in {**painting, **room}.items():
            if given is None:  # null would read as "non-figurative" in a specification
                raise HicalmError(f"'{key}' is null: leave the key out where it is free.")
        objects = room.get("objects", [])
        if not isinstance(objects, list | tuple):
            raise HicalmError(f"'objects' has to be a list, not {objects!r}.")
        return cls(**{**painting, **room, "objects": tuple(objects)})

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads, without what is free."""
        room: dict[str, Any] = dict(self.room)
        if self.objects:
            room["objects"] = list(self.objects)
        parts: dict[str, Any] = {"painting": self.painting, "room": room}
        return {name: part for name, part in parts.items() if part}

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

    def allows_room(self, room: Mapping[str, Any]) -> bool:
        """Tell whether the room itself, apart from its paintings, is as asked for."""
        looks_right = all(room[key] == value for key, value in self.room.items())
        return looks_right and set(self.objects) <= set(room["objects"])

    def allows_painting(self, painting: Mapping[str, Any]) -> bool:
        """Tell whether the painting, apart from its room, is as asked for."""
        return all(painting[key] == value for key, value in self.painting.items())


def room_gain(predicate: Predicate, room: Mapping[str, Any]) -> float:
    """Return the gain in [0, 1] of one room specification, as defined above.

    A room without paintings has gain 0 for a predicate over paintings.
    """
    if not predicate.allows_room(room):
        return 0.0
    if not predicate.painting:
        return 1.0
    paintings = room["paintings"]
    satisfying = sum(predicate.allows_painting(painting) for painting in paintings)
    return satisfying / len(paintings) if paintings else 0.0


def check_keys(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise HicalmError unless ``value`` is an object that has no keys but ``allowed``."""
    if not isinstance(value, Mapping):
        raise HicalmError(f"Expected {name} to be an object, got {value!r}.")
    unknown = sorted(set(value) - set(allowed))
    if unknown:
        raise HicalmError(
            f"Unknown key {unknown[0]!r} in {name}; choose from {', '.join(allowed)}."
        )


def check_value(key: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise HicalmError unless ``value`` is one of ``allowed``."""
    if value not in allowed:
        raise HicalmError(f"Unknown {key} {value!r}; choose from {', '.join(allowed)}.")
