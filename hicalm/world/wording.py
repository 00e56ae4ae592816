"""Puts phrases of the lexicon together: noun phrases for paintings and for a room's look."""

from collections import Counter
from itertools import combinations

import numpy as np

from hicalm.world.chance import happens, pick, pick_some
from hicalm.world.lexicon import PALETTES, STYLES, SUBJECTS, phrases
from hicalm.world.phrases import without_article
from hicalm.world.vocabulary import NON_FIGURATIVE_STYLES

PAINTING_KINDS = ("subject", "style", "palette")
LOOK_KINDS = ("wall_color", "floor", "lighting")
MAJORITY = 0.6  # the share of a room's paintings that counts as "most of them"
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
WORKS = ("painting", "picture", "canvas", "work", "piece", "image")
MANY_WORKS = ("paintings", "pictures", "canvases", "works", "pieces", "images")
ABSTRACT_WORKS = (
    "abstract painting",
    "abstract picture",
    "abstract canvas",
    "abstract composition",
    "composition",
    "abstract work",
)
MANY_ABSTRACT_WORKS = tuple(
    f"{work}es" if work.endswith("s") else f"{work}s" for work in ABSTRACT_WORKS
)
PAINTER_LINKS = (
    "in the manner of",
    "in the style of",
    "reminiscent of",
    "that could be by",
    "after the example of",
)
SCENES = (
    "painting of {}",
    "picture of {}",
    "image of {}",
    "depiction of {}",
    "painting with {}",
    "work showing {}",
    "canvas showing {}",
    "piece depicting {}",
)
MANY_SCENES = (
    "paintings of {}",
    "pictures of {}",
    "images of {}",
    "depictions of {}",
    "paintings with {}",
    "works showing {}",
    "canvases showing {}",
    "pieces depicting {}",
)
PALETTE_LINKS = ("in", "in", "in", "kept in", "done in")

Attributes = dict[str, str]


def attributes_of(painting: dict) -> Attributes:
    """Return subject, style and palette of a painting, without the subject of abstract ones."""
    return {kind: painting[kind] for kind in PAINTING_KINDS if painting[kind] is not None}


def shared_attributes(room: dict) -> Attributes:
    """Return what at least 60 % of a room's paintings have in common *at once* (empty: nothing).

    Of several possibilities the one with the most attributes wins, then the most frequent one.
    """
    paintings = [tuple(attributes_of(painting).items()) for painting in room["paintings"]]
    counts = Counter(
        values
        for painting in paintings
        for size in range(1, len(painting) + 1)
        for values in combinations(painting, size)
    )
    shared = [(len(v), n, v) for v, n in counts.items() if n >= MAJORITY * len(paintings)]
    return dict(max(shared)[2]) if shared else {}


def share_having(room: dict, attributes: Attributes) -> float:
    """Return the share of the room's paintings that have all the attributes, from 0 to 1."""
    paintings = room["paintings"]
    return sum(attributes.items() <= p.items() for p in paintings) / len(paintings)


def painting_phrase(rng: np.random.Generator, attributes: Attributes, plural: bool = False) -> str:
    """Return a noun phrase without article, e.g. "azure cubist portrait in the manner of Braque".

    Only the attributes given are mentioned; an empty dict gives "painting" or a synonym.
    """
    before: list[str] = []
    after: list[str] = []
    if "palette" in attributes:
        palette = PALETTES[attributes["palette"]]
        if happens(rng, 0.5):
            before.append(pick(rng, palette.adjectives))
        else:
            after.append(f"{pick(rng, PALETTE_LINKS)} {pick(rng, palette.colours)}")
    if "style" in attributes:
        style = STYLES[attributes["style"]]
        choice = rng.random()
        if choice < 0.45:
            before.append(pick(rng, style.adjectives))
        elif choice < 0.8:
            after.insert(0, pick(rng, style.manners))
        else:
            after.insert(0, f"{pick(rng, PAINTER_LINKS)} {pick(rng, style.painters)}")
    phrase = " ".join([*before, _head(rng, attributes, plural)])
    return ", ".join([f"{phrase} {after[0]}", *after[1:]]) if after else phrase


def _head(rng: np.random.Generator, attributes: Attributes, plural: bool) -> str:
    if "subject" in attributes:
        subject = SUBJECTS[attributes["subject"]]
        if happens(rng, 0.5):
            return pick(rng, subject.plurals if plural else subject.pictures)
        return pick(rng, MANY_SCENES if plural else SCENES).format(pick(rng, subject.scenes))
    if attributes.get("style") in NON_FIGURATIVE_STYLES and happens(rng, 0.6):
        return pick(rng, MANY_ABSTRACT_WORKS if plural else ABSTRACT_WORKS)
    return pick(rng, MANY_WORKS if plural else WORKS)


def keywords(rng: np.random.Generator, attributes: Attributes) -> str:
    """Return bare keywords in random order, e.g. "cobalt stallion pointillism".

    ``attributes`` may hold any kind of the lexicon, including wall colours, floors and objects.
    """
    words = [without_article(pick(rng, phrases(kind, v))) for kind, v in attributes.items()]
    return pick(rng, (" ", " ", ", ")).join(pick_some(rng, words, len(words)))


def look_phrase(rng: np.random.Generator, kind: str, value: str) -> str:
    """Return a noun phrase for a wall colour, floor, lighting or object, e.g. "oak planks"."""
    return pick(rng, phrases(kind, value))


def capitalised(text: str) -> str:
    """Return the text with its first letter in upper case and the others as they are."""
    return text[:1].upper() + text[1:]
