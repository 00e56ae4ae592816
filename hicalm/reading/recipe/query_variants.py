"""Variants of marked queries: other things asked for, other numbers, sloppier typing.

The structure of a query is what is to be learned, so its phrases are replaced by people's wordings
of the same sort (`hicalm.encoders.recipe.word_lists`), which may be of anything.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from hicalm.encoders.recipe.word_lists import load_background, load_wordings
from hicalm.reading.recipe.marked_queries import Marked, Part, read_marks
from hicalm.world.chance import happens, pick

# How often: a query keeps all its phrases, a phrase is kept, a phrase gets more words, a number is
# another one, words stand around, something is told, more is asked for, and how it is typed.
ALL_KEPT, KEPT, EXTENDED, RENUMBERED = 0.25, 0.35, 0.15, 0.6
AROUND, TOLD, MORE_ASKED = 0.12, 0.08, 0.1
LOWERED, RAISED, UNPUNCTUATED, UNENDED, MISSPELT = 0.35, 0.06, 0.1, 0.2, 0.08
MOST_PHRASES = 4  # of a query to which something more is added
LONGEST_BACKGROUND = 4  # words


def _list(text: str, separator: str = ", ") -> list[str]:
    return text.split(separator)


_ARTICLE = re.compile(r"(?:an?|the)\s", re.IGNORECASE)
_ROOM_AFTER = re.compile(r"\s*-?(?:colou?red\s+)?(?:room|galler|hall|chamber|space|one\b)")
_BY = re.compile(r"(?:by|after|in the manner of|in the style of|à la|like)\s", re.IGNORECASE)
_SURFACE = re.compile(r"\b(walls?|floors?|flooring|lights?|lighting|lamps)$", re.IGNORECASE)
_NUMBERS = _list("two, three, four, five, six, seven, eight, nine, ten, eleven, twelve")

THINGS = _list(
    "portraits, seascapes, mountains, horses, birds, ships, forests, gardens, deserts, "
    "cities, flowers, fruit, boats, faces, trees, people, nudes, still lifes, landscapes, "
    "night skies, skyscrapers, stars, waves, sailing boats, dogs, cats, trains, dinosaurs, "
    "robots, maps, saints, skulls, roses, sunflowers, angels, kings, children, bridges, "
    "castles, owls, clouds"
)
STYLES = _list(
    "cubism, pop art, impressionism, ink, watercolours, Monet, Picasso, Rothko, Hokusai, "
    "pointillism, Caravaggio, Warhol, Van Gogh, abstract art, Japanese prints, Turner, "
    "Vermeer, Klimt, Dalí, Mondrian, Cézanne"
)
LOOKS = _list(
    "cubist, impressionist, abstract, pointillist, Japanese, blue, red, dark, pastel, "
    "black and white, colourful, modern, old, religious, gloomy, baroque, surrealist, "
    "monochrome"
)
ROOM_LOOKS = _list(
    "red, black, white, blue, dark, bright, green, yellow, pink, grey, dim, gloomy, "
    "windowless, well-lit, small, noisy, purple, cream, orange"
)
_FLOORS = ["wooden", "marble", "concrete", "tiled"]
_TECHNIQUES = ["ink", "oil", "watercolour", "pastel", "charcoal"]
_SCENES = _list(
    "at night, at dusk, by the sea, in the snow, with people, on a table, in a storm, "
    "under a tree, from above, with a hat, in the rain, at war, on horseback"
)
_BEFORE = _list(
    "show me /i want /please /looking for /I'd like to see /can you find /find me /is there /"
    "we need /do you have /hi, /hello! /any museum with /my class wants /ok so /give me ",
    "/",
)
_AFTER = _list(
    " please/ thanks/?/!/./, thank you/ if possible/ pls/ ideally/ for my class/ today",
    "/",
)
# What people tell of themselves around a request asks for nothing, whatever it names.
_TOLD_BEFORE = _list(
    "my son collects {}, so /since we live near {}, /I teach {} and need /we have {} at home, now /"
    "my grandmother loved {}: /after a week of {} I'd like /we're a {} club, and want /"
    "I can't draw {}, but show me /we did {} at school, so /being a fan of {}, I'm after /"
    "my nephew is mad about {}; anyway, /we just came from {}: /for a talk on {}: /"
    "I know nothing about {}, still I want /the kids have had {} all week, so now /"
    "it's my birthday, so /I only have an hour: /my feet hurt, so /quick question: /"
    "we come with a buggy and would like /the bus leaves at noon, so ",
    "/",
)
_TOLD_AFTER = _list(
    ", it's for our {} group/, my niece draws {}/ because we are doing {}/, as I write about {}/"
    " (we have a {} project)/, my wife hates {} though she comes along/; my dad used to sell {}/"
    ". We read a book about {} last week/, then we go home for {}/, which reminds me of {}/"
    ", don't ask why/, I'm tired/, it's a long story/ since it's raining/, I love that/"
    ", they are only five/ so that everybody is happy/, that would be lovely/, for laughs/"
    " before the bus leaves/, we have all day/ as they never sit still",
    "/",
)
_MORE = [
    read_marks(line)
    for line in (
        ", at most <six>{max} rooms",
        ", max <5>{max} rooms",
        " in a museum with <seven>{is} rooms",
        " in a museum of no more than <five>{max} rooms",
        ", no [horses]{m} anywhere",
        ", and no [horses]{m} in the whole museum",
        ", in a museum without [horses]{m}",
        " - museum must have at least <four>{min} rooms",
        ", and the museum should have <eight>{min} or more rooms",
        ". No [horses]{m} in the museum, please",
        ", fewer than <eight>{max-} rooms overall",
        " (<six>{is} rooms exactly)",
        ", over <six>{min+} rooms in total",
        ", with [horses]{m} nowhere to be seen",
        ", then [horses]{>}",
        ", and afterwards [horses]{>}",
        ", and in another room [horses]{|}",
        ", finally [horses]{>}",
        ", followed by <two>{n} rooms of [horses]{>}",
    )
]
_OF_MUSEUM = ("most", "fewer", "least", "more", "exactly")


class QueryVariants:
    """Draws variants of marked queries."""

    def __init__(self) -> None:
        by_form: dict[str, list[str]] = defaultdict(list)
        for wording in load_wordings():
            by_form[wording.form].append(wording.text)
            if wording.form == "thing" and wording.kind == "subject":
                by_form["subject"].append(wording.text)
        self._by_form = dict(by_form)
        self._background = [
            text for text in load_background() if len(text.split()) <= LONGEST_BACKGROUND
        ]
        self._looks = {look.lower() for look in (*LOOKS, *ROOM_LOOKS, *by_form["word"])}
        self._artists = {name.lower() for name in (*STYLES, *by_form["artist"])}

    def draw(self, rng: np.random.Generator, query: Marked) -> Marked:
        """Draw a variant with the structure of a query."""
        parts = list(self._longer(rng, query))
        if not happens(rng, ALL_KEPT):
            ends = [*(part.text for part in parts[1:]), ""]
            parts = [
                self._reworded(rng, part, after) for part, after in zip(parts, ends, strict=True)
            ]
        if happens(rng, AROUND):
            parts.insert(0, Part(pick(rng, _BEFORE)))
        if happens(rng, AROUND):
            parts = [*_unended(parts), Part(pick(rng, _AFTER))]
        if happens(rng, TOLD):
            parts.insert(0, Part(pick(rng, _TOLD_BEFORE).format(pick(rng, self._background))))
        elif happens(rng, TOLD):
            told = pick(rng, _TOLD_AFTER).format(pick(rng, self._background))
            parts = [*_unended(parts), Part(told)]
        return tuple(_typed(rng, parts))

    def _longer(self, rng: np.random.Generator, query: Marked) -> Marked:
        if not happens(rng, MORE_ASKED) or _count(query) >= MOST_PHRASES:
            return query
        more = pick(rng, _MORE)
        if any(part.piece in _OF_MUSEUM for part in more) and any(
            part.piece in _OF_MUSEUM for part in query
        ):
            return query
        return (*_unended(list(query)), *more)

    def _reworded(self, rng: np.random.Generator, part: Part, after: str) -> Part:
        if part.piece == "outside":
            return part
        if part.piece != "phrase":
            known = part.text.lower() in _NUMBERS or part.text.isdigit()
            return part.worded(_number(rng, part)) if known and happens(rng, RENUMBERED) else part
        if happens(rng, KEPT):
            return part
        text = self._similar(rng, part, after)
        if part.role == "wanted" and len(text.split()) < 4 and happens(rng, EXTENDED):
            text = self._extended(rng, text)
        return part.worded(text)

    def _similar(self, rng: np.random.Generator, part: Part, after: str) -> str:
        """Return a phrase of the same sort: a look of a room, a wall, a painter, a thing."""
        words = part.text.lower()
        article = _ARTICLE.match(words)
        bare = words[article.end() :] if article else words
        looks = bare in self._looks and not article
        if _ROOM_AFTER.match(after) and (looks or bare.split()[-1] in ROOM_LOOKS):
            return pick(rng, ROOM_LOOKS if happens(rng, 0.8) else self._by_form["light"])
        surface = _SURFACE.search(words)
        if surface is not None:
            return f"{article.group() if article else ''}{self._surface(rng, surface[1])}"
        by = _BY.match(words)
        if by is not None:
            return part.text[: by.end()] + self._artist(rng)
        if words.startswith("in "):
            usual = happens(rng, 0.3)
            return f"in {pick(rng, _TECHNIQUES if usual else self._by_form['colour'])}"
        if looks:
            return pick(rng, LOOKS if happens(rng, 0.6) else self._by_form["word"])
        if bare in self._artists and not article:
            return self._artist(rng)
        return self._thing(rng, part.role, bool(article))

    def _surface(self, rng: np.random.Generator, noun: str) -> str:
        if noun.startswith("wall"):
            return f"{pick(rng, ROOM_LOOKS if happens(rng, 0.5) else self._by_form['wall'])} {noun}"
        if noun.startswith("floor"):
            return f"{pick(rng, _FLOORS if happens(rng, 0.5) else self._by_form['floor'])} {noun}"
        return pick(rng, self._by_form["lights"])

    def _artist(self, rng: np.random.Generator) -> str:
        return pick(rng, STYLES if happens(rng, 0.5) else self._by_form["artist"])

    def _thing(self, rng: np.random.Generator, role: str, article: bool) -> str:
        if role == "not room" and happens(rng, 0.6):
            return _with_article(rng, self._by_form["furnishing"], article)
        choice = rng.random()
        if choice < 0.4 and not article:
            return pick(rng, THINGS if happens(rng, 0.8) else STYLES)
        if choice < 0.6:
            return _with_article(rng, self._by_form["subject"], article)
        if choice < 0.9:
            return _with_article(rng, self._background, article)
        return _with_article(rng, self._by_form["furnishing"] + self._by_form["thing"], article)

    def _extended(self, rng: np.random.Generator, text: str) -> str:
        choice = rng.random()
        if choice < 0.35:
            article = _ARTICLE.match(text)
            start = article.group() if article else ""
            return f"{start}{pick(rng, LOOKS + ROOM_LOOKS)} {text[len(start) :]}"
        if choice < 0.6:
            technique = _TECHNIQUES if happens(rng, 0.3) else self._by_form["colour"]
            return f"{text} in {pick(rng, technique)}"
        if choice < 0.8:
            return f"{text} by {self._artist(rng)}"
        return f"{text} {pick(rng, _SCENES)}"


def _number(rng: np.random.Generator, part: Part) -> str:
    most = 12 if part.piece in _OF_MUSEUM else 5
    number = int(rng.integers(2, most + 1))
    return str(number) if happens(rng, 0.4) else _NUMBERS[number - 2]


def _with_article(rng: np.random.Generator, texts: Sequence[str], article: bool) -> str:
    for _ in range(12):
        text = pick(rng, texts)
        if bool(_ARTICLE.match(text)) == article:
            return text
    return f"the {THINGS[0]}" if article else pick(rng, THINGS)


def _count(query: Sequence[Part]) -> int:
    return sum(part.piece == "phrase" for part in query)


def _unended(parts: list[Part]) -> list[Part]:
    last = parts[-1]
    if last.piece != "outside":
        return parts
    text = last.text.rstrip(" .?!")
    return [*parts[:-1], last.worded(text)] if text else parts[:-1]


def _typed(rng: np.random.Generator, parts: list[Part]) -> list[Part]:
    """Type as people do: without capitals, commas or an end, with two letters swapped."""
    choice = rng.random()
    if choice < LOWERED:
        parts = [part.worded(part.text.lower()) for part in parts]
    elif choice < LOWERED + RAISED:
        parts = [part.worded(part.text.upper()) for part in parts]
    if happens(rng, UNENDED):
        parts = _unended(parts)
    if happens(rng, UNPUNCTUATED):
        parts = [
            part.worded(part.text.replace(",", "")) if part.piece == "outside" else part
            for part in parts
        ]
    if happens(rng, MISSPELT):
        row = int(rng.integers(len(parts)))
        text = parts[row].text
        if len(text) > 5:
            at = int(rng.integers(1, len(text) - 2))
            swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            parts = [*parts[:row], parts[row].worded(swapped), *parts[row + 1 :]]
    return [part for part in parts if part.text]
