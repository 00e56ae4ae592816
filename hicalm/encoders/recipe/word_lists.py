"""People's own wordings of the attributes: the lists in ``wordings/``, and which are held out.

A line of ``wordings/KIND.txt`` reads ``value (form): wording; wording; ...``; the forms say which
frames of ``frames.txt`` fit around a wording. ``background.txt`` has texts of no attribute.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from hicalm.encoders.attributes import KINDS
from hicalm.errors import HicalmError

FOLDER = Path(__file__).parent / "wordings"
HELD_OUT = 0.1  # the share of wordings that no training text holds
HELD_OUT_SEED = 5

_LINE = re.compile(r"([^(:]+?)(?: \((\w+)\))?: (.*)")
_FILLERS = {"a", "an", "the", "of", "in", "on", "to"}

T = TypeVar("T", bound="Wording | str")


@dataclass(frozen=True)
class Wording:
    """A wording of one attribute; ``form`` is the line of ``frames.txt`` that fits around it."""

    text: str
    kind: str
    value: str
    form: str


def load_wordings(folder: Path = FOLDER) -> list[Wording]:
    """Return all wordings of all attribute values, in the order of the files.

    Raises HicalmError for a value outside the vocabulary and for a form without frames.
    """
    frames = load_frames(folder)
    wordings: dict[Wording, None] = {}  # a dictionary keeps the order and drops repeated ones
    for kind, values in KINDS.items():
        for value, form, texts in _lines(folder / f"{kind}.txt"):
            if value not in values or form not in frames:
                raise HicalmError(
                    f"{kind}.txt has the line '{value} ({form})', expected one of "
                    f"{', '.join(values)} and one of the forms {', '.join(frames)}."
                )
            wordings |= dict.fromkeys(Wording(text, kind, value, form) for text in texts)
    return list(wordings)


def load_frames(folder: Path = FOLDER) -> dict[str, list[str]]:
    """Return the frames of each form; a frame has "{}" where the wording goes."""
    return {name: texts for name, _, texts in _lines(folder / "frames.txt")}


def load_background(folder: Path = FOLDER) -> list[str]:
    """Return the texts that mention no attribute, each once."""
    texts = [text for _, _, own in _lines(folder / "background.txt") for text in own]
    return list(dict.fromkeys(texts))


def split_held_out(items: Sequence[T], seed: int = HELD_OUT_SEED) -> tuple[list[T], list[T]]:
    """Return the wordings (or background texts) to learn from, and a tenth that is held out.

    Wordings that differ by articles, plurals and capitals only stand on the same side, so that
    what is held out is unseen: a galleon with galleons.
    """
    keys = [_stem(item if isinstance(item, str) else item.text) for item in items]
    distinct = sorted(set(keys))
    order = np.random.default_rng(seed).permutation(len(distinct))
    held = {distinct[i] for i in order[: round(HELD_OUT * len(distinct))]}
    learned = [item for item, key in zip(items, keys, strict=True) if key not in held]
    return learned, [item for item, key in zip(items, keys, strict=True) if key in held]


def _stem(text: str) -> str:
    words = [word for word in re.findall(r"\w+", text.lower()) if word not in _FILLERS]
    return " ".join(sorted(word.rstrip("s") for word in words)) or text


def _lines(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Yield name, form ("" where there is none) and texts of each line that is no comment."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise HicalmError(
                f"{path.name} has the line {line[:40]!r}, expected 'name: text; text'."
            )
        name, form, texts = found.groups()
        yield name, form or "", [text.strip() for text in texts.split(";") if text.strip()]
