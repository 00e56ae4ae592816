"""Museums of Museums3k and GamingMV, read from their published files.

Museums3k has the views of all rooms in one tensor, twelve a room; GamingMV a list of rooms, each of
any number of frames. Joined by blanks and split at full stops, the words give the sentences; a room
begins at each sentence such as " In the first room , there are 12 paintings", and what comes before
the first is the introduction.
"""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from hicalm.data.collection import Museum, Room
from hicalm.data.untrusted import as_rows, read_pickle, read_tensors
from hicalm.errors import HicalmError
from hicalm.importers.published_layouts import Layout

VIEWS_PER_ROOM = 12  # of Museums3k
_ROOM_STARTS = {
    "museums3k": re.compile(r" In the \w+ room , there are"),
    "gamingmv": re.compile(r" In the \w+ video"),
}
_ROOMS_IN_NAME = re.compile(r"-(\d+)\.unity$")


class Published(NamedTuple):
    """A museum as published: its texts, and its features (V, D), (V, A) or None, and (S, D)."""

    museum: Museum
    view: np.ndarray
    art: np.ndarray | None
    sentence: np.ndarray
    warnings: list[str]  # what was strange, though it could be read


def read_museum(layout: Layout, name: str, split: str) -> Published:
    """Read one museum. Raises HicalmError for a file that is missing, damaged or does not fit."""
    files = {kind: folder / f"{name}{end}" for kind, (folder, end) in layout.folders.items()}
    warnings: list[str] = []
    rooms = _visual_rooms(read_tensors(files["view features"]), layout, name)
    art = _art(files["art features"], layout, rooms, warnings) if layout.art else None
    rooms = _taken(rooms, layout)
    sentence = as_rows(one_tensor(files["sentence features"], name), f"{name}: sentences")
    introduction, paragraphs = _paragraphs(_sentences(files["words"]), layout.kind)
    texts = len(introduction) + sum(map(len, paragraphs))
    if texts != len(sentence):
        raise HicalmError(
            f"{name} has {len(sentence)} rows of sentence features, but its words make {texts} "
            "sentences."
        )
    if not introduction:
        raise HicalmError(f"{name} has no introduction before its first room.")
    if len(paragraphs) != len(rooms):
        raise HicalmError(
            f"{name} has views of {len(rooms)} rooms, but its description names {len(paragraphs)}."
        )
    named = _ROOMS_IN_NAME.search(name)
    if named and int(named[1]) != len(rooms):
        warnings.append(f"{name} has {len(rooms)} rooms, but its name says {named[1]}.")
    told = tuple(
        Room(f"Room {number}", paragraph, len(views))
        for number, (paragraph, views) in enumerate(zip(paragraphs, rooms, strict=True), 1)
    )
    museum = Museum(name, name.removesuffix(".unity"), split, introduction, told)
    return Published(museum, np.concatenate(rooms), art, sentence, warnings)


def one_tensor(path: Path, name: str) -> Tensor:
    """Read the one tensor of a museum's file. Raises HicalmError for a list of them."""
    return _one(read_tensors(path), name)


def _one(value: Tensor | list[Tensor], name: str) -> Tensor:
    if isinstance(value, list):
        raise HicalmError(f"{name} must have one tensor, not a list of {len(value)}.")
    return value


def _visual_rooms(value: Tensor | list[Tensor], layout: Layout, name: str) -> list[np.ndarray]:
    """Return the rows of every room, of GamingMV those of all its frames."""
    if layout.kind == "gamingmv":
        if not isinstance(value, list):
            raise HicalmError(f"{name} must have a list of rooms as its view features.")
        return [as_rows(room, f"{name}: room {n}") for n, room in enumerate(value, start=1)]
    rows = as_rows(_one(value, name), f"{name}: views")
    if len(rows) % VIEWS_PER_ROOM:
        raise HicalmError(
            f"{name} has {len(rows)} views, which are no whole rooms of {VIEWS_PER_ROOM}."
        )
    return np.split(rows, len(rows) // VIEWS_PER_ROOM)


def _taken(rooms: list[np.ndarray], layout: Layout) -> list[np.ndarray]:
    """Return the rows that are used: of GamingMV as many frames a room as asked for, evenly.

    As published, frames come from places linspace(0, frames - 1) in single precision, cut to whole
    numbers.
    """
    if layout.kind != "gamingmv":
        return rooms
    places = [torch.linspace(0, len(one) - 1, min(layout.frames, len(one))).long() for one in rooms]
    return [room[place.numpy()] for room, place in zip(rooms, places, strict=True)]


def _art(path: Path, layout: Layout, rooms: list[np.ndarray], warnings: list[str]) -> np.ndarray:
    """Return the art expert's rows of the views that are used; ``rooms`` have all of them."""
    value = read_tensors(path)
    parts = value if isinstance(value, list) else [value]
    art = [as_rows(part, f"'{path}'") for part in parts]
    counts, found = [list(map(len, _taken(some, layout))) for some in (rooms, art)]
    # Museums3k has all rooms in one tensor; what counts there is their sum.
    if counts != found if layout.kind == "gamingmv" else sum(counts) != sum(found):
        raise HicalmError(
            f"'{path}' has {sum(found)} rows, but the museum has {sum(counts)} views in "
            f"{len(counts)} rooms."
        )
    if layout.kind == "gamingmv" and list(map(len, art)) != list(map(len, rooms)):
        warnings.append(f"'{path}' has other frames than the views, but as many are used.")
    return np.concatenate(_taken(art, layout))


def _sentences(path: Path) -> list[str]:
    words = read_pickle(path)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise HicalmError(f"'{path}' must hold a list of words.")
    # The blank before a sentence stays, by which a room's first sentence is known.
    *whole, rest = " ".join(words).split(".")
    return [f"{sentence.rstrip()}." for sentence in whole] + ([rest] if rest.strip() else [])


def _paragraphs(texts: list[str], kind: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the introduction and each room's paragraph, sentences without outer blanks."""
    starts = [n for n, text in enumerate(texts) if _ROOM_STARTS[kind].match(text)]
    ends = [*starts, len(texts)][1:]
    clean = [text.strip() for text in texts]
    introduction = tuple(clean[: starts[0]]) if starts else tuple(clean)
    rooms = (tuple(clean[start:end]) for start, end in zip(starts, ends, strict=True))
    return introduction, tuple(rooms)
