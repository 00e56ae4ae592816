"""Writes a museum's description: an introduction and one paragraph of sentences per room."""

from typing import NamedTuple

import numpy as np

from hicalm.world.chance import happens, pick, pick_some
from hicalm.world.lexicon import PALETTES, STYLES, SUBJECTS
from hicalm.world.phrases import article, joined
from hicalm.world.seeds import generator
from hicalm.world.themes import THEME_PHRASES
from hicalm.world.wording import (
    NUMBERS,
    ORDINALS,
    WORKS,
    attributes_of,
    capitalised,
    look_phrase,
    painting_phrase,
    share_having,
    shared_attributes,
)

FOCUS_NAMED = 0.85  # of the rooms with a focus whose opening sentence names it
TITLE_NAMED = 0.2  # of the paintings that are called by title or artist
ATTRIBUTE_OMITTED = 0.2  # of the paintings that lack one attribute in the text
SECOND_SENTENCE = 0.35  # of the paintings that get two sentences

INTRODUCTIONS = (
    "This museum is devoted to {theme} and has {count} rooms.",
    "The {count} rooms of {title} are about {theme}.",
    "{title} has {count} rooms, and its theme is {theme}.",
    "A visit to {title} leads through {count} rooms on {theme}.",
    "Here are {count} rooms given over to {theme}.",
    "The museum tells of {theme} in {count} rooms.",
    "Spread over {count} rooms, {title} celebrates {theme}.",
    "With its {count} rooms, this is a museum of {theme}.",
    "{count} rooms make up this museum, whose theme is {theme}.",
)
SECOND_INTRODUCTIONS = (
    "There is room for {first} and for {last}.",
    "The visitor moves from {first} on to {last}.",
    "Among other things, one finds {first} and {last}.",
    "One walks past {first} and past {last}.",
    "Look out for {first} as well as {last}.",
)
OPENINGS_ALL = (
    ", all of them {focus}",
    ", together a set of {focus}",
    " that form a group of {focus}",
    ", all without exception {focus}",
    " which are all {focus}",
)
OPENINGS_MOST = (
    ", most of them {focus}",
    ", mainly {focus}",
    ", chiefly {focus}",
    " which are mostly {focus}",
    ", among them many {focus}",
    ", and the majority are {focus}",
    ", for the most part {focus}",
)
OPENINGS_NONE = (
    " that have little in common",
    " with no common thread",
    ", a mixture of subjects, styles and colours",
    " of very different kinds",
    ", each unlike the others",
    " and no single theme",
)
OPENINGS_PLAIN = (
    " on {wall}",
    " to look at",
    " hanging at eye height",
    " hung around the room",
    " with {wall} behind them",
)
STARTS_FIRST = (
    "The first is",
    "One of them is",
    "To begin with, there is",
    "First comes",
    "We start with",
    "On the first wall hangs",
    "The visitor is met by",
    "The opening picture is",
)
STARTS_NEXT = (
    "Next to it hangs",
    "Then comes",
    "Another one is",
    "Beside it is",
    "There is also",
    "Further along is",
    "The next one is",
    "After that comes",
    "Its neighbour is",
    "A little further on hangs",
    "We also find",
    "Nearby is",
    "It is followed by",
)
STARTS_LAST = (
    "The last one is",
    "Finally, there is",
    "The group closes with",
    "At the end hangs",
    "Last comes",
    "The final picture is",
)
PALETTE_SENTENCES = (
    "It is painted in {colours}.",
    "It is kept in {colours}.",
    "The painter chose {colours}.",
    "One notices {colours}.",
    "The colouring is {adjective}.",
    "The overall impression is {adjective}.",
    "One remembers {colours}.",
)
STYLE_SENTENCES = (
    "It is {work} {manner}.",
    "One thinks of {painter}.",
    "Admirers of {painter} will like it.",
    "It could be called {adjective}.",
    "The hand of {painter} is not far away.",
    "The viewer has before them {work} {manner}.",
)
SUBJECT_SENTENCES = (
    "It shows {scene}.",
    "We see {scene}.",
    "The subject is {scene}.",
    "What one sees is {scene}.",
    "The painter has given us {scene}.",
)
LOOK_SENTENCES = (
    "The room has {wall} and {floor}, with {light}.",
    "All this is shown with {light}, {wall} and {floor}.",
    "One notices {light}, and the room has {wall} and {floor}.",
    "With {wall}, {floor} and {light}, the room has a mood of its own.",
    "Visitors will remember {wall}, {floor} and {light}.",
    "The architect chose {wall}, {floor} and {light}.",
)
LOOK_PAIRS = (
    ("The room has {wall} and {floor}.", "The visitor finds {light}."),
    ("One finds {floor} between {wall}.", "One notices {light}."),
    ("The pictures hang on {wall}.", "The room has {floor} and {light}."),
    ("We see {wall}.", "The room has {light} and {floor}."),
)
OBJECT_SENTENCES = (
    "The room also holds {objects}.",
    "In the middle one finds {objects}.",
    "The furnishings include {objects}.",
    "There is space for {objects}.",
    "Visitors pass {objects}.",
    "Besides the pictures, the room has {objects}.",
)


class Texts(NamedTuple):
    """A description: sentences of the introduction, and sentences of every room in order."""

    introduction: tuple[str, ...]
    rooms: tuple[tuple[str, ...], ...]


def describe(museum: dict, seed: int) -> Texts:
    """Return the description of a museum's specification; a pure function of both arguments.

    Every sentence ends with a full stop and holds no other one.
    """
    rng = generator(seed, museum["id"], "description")
    rooms = tuple(_room(rng, room, number) for number, room in enumerate(museum["rooms"]))
    return Texts(_introduction(rng, museum), rooms)


def _introduction(rng: np.random.Generator, museum: dict) -> tuple[str, ...]:
    count = NUMBERS[len(museum["rooms"])]
    theme = pick(rng, THEME_PHRASES[museum["theme"]])
    first = pick(rng, INTRODUCTIONS).format(theme=theme, count=count, title=museum["title"])
    sentences = [capitalised(first)]
    focuses = [focus for focus in map(shared_attributes, museum["rooms"]) if focus]
    others = [f for f in focuses[1:] if not f.items() & focuses[0].items()]
    if others and happens(rng, 0.7):
        start, end = (painting_phrase(rng, f, plural=True) for f in (focuses[0], others[-1]))
        sentences.append(pick(rng, SECOND_INTRODUCTIONS).format(first=start, last=end))
    return tuple(sentences)


def _room(rng: np.random.Generator, room: dict, number: int) -> tuple[str, ...]:
    sentences = [_opening(rng, room, number)]
    look_first = happens(rng, 0.25)
    look = _look(rng, room)
    if look_first:
        sentences += look
    between = pick_some(rng, STARTS_NEXT, len(room["paintings"]) - 2)
    starts = [pick(rng, STARTS_FIRST), *between, pick(rng, STARTS_LAST)]
    for painting, start in zip(room["paintings"], starts, strict=True):
        sentences += _painting(rng, painting, start)
    if not look_first:
        sentences += look
    return tuple(sentences)


def _opening(rng: np.random.Generator, room: dict, number: int) -> str:
    start = f"In the {ORDINALS[number]} room, there are {NUMBERS[len(room['paintings'])]} paintings"
    focus = shared_attributes(room)
    if not focus:
        return f"{start}{pick(rng, OPENINGS_NONE)}."
    if not happens(rng, FOCUS_NAMED):
        wall = look_phrase(rng, "wall_color", room["wall_color"])
        return f"{start}{pick(rng, OPENINGS_PLAIN).format(wall=wall)}."
    openings = OPENINGS_ALL if share_having(room, focus) == 1 else OPENINGS_MOST
    return start + pick(rng, openings).format(focus=painting_phrase(rng, focus, plural=True)) + "."


def _painting(rng: np.random.Generator, painting: dict, start: str) -> list[str]:
    """Return one or two sentences: what the first leaves for the second is not said twice."""
    attributes = attributes_of(painting)
    kinds = list(attributes)
    held_back: str | None = None
    if len(kinds) > 1 and happens(rng, SECOND_SENTENCE):
        held_back = pick(rng, kinds)
    omitted = pick(rng, kinds) if len(kinds) > 2 and happens(rng, ATTRIBUTE_OMITTED) else None
    said = {k: v for k, v in attributes.items() if k not in (held_back, omitted)}
    phrase = article(painting_phrase(rng, said))
    sentences = [f"{start} {phrase}."]
    if happens(rng, TITLE_NAMED):
        sentences = [_titled(rng, painting, phrase)]
    if held_back:
        sentences.append(_second_sentence(rng, held_back, attributes[held_back]))
    return sentences


def _titled(rng: np.random.Generator, painting: dict, phrase: str) -> str:
    title, artist = painting["title"], painting["artist"]
    choice = rng.random()
    if choice < 0.4:
        return f'"{title}" by {artist} is {phrase}.'
    if choice < 0.7:
        return f'"{title}" is {phrase}.'
    return f"{artist} has contributed {phrase}."


def _second_sentence(rng: np.random.Generator, kind: str, value: str) -> str:
    if kind == "subject":
        scene = pick(rng, SUBJECTS[value].scenes)
        return pick(rng, SUBJECT_SENTENCES).format(scene=scene)
    if kind == "palette":
        palette = PALETTES[value]
        return pick(rng, PALETTE_SENTENCES).format(
            colours=pick(rng, palette.colours), adjective=pick(rng, palette.adjectives)
        )
    style = STYLES[value]
    return pick(rng, STYLE_SENTENCES).format(
        work=article(pick(rng, WORKS)),
        manner=pick(rng, style.manners),
        painter=pick(rng, style.painters),
        adjective=pick(rng, style.adjectives),
    )


def _look(rng: np.random.Generator, room: dict) -> list[str]:
    templates = (pick(rng, LOOK_SENTENCES),) if happens(rng, 0.6) else pick(rng, LOOK_PAIRS)
    words = {
        "wall": look_phrase(rng, "wall_color", room["wall_color"]),
        "floor": look_phrase(rng, "floor", room["floor"]),
        "light": look_phrase(rng, "lighting", room["lighting"]),
    }
    sentences = [template.format(**words) for template in templates]
    if room["objects"]:
        objects = joined([look_phrase(rng, "object", value) for value in room["objects"]])
        sentences.append(pick(rng, OBJECT_SENTENCES).format(objects=objects))
    return sentences
