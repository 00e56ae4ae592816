"""A museum, its rooms, and the lines of ``museums.jsonl`` that say them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from hicalm.errors import HicalmError
from hicalm.files import parse_json
from hicalm.settings import wrong_value

MOST_VIEWS = 1_000_000  # of a room
Sentences = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """A room: its name, its paragraph of the description (sentences) and its number of views."""

    name: str
    paragraph: Sentences
    views: Annotated[int, Field(strict=True, ge=0, le=MOST_VIEWS)]
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Museum:
    """A museum: ordered rooms, and the introduction (sentences) of its description."""

    id: str
    title: str
    split: str
    introduction: Sentences
    rooms: tuple[Room, ...]
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def paragraphs(self) -> tuple[tuple[str, ...], ...]:
        """The introduction and each room's paragraph, (1 + R) tuples of sentences."""
        return (self.introduction, *(room.paragraph for room in self.rooms))


def museum_record(museum: Museum) -> dict:
    """Return what the line of a museum holds."""
    return {
        "id": museum.id,
        "title": museum.title,
        "split": museum.split,
        "attributes": museum.attributes,
        "introduction": list(museum.introduction),
        "rooms": [
            {
                "name": room.name,
                "views": room.views,
                "attributes": room.attributes,
                "paragraph": list(room.paragraph),
            }
            for room in museum.rooms
        ],
    }


def read_museums(path: Path) -> Iterator[Museum]:
    """Read ``museums.jsonl``. Raises HicalmError for a line that says no museum, and OSError."""
    for number, _, line in placed_lines(path):
        yield parse_museum(line, f"Line {number} of '{path}'")


def parse_museum(line: bytes, where: str) -> Museum:
    """Return the museum that a line says; ``where`` names it in the error. Raises HicalmError."""
    try:
        return _museum().validate_python(parse_json(line, where))
    except ValidationError as error:
        reason = wrong_value(error, "a museum", ())
        raise HicalmError(f"{where} is no museum: {reason}") from error


def parse_record(line: bytes, where: str) -> dict:
    """Return the object that a line says; ``where`` names it in the error. Raises HicalmError."""
    found = parse_json(line, where)
    if not isinstance(found, dict):
        raise HicalmError(f"{where} must be an object.")
    return found


def read_lines(path: Path) -> Iterable[tuple[int, Any]]:
    """Read the JSON value of each line, with its number. Raises as ``files.read_json``."""
    for number, _, line in placed_lines(path):
        yield number, parse_json(line, f"Line {number} of '{path}'")


def placed_lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Return the number of each line that is not empty, from 1, its first byte and its bytes, read
    one after the other. Raises OSError."""
    begin = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, begin, line
            begin += len(line)


@cache
def _museum() -> TypeAdapter[Museum]:
    return TypeAdapter(Museum)
