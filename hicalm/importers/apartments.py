"""Apartments of 3D-FRONT, with the published features of AdOCTeRA and the texts of FArMARe.

The views of an apartment are not grouped by room, so an apartment is a museum of one room with all
its views. Its text, split at full stops, gives the sentences: those before the first "Regarding the
..." count the rooms and are the introduction. What stands in the apartments, where that file is
there, becomes attributes: all pieces of furniture, and the most frequent style, theme and material.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from hicalm.data.collection import Museum, Room
from hicalm.data.untrusted import as_rows, read_pickle
from hicalm.errors import HicalmError
from hicalm.importers.published_layouts import Layout
from hicalm.importers.published_museums import Published, one_tensor

KINDS_OF_PIECE = ("category", "super-category", "style", "theme", "material")
SUMMED_UP = ("style", "theme", "material")  # whose most frequent value is an attribute
UNSAID = "Others"  # a value that says nothing
_BEGINS = "Regarding the "  # the part of a description about rooms
Furnished = list[dict[str, Any]]  # the rooms of an apartment: their type and their pieces


def read_apartment(layout: Layout, name: str, split: str, furnished: Furnished) -> Published:
    """Read one apartment, with what stands in it as attributes; an empty list where none is known.

    Raises HicalmError for a file that is missing, damaged or does not fit.
    """
    files = {kind: folder / f"{name}{end}" for kind, (folder, end) in layout.folders.items()}
    view = as_rows(one_tensor(files["view features"], name), f"{name}: views")
    sentence = as_rows(one_tensor(files["sentence features"], name), f"{name}: sentences")
    texts = _sentences(files["texts"])
    if len(texts) != len(sentence):
        raise HicalmError(
            f"{name} has {len(sentence)} rows of sentence features, but its text makes "
            f"{len(texts)} sentences."
        )
    if len(texts) < 2:
        raise HicalmError(f"{name} has a single sentence, which does not describe its rooms.")
    first = next((n for n, text in enumerate(texts) if n and _BEGINS in text), 1)
    room = Room("Apartment", tuple(texts[first:]), len(view))
    attributes = _attributes(furnished)
    museum = Museum(name, name, split, tuple(texts[:first]), (room,), attributes)
    return Published(museum, view, None, sentence, [])


def _sentences(path: Path) -> list[str]:
    """Return the sentences: the features have nothing of what stands behind the last full stop."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise HicalmError(f"'{path}' is missing.") from None
    except UnicodeDecodeError as error:
        raise HicalmError(f"'{path}' is no text in UTF-8.") from error
    return [f"{piece.strip()}." for piece in text.split(".")[:-1]]


def read_houses(path: Path) -> dict[str, Furnished]:
    """Return the furnished rooms of every apartment by its name: their type and their pieces.

    Apartments come in the order of the file. A piece has KINDS_OF_PIECE, some of them None. Raises
    HicalmError for a file of anything else, and for an apartment that is there twice.
    """
    houses = read_pickle(path)
    try:
        found = {
            str(house["json_file"]): [_room(room) for room in house["rooms"]] for house in houses
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise HicalmError(
            f"'{path}' must hold a list of apartments with 'json_file' and 'rooms', each of a "
            "'type' and 'objects'."
        ) from error
    if len(found) != len(houses):
        raise HicalmError(f"'{path}' has an apartment twice.")
    return found


def _room(room: dict[str, Any]) -> dict[str, Any]:
    pieces = [{kind: piece.get(kind) for kind in KINDS_OF_PIECE} for piece in room["objects"]]
    if not all(value is None or isinstance(value, str) for one in pieces for value in one.values()):
        raise TypeError
    return {"type": str(room["type"]), "objects": pieces}


def _attributes(rooms: Furnished) -> dict[str, Any]:
    """Return the attributes of an apartment; none for one of which nothing is known."""
    if not rooms:
        return {}
    pieces = [piece for room in rooms for piece in room["objects"]]
    attributes: dict[str, Any] = {"furniture": rooms}
    for kind in SUMMED_UP:
        said = Counter(piece[kind] for piece in pieces if piece[kind] not in (None, UNSAID))
        if said:
            attributes[kind] = said.most_common(1)[0][0]
    return attributes
