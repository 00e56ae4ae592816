"""The lexicon of the built-in world: English phrases for every value of the vocabulary.

Descriptions and training captions take their words from here. The phrases cover how different
people say the same thing, in British and American spelling, so that words outside the lexicon
have neighbours within it.
"""

from collections.abc import Mapping
from functools import cache

from hicalm.world import lexicon_palettes, lexicon_rooms, lexicon_styles, lexicon_subjects
from hicalm.world.phrases import PalettePhrases, StylePhrases, SubjectPhrases, ThingPhrases

SUBJECTS = lexicon_subjects.SUBJECTS
STYLES = lexicon_styles.STYLES
PALETTES = lexicon_palettes.PALETTES
WALL_COLORS = lexicon_rooms.WALL_COLORS
FLOORS = lexicon_rooms.FLOORS
LIGHTINGS = lexicon_rooms.LIGHTINGS
OBJECTS = lexicon_rooms.OBJECTS

Entry = SubjectPhrases | StylePhrases | PalettePhrases | ThingPhrases

LEXICON: dict[str, Mapping[str, Entry]] = {
    "subject": SUBJECTS,
    "style": STYLES,
    "palette": PALETTES,
    "wall_color": WALL_COLORS,
    "floor": FLOORS,
    "lighting": LIGHTINGS,
    "object": OBJECTS,
}


@cache
def phrases(kind: str, value: str) -> tuple[str, ...]:
    """Return all phrases of one value, e.g. ``phrases("subject", "horse")``.

    ``kind`` is one of subject, style, palette, wall_color, floor, lighting and object.
    Raises ``KeyError`` for a kind or value outside the vocabulary.
    """
    return LEXICON[kind][value].all()
