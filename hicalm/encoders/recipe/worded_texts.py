"""Typed phrases with the attributes they mention: what the query encoder learns from.

People's wordings (``word_lists``) stand alone, in combinations and in casual frames, beside the
lexicon's texts that the text encoder learned from and texts that mention nothing known.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from hicalm.encoders.attributes import PAINTING_KINDS, attribute_columns
from hicalm.encoders.recipe.labelled_texts import LabelledText, draw_text
from hicalm.encoders.recipe.word_lists import Wording, load_frames
from hicalm.world.chance import happens, pick, pick_some
from hicalm.world.phrases import without_article

LEXICON, BACKGROUND = 0.2, 0.17  # shares of the texts; the others are of wordings
DISTRACTED = 0.1  # of the texts of wordings: something unknown stands beside them
COUNTS = (0.55, 0.33, 0.12)  # how often a text mentions one, two or three attributes
PAINTING_SHARE = 0.68  # of the mentioned attributes: those of paintings, not of rooms
MISSPELT, LOWERED, UNPUNCTUATED, AROUND = 0.08, 0.35, 0.25, 0.3
HEADS = ("paintings", "painting", "pictures", "picture", "works", "art", "canvas", "piece")
ROOM_KINDS = ("wall_color", "floor", "lighting", "object")


class WordedTexts:
    """Draws labelled texts from wordings and background texts."""

    def __init__(self, wordings: Sequence[Wording], background: Sequence[str]) -> None:
        self.background = list(background)
        self.frames = load_frames()
        self._columns = attribute_columns()
        by_value: dict[tuple[str, str], list[Wording]] = defaultdict(list)
        for wording in wordings:
            by_value[wording.kind, wording.value].append(wording)
        self._by_kind: dict[str, list[list[Wording]]] = defaultdict(list)
        for (kind, _), own in by_value.items():
            self._by_kind[kind].append(own)

    def draw(self, rng: np.random.Generator) -> LabelledText:
        """Draw a text of the lexicon, of nothing known, or of one to three wordings."""
        choice = rng.random()
        if choice < LEXICON:
            drawn = draw_text(rng)
            return LabelledText(self._roughened(rng, self._around(rng, drawn.text)), drawn.columns)
        if choice < LEXICON + BACKGROUND:
            text = pick(rng, self.background)
            return LabelledText(self._roughened(rng, self._around(rng, text)), ())
        return self.draw_worded(rng, 1 + int(np.searchsorted(np.cumsum(COUNTS), rng.random())))

    def draw_worded(self, rng: np.random.Generator, count: int) -> LabelledText:
        """Draw a text of ``count`` wordings of different kinds, perhaps beside unknown things."""
        wordings = [pick(rng, pick(rng, self._by_kind[k])) for k in self._draw_kinds(rng, count)]
        parts = [self.framed(rng, w) for w in wordings if w.kind not in PAINTING_KINDS]
        paintings = [w for w in wordings if w.kind in PAINTING_KINDS]
        if len(paintings) == 1:
            parts.insert(0, self.framed(rng, paintings[0]))
        elif paintings:
            parts.insert(0, self._painting(rng, paintings))
        if happens(rng, DISTRACTED):
            parts.append(pick(rng, self.background))
        text = self._joined(rng, parts)
        return LabelledText(
            self._roughened(rng, self._around(rng, text)),
            tuple(dict.fromkeys(self._columns[w.kind, w.value] for w in wordings)),
        )

    def framed(self, rng: np.random.Generator, wording: Wording) -> str:
        """Return a wording in a frame that fits its form."""
        return pick(rng, self.frames[wording.form]).format(wording.text)

    def _draw_kinds(self, rng: np.random.Generator, count: int) -> list[str]:
        paintings = sum(happens(rng, PAINTING_SHARE) for _ in range(count))
        rooms = min(count - paintings, len(ROOM_KINDS))
        return pick_some(rng, PAINTING_KINDS, paintings) + pick_some(rng, ROOM_KINDS, rooms)

    def _painting(self, rng: np.random.Generator, wordings: list[Wording]) -> str:
        """Put wordings of one painting into a phrase, e.g. "teal galleons by Seurat"."""
        if happens(rng, 0.3):  # keywords
            return " ".join(without_article(wording.text) for wording in wordings)
        head, before, after = pick(rng, HEADS), [], []
        for wording in wordings:
            if wording.kind == "subject" and wording.form == "thing":
                scene = f"{head} of {wording.text}"
                head = scene if happens(rng, 0.4) else without_article(wording.text)
            elif wording.form == "word" or (wording.form == "colour" and happens(rng, 0.5)):
                before.append(wording.text)
            elif wording.form == "colour":
                after.append(f"in {wording.text}")
            elif wording.form == "artist":
                after.append(
                    f"{pick(rng, ('by', 'like', 'after', 'in the manner of'))} {wording.text}"
                )
            else:
                after.append(f"{pick(rng, ('-', ',', 'with', 'and'))} {wording.text}")
        return " ".join([*before, head, *after]).replace(" ,", ",")

    def _joined(self, rng: np.random.Generator, parts: list[str]) -> str:
        if happens(rng, 0.3):
            parts = pick_some(rng, parts, len(parts))
        text = parts[0]
        for part in parts[1:]:
            text = pick(rng, self.frames["join"]).format(text, part)
        return text

    def _around(self, rng: np.random.Generator, text: str) -> str:
        return pick(rng, self.frames["around"]).format(text) if happens(rng, AROUND) else text

    def _roughened(self, rng: np.random.Generator, text: str) -> str:
        """Return the text as hurried people type it, most often unchanged."""
        if happens(rng, LOWERED):
            text = text.lower()
        if happens(rng, UNPUNCTUATED):
            text = "".join(letter for letter in text if letter not in ".,?!;:")
        return _misspelt(rng, text) if happens(rng, MISSPELT) else text


def _misspelt(rng: np.random.Generator, text: str) -> str:
    """Swap, drop or double one letter of a longer word, never its first."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) >= 6]
    if not long:
        return text
    place = pick(rng, long)
    word = words[place]
    at = int(rng.integers(1, len(word) - 1))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    words[place] = pick(
        rng, (swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:])
    )
    return " ".join(words)
