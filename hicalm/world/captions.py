"""Training texts for the text tower: phrases, captions of rooms and queries.

All texts are short, in the words of the lexicon and in many shapes, from bare keywords to whole
questions, because that is how people type. Every text is true of what it is made for.
"""

import numpy as np

from hicalm.world.chance import happens, pick, pick_some
from hicalm.world.lexicon import LEXICON, phrases
from hicalm.world.phrases import PalettePhrases, StylePhrases, article, joined, without_article
from hicalm.world.wording import (
    LOOK_KINDS,
    NUMBERS,
    PAINTER_LINKS,
    WORKS,
    Attributes,
    attributes_of,
    capitalised,
    keywords,
    look_phrase,
    painting_phrase,
    shared_attributes,
)

KEYWORDS = 0.2  # of the texts that are bare keywords
WRAPPERS = (
    "{}", "{}", "{}", "{}", "show me {}", "I'm looking for {}", "where can I see {}?",
    "find {}", "I would like to see {}", "is there {}?", "{} please", "looking for {}",
    "do you have {}?", "take me to {}", "I want to look at {}", "museum with {}",
    "a museum that has {}", "which museum shows {}?", "can you find me {}?", "we want to see {}",
    "somewhere with {}", "search for {}", "something with {}", "a gallery with {}",
)  # fmt: skip
ROOMS_OF = (
    "a room of {}", "a room full of {}", "a room with {}", "room with {}", "a gallery of {}",
    "a room where most paintings are {}", "a hall filled with {}", "a room devoted to {}",
    "{} all around the room", "walls covered with {}", "{} in one room", "rooms with {}",
    "an exhibition of {}", "a display of {}", "a collection of {}", "lots of {}", "many {}",
    "several {}", "mostly {}", "{}", "{}", "{}", "{}",
)  # fmt: skip
PALETTE_SHAPES = (
    "{adjective} painting", "{adjective} pictures", "a painting in {colours}", "in {colours}",
    "art in {colours}", "{adjective} colours", "{adjective}", "everything in {colours}",
    "it is painted in {colours}", "the picture is {adjective}", "{adjective} artworks",
    "mainly {adjective}", "paintings dominated by {colours}", "{colours}",
)  # fmt: skip
STYLE_SHAPES = (
    "{adjective} painting", "{adjective} art", "{adjective} pictures", "{work} {manner}",
    "{link} {painter}", "{painter}", "like {painter}", "a painting by {painter}",
    "something like {painter} would paint", "{manner}", "{noun}", "{noun} in art", "{adjective}",
    "paintings {manner}", "the style is {adjective}", "an example of {noun}",
)  # fmt: skip
THING_SHAPES = (
    "{}", "{}", "{bare}", "{bare}", "a room with {}", "a gallery with {}", "room with {bare}",
    "the room has {}", "there is a room that has {}", "we see {}", "rooms with {bare}",
)  # fmt: skip
LOOKS = (
    "a room with {}", "a gallery with {}", "{}", "{}", "the room has {}", "an interior with {}",
    "room with {}", "a space with {}", "an exhibition room with {}", "a museum room that has {}",
)  # fmt: skip


def attribute_phrase(kind: str, value: str, rng: np.random.Generator) -> str:
    """Return a short text about one attribute alone, e.g. "splattered" or "a room with a bench".

    ``kind`` is one of subject, style, palette, wall_color, floor, lighting and object.
    Raises ``KeyError`` for a kind or value outside the vocabulary.
    """
    entry = LEXICON[kind][value]
    phrase = pick(rng, phrases(kind, value))
    if happens(rng, 0.45):
        return without_article(phrase) if happens(rng, 0.5) else phrase
    if isinstance(entry, StylePhrases):
        return pick(rng, STYLE_SHAPES).format(
            adjective=pick(rng, entry.adjectives),
            work=article(pick(rng, WORKS)),
            manner=pick(rng, entry.manners),
            link=pick(rng, PAINTER_LINKS),
            painter=pick(rng, entry.painters),
            noun=pick(rng, entry.nouns),
        )
    if isinstance(entry, PalettePhrases):
        return pick(rng, PALETTE_SHAPES).format(
            adjective=pick(rng, entry.adjectives), colours=pick(rng, entry.colours)
        )
    if kind == "subject":
        return _painting_text(rng, {kind: value})
    return pick(rng, THING_SHAPES).format(phrase, bare=without_article(phrase))


def pair_phrase(attributes: Attributes, rng: np.random.Generator) -> str:
    """Return a short text about two or three attributes of paintings at once.

    ``attributes`` maps some of subject, style and palette to values of the vocabulary.
    """
    return _painting_text(rng, attributes)


def room_look_caption(
    room: dict, rng: np.random.Generator, kinds: tuple[str, ...] | None = None
) -> str:
    """Return a caption of a room's wall, floor, light and objects, or of some of them.

    ``kinds`` limits what may be mentioned, e.g. ``("wall_color", "floor")`` where no object is in
    the picture; by default everything may be, in a random selection.
    """
    things = _look_things(rng, room, kinds or (*LOOK_KINDS, "object"))
    chosen = pick_some(rng, things, int(rng.integers(1, len(things) + 1)))
    if happens(rng, KEYWORDS):
        return ", ".join(without_article(thing) for thing in chosen)
    return _finished(rng, pick(rng, LOOKS).format(joined(chosen)))


def room_query(room: dict, rng: np.random.Generator) -> str:
    """Return a short query, as a person would type it, that is true of the room.

    A query is about what at least 60 % of the paintings share, about one painting, about the
    room's look, or about paintings and look together.
    """
    shared = shared_attributes(room)
    choice = rng.random()
    if shared and choice < 0.55:
        return _focus_query(rng, room, _subset(rng, shared, (0.45, 0.45, 0.1)))
    if choice < 0.75:
        painting = attributes_of(pick(rng, room["paintings"]))
        return _painting_text(rng, _subset(rng, painting, (0.2, 0.5, 0.3)))
    if choice < 0.88 or not shared:
        return room_look_caption(room, rng)
    focus = painting_phrase(rng, _subset(rng, shared, (0.6, 0.35, 0.05)), plural=True)
    things = _look_things(rng, room, (*LOOK_KINDS, "object"))
    look = joined(pick_some(rng, things, int(rng.integers(1, 3))))
    shapes = ("{} in a room with {}", "{}, {}", "a room with {} and {}", "{} and {}", "{} with {}")
    return _finished(rng, pick(rng, shapes).format(focus, look))


def _focus_query(rng: np.random.Generator, room: dict, attributes: Attributes) -> str:
    if happens(rng, KEYWORDS):
        return keywords(rng, attributes)
    phrase = painting_phrase(rng, attributes, plural=True)
    if happens(rng, 0.1):
        at_least = int(rng.integers(2, 1 + int(np.ceil(0.6 * len(room["paintings"])))))
        phrase = f"{NUMBERS[at_least]} {phrase}"
        return _finished(rng, f"a room with {phrase}" if happens(rng, 0.5) else phrase)
    if happens(rng, 0.35):
        return _wrapped(rng, phrase)
    return _finished(rng, pick(rng, ROOMS_OF).format(phrase))


def _painting_text(rng: np.random.Generator, attributes: Attributes) -> str:
    """Return keywords, or a phrase in the singular or the plural, perhaps as a question."""
    if happens(rng, KEYWORDS):
        return keywords(rng, attributes)
    plural = happens(rng, 0.4)
    phrase = painting_phrase(rng, attributes, plural)
    return _wrapped(rng, phrase if plural or happens(rng, 0.3) else article(phrase))


def _wrapped(rng: np.random.Generator, phrase: str) -> str:
    return _finished(rng, pick(rng, WRAPPERS).format(phrase))


def _finished(rng: np.random.Generator, text: str) -> str:
    """Return the text as it stands, or as a sentence with a capital and a full stop."""
    if happens(rng, 0.7):
        return text
    return capitalised(text) + ("" if text.endswith("?") or happens(rng, 0.5) else ".")


def _subset(
    rng: np.random.Generator, attributes: Attributes, probabilities: tuple[float, float, float]
) -> Attributes:
    """Return one, two or three of the attributes, with the given probabilities."""
    count = 1 + int(np.searchsorted(np.cumsum(probabilities), rng.random()))
    return {kind: attributes[kind] for kind in pick_some(rng, list(attributes), count)}


def _look_things(rng: np.random.Generator, room: dict, kinds: tuple[str, ...]) -> list[str]:
    things = [look_phrase(rng, kind, room[kind]) for kind in kinds if kind != "object"]
    objects = room["objects"] if "object" in kinds else []
    return things + [look_phrase(rng, "object", value) for value in objects]
