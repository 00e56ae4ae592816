"""The published feature folders of Museums3k and GamingMV, read museum by museum.

A museum NAME has ``images/NAME.pt`` (Museums3k: views of all rooms, twelve a room; GamingMV: a list
of rooms, each of any number of frames), ``descriptions/sentences/NAME.pt`` (a row a sentence) and
``descriptions/tokens_strings/NAME.pkl`` (the words). Joined by blanks and split at full stops, the
words give the sentences; a room begins at each sentence such as " In the first room , there are 12
paintings", and what comes before the first is the introduction. An art expert's features lie in
``preextracted_vectors_wikiart_*/NAME.pt``, and the splits in ``indices_museum_dataset.pkl``:
indices into the sorted file names.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

from hicalm.data.collection import Museum, Room
from hicalm.errors import HicalmError
from hicalm.importers.untrusted import as_rows, read_pickle, read_tensors

KINDS = ("museums3k", "gamingmv")
INDICES = "indices_museum_dataset.pkl"
SPLITS = {"train": "train", "val": "validation", "test": "test"}
VIEWS_PER_ROOM = 12  # of Museums3k
ART = "preextracted_vectors_wikiart_"
_ENCODER_FOLDERS = {
    "museums3k": {
        "clip": "tmp_museums/open_clip_features_museums3k",
        "blip_base": "tmp_museums/museums3k_new_features/blip_base",
        "mobile_clip": "tmp_museums/museums3k_new_features/mobile_clip",
    },
    "gamingmv": {
        name: f"dataset_gaming_VR/filtered_video_game_features/{name}"
        for name in ("clip", "blip_base", "mobile_clip")
    },
}
_ROOM_STARTS = {
    "museums3k": re.compile(r" In the \w+ room , there are"),
    "gamingmv": re.compile(r" In the \w+ video"),
}
_ROOMS_IN_NAME = re.compile(r"-(\d+)\.unity$")


@dataclass(frozen=True)
class Layout:
    """Where the files of a published data set lie."""

    kind: str  # one of KINDS
    encoder: str  # whose features: clip, blip_base or mobile_clip
    features: Path
    art: Path | None
    indices: Path

    @property
    def folders(self) -> dict[str, tuple[Path, str]]:
        """The folders that hold a file for every museum, with the ending of its name."""
        texts = self.features / "descriptions"
        folders = {
            "view features": (self.features / "images", ".pt"),
            "sentence features": (texts / "sentences", ".pt"),
            "words": (texts / "tokens_strings", ".pkl"),
        }
        return folders | ({"art features": (self.art, ".pt")} if self.art else {})


class Published(NamedTuple):
    """A museum as published: its texts, and its features (V, D), (V, A) or None, and (S, D)."""

    museum: Museum
    view: np.ndarray
    art: np.ndarray | None
    sentence: np.ndarray
    warnings: list[str]  # what was strange, though it could be read


def find_layout(kind: str, path: Path, encoder: str = "", art: str = "") -> Layout:
    """Find the files below a folder.

    ``encoder`` and ``art`` (such as ``rn50``; ``none`` for no art expert) may be left out where
    there is only one. Raises HicalmError for what is not there or not clear.
    """
    path = Path(path)
    if kind not in KINDS:
        raise HicalmError(f"Unknown data set '{kind}': choose one of {', '.join(KINDS)}.")
    folders = _ENCODER_FOLDERS[kind]
    there = [name for name, folder in folders.items() if (path / folder / "images").is_dir()]
    encoder = _only(encoder, there, f"features in '{path}', as in {', '.join(folders.values())}")
    experts = [one.name.removeprefix(ART) for one in sorted(path.glob(f"{ART}*")) if one.is_dir()]
    expert = "none" if art == "none" or not (art or experts) else _only(art, experts, "art experts")
    art_folder = None if expert == "none" else path / f"{ART}{expert}"
    return Layout(kind, encoder, path / folders[encoder], art_folder, path / INDICES)


def _only(asked: str, there: list[str], what: str) -> str:
    if asked and asked not in there:
        raise HicalmError(f"There are no '{asked}' {what}: found {', '.join(there) or 'none'}.")
    if not asked and len(there) != 1:
        found = f"several ({', '.join(there)}): name one" if there else "none"
        raise HicalmError(f"There must be one kind of {what}, but found {found}.")
    return asked or there[0]


def museum_names(layout: Layout) -> list[str]:
    """Return the names of all museums that any folder has a file of, sorted as published.

    A file that is missing in one folder must not shift the indices of the museums behind it.
    """
    names = set()
    for folder, ending in layout.folders.values():
        if not folder.is_dir():
            raise HicalmError(f"The folder '{folder}' is missing.")
        names |= {path.name.removesuffix(ending) for path in folder.glob(f"*{ending}")}
    if not names:
        raise HicalmError(f"'{layout.features}' holds no museums.")
    return sorted(names)


def read_splits(layout: Layout, names: list[str]) -> dict[str, str]:
    """Return the split of every museum that is in one, by its name.

    Raises HicalmError for indices that do not fit the names, or a museum in two splits.
    """
    indices = read_pickle(layout.indices)
    if not isinstance(indices, dict) or set(indices) != set(SPLITS):
        raise HicalmError(f"'{layout.indices}' must hold the splits {', '.join(SPLITS)}.")
    splits: dict[str, str] = {}
    for published, split in SPLITS.items():
        for index in _integers(indices[published], layout.indices, published):
            if not 0 <= index < len(names):
                raise HicalmError(
                    f"'{layout.indices}' names museum {index} for {published}, but there are "
                    f"{len(names)} museums. Files may be missing in all folders."
                )
            if names[index] in splits:
                raise HicalmError(f"'{layout.indices}' has {names[index]} in two splits, or twice.")
            splits[names[index]] = split
    return splits


def _integers(value: object, path: Path, split: str) -> list[int]:
    values = value.tolist() if isinstance(value, Tensor) else value
    if not isinstance(values, list) or not all(type(one) is int for one in values):
        raise HicalmError(f"'{path}' must hold whole numbers for {split}.")
    return values


def read_museum(layout: Layout, name: str, split: str) -> Published:
    """Read one museum. Raises HicalmError for a file that is missing, damaged or does not fit."""
    files = {kind: folder / f"{name}{end}" for kind, (folder, end) in layout.folders.items()}
    rooms = _visual_rooms(read_tensors(files["view features"]), layout, name)
    view = np.concatenate(rooms)
    art = _art(files["art features"], len(view)) if layout.art else None
    sentence = as_rows(_one(read_tensors(files["sentence features"]), name), f"{name}: sentences")
    texts = _sentences(files["words"])
    if len(texts) != len(sentence):
        raise HicalmError(
            f"{name} has {len(sentence)} rows of sentence features, but its words make "
            f"{len(texts)} sentences."
        )
    introduction, paragraphs = _paragraphs(texts, layout.kind)
    if not introduction:
        raise HicalmError(f"{name} has no introduction before its first room.")
    if len(paragraphs) != len(rooms):
        raise HicalmError(
            f"{name} has views of {len(rooms)} rooms, but its description names {len(paragraphs)}."
        )
    named = _ROOMS_IN_NAME.search(name)
    warnings = []
    if named and int(named[1]) != len(rooms):
        warnings.append(f"{name} has {len(rooms)} rooms, but its name says {named[1]}.")
    told = tuple(
        Room(f"Room {number}", paragraph, len(views))
        for number, (paragraph, views) in enumerate(zip(paragraphs, rooms, strict=True), 1)
    )
    museum = Museum(name, name.removesuffix(".unity"), split, introduction, told)
    return Published(museum, view, art, sentence, warnings)


def _visual_rooms(value: Tensor | list[Tensor], layout: Layout, name: str) -> list[np.ndarray]:
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


def _art(path: Path, views: int) -> np.ndarray:
    value = read_tensors(path)
    parts = value if isinstance(value, list) else [value]
    art = np.concatenate([as_rows(part, f"'{path}'") for part in parts])
    if len(art) != views:
        raise HicalmError(f"'{path}' has {len(art)} rows, but the museum has {views} views.")
    return art


def _one(value: Tensor | list[Tensor], name: str) -> Tensor:
    if isinstance(value, list):
        raise HicalmError(f"{name} must have one tensor, not a list of {len(value)}.")
    return value


def _sentences(path: Path) -> list[str]:
    words = read_pickle(path)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise HicalmError(f"'{path}' must hold a list of words.")
    pieces = " ".join(words).split(".")
    # Only the piece behind the last full stop is empty; the blank before a sentence stays, by which
    # a room's first sentence is known.
    return pieces[:-1] if not pieces[-1].strip() else pieces


def _paragraphs(texts: list[str], kind: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the introduction and each room's paragraph, sentences without outer blanks."""
    starts = [n for n, text in enumerate(texts) if _ROOM_STARTS[kind].match(text)]
    ends = [*starts, len(texts)][1:]
    clean = [text.strip() for text in texts]
    introduction = tuple(clean[: starts[0]]) if starts else tuple(clean)
    rooms = (tuple(clean[start:end]) for start, end in zip(starts, ends, strict=True))
    return introduction, tuple(rooms)
