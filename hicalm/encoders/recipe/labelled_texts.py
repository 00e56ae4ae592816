"""Short texts with the attributes they mention: what the built-in text encoder learns from."""

from dataclasses import dataclass

import numpy as np

from hicalm.encoders.attributes import KINDS, PAINTING_KINDS, ROOM_KINDS, attribute_columns
from hicalm.world.captions import attribute_phrase, pair_phrase
from hicalm.world.chance import happens, pick, pick_some
from hicalm.world.phrases import joined
from hicalm.world.vocabulary import NON_FIGURATIVE_STYLES
from hicalm.world.wording import look_phrase

LOOK_SHAPES = ("{}", "{}", "a room with {}", "a gallery with {}", "the room has {}", "room, {}")
MIXED_SHAPES = ("{} in a room with {}", "{}, {}", "{} and {}", "a room with {1}, {0}", "{} with {}")


@dataclass(frozen=True)
class LabelledText:
    """A text and the columns (of ``attribute_columns``) of the attributes it mentions."""

    text: str
    columns: tuple[int, ...]


def draw_text(rng: np.random.Generator) -> LabelledText:
    """Draw a text about one attribute, several of a painting, a room's look, or a mix."""
    choice = rng.random()
    if choice < 0.4:
        kind = pick(rng, PAINTING_KINDS if happens(rng, 0.7) else (*ROOM_KINDS, "object"))
        value = pick(rng, KINDS[kind])
        return _labelled(attribute_phrase(kind, value, rng), [(kind, value)])
    if choice < 0.7:
        painting = _draw_painting(rng)
        return _labelled(pair_phrase(painting, rng), list(painting.items()))
    if choice < 0.83:
        look = _draw_look(rng, int(rng.integers(2, 5)))
        return _labelled(pick(rng, LOOK_SHAPES).format(_look_text(rng, look)), look)
    painting, look = _draw_painting(rng), _draw_look(rng, int(rng.integers(1, 3)))
    text = _mix(rng, pair_phrase(painting, rng), _look_text(rng, look))
    return _labelled(text, [*painting.items(), *look])


def _mix(rng: np.random.Generator, painting: str, look: str) -> str:
    return pick(rng, MIXED_SHAPES).format(painting.rstrip(".?"), look)


def _draw_painting(rng: np.random.Generator) -> dict[str, str]:
    """Draw one to three painting attributes that can occur together."""
    kinds = pick_some(rng, list(PAINTING_KINDS), int(rng.integers(1, 4)))
    painting = {kind: pick(rng, KINDS[kind]) for kind in kinds}
    if painting.get("style") in NON_FIGURATIVE_STYLES:
        painting.pop("subject", None)
    return painting


def _draw_look(rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    kinds = pick_some(rng, [*ROOM_KINDS, "object"], count)
    return [(kind, pick(rng, KINDS[kind])) for kind in kinds]


def _look_text(rng: np.random.Generator, look: list[tuple[str, str]]) -> str:
    return joined([look_phrase(rng, kind, value) for kind, value in look])


def _labelled(text: str, mentioned: list[tuple[str, str]]) -> LabelledText:
    columns = attribute_columns()
    return LabelledText(text, tuple(columns[pair] for pair in mentioned))
