"""Misspelt words of a query, and the nearest word that a collection's texts have."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4  # letters; shorter words are too near to too many others
LONG = 8  # letters from which two slips are allowed; below, one: "florist" is no "forest"
SHORTEST_NAME = 6  # letters; "Manet" is no misspelt "Monet"

_WORD = re.compile(r"[^\W\d_]+")
Endings = tuple[tuple[str, str], ...]
_ENDINGS: Endings = (("", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"), ("ves", "fe"))
_ALL_ENDINGS = (
    *_ENDINGS,
    *(
        ("ed", ""),
        ("ed", "e"),
        ("d", ""),
        ("ied", "y"),
        ("ing", ""),
        ("ing", "e"),
        ("ly", ""),
        ("er", ""),
    ),
    *(("ers", ""), ("er", "e"), ("est", ""), ("ish", ""), ("less", ""), ("ness", ""), ("y", "")),
    *(("ism", "ist"), ("isms", "ist"), ("ist", "ism"), ("ists", "ism")),
)
# British and American spellings of a word are alike after these.
_SPELLINGS = (
    ("our", "or"),
    ("aeroplane", "airplane"),
    ("ise", "ize"),
    ("isi", "izi"),
    ("yse", "yze"),
    ("grey", "gray"),
    ("tre", "ter"),
    ("ogue", "og"),
    ("lling", "ling"),
    ("lled", "led"),
    ("ller", "ler"),
    ("ence", "ense"),
    ("jewelery", "jewelry"),
    ("mould", "mold"),
    ("plough", "plow"),
    ("cheque", "checke"),
    ("ae", "e"),
)

Known = Collection[str] | Callable[[str], bool]


class Vocabulary:
    """Words that a misspelt one may stand for, the more usual first."""

    def __init__(self, words: Iterable[str]):
        """Take the words in any case; very short ones only count as known."""
        self.words = tuple(dict.fromkeys(word.lower() for word in words if word.isalpha()))
        self._likely = [word for word in self.words if len(word) >= SHORTEST - 1]
        # "horse" is fine where the texts have "horses" only.
        singulars = (stem for word in self.words for stem in _stems(word, _ENDINGS))
        self._spellings = frozenset(map(_american, singulars))

    def __contains__(self, word: object) -> bool:
        """Tell whether it is a word in its British or American spelling, or a form of one."""
        return isinstance(word, str) and any(
            _american(stem) in self._spellings for stem in _stems(word.lower())
        )

    def nearest(self, word: str, slips: int) -> str | None:
        """Return the word that fewest slips (a letter more, less, other or swapped) lead to.

        Among equals the one of the same letters is taken, then one that begins alike, then the
        more usual. Returns None where all are more than ``slips`` away.
        """
        word = word.lower()
        found = process.extract(
            word, self._likely, scorer=OSA.distance, score_cutoff=slips, limit=None
        )
        ranked = (
            (distance, set(near) != set(word), near[0] != word[0], place, near)
            for near, distance, place in found
        )
        best = min(ranked, default=None)
        return best[-1] if best is not None else None


def corrections(text: str, vocabulary: Vocabulary, known: Known) -> dict[str, str]:
    """Return for every misspelt word of the text the word that is probably meant.

    Args:
        text: what was typed.
        vocabulary: the words of the collection.
        known: words in lower case that are fine though the vocabulary lacks them: those of the text
            encoder and of ordinary English, as a set or as a function that tells. Their plurals
            and other forms are fine too.
    """
    is_known = known if callable(known) else known.__contains__
    found = {}
    for word in dict.fromkeys(_WORD.findall(text)):
        if len(word) < SHORTEST or word in vocabulary or _is_fine(word, is_known):
            continue
        name = word[0].isupper() and word[1:].islower()
        if name and len(word) < SHORTEST_NAME and not text.startswith(word):
            continue
        slips = 2 if len(word) >= LONG and not name else 1
        if near := vocabulary.nearest(word, slips):
            found[word] = _cased_as(near, word)
    return found


def apply(text: str, corrected: Mapping[str, str]) -> str:
    """Return the text with its words replaced as `corrections` says."""
    return _WORD.sub(lambda match: corrected.get(match.group(), match.group()), text)


def _is_fine(word: str, is_known: Callable[[str], bool]) -> bool:
    return any(
        is_known(stem) or is_known(_american(stem)) or is_known(_british(stem))
        for stem in _stems(word.lower())
    )


def _stems(word: str, endings: Endings = _ALL_ENDINGS) -> Iterator[str]:
    """Yield what the word may be a form of: "horses" -> "horses", "horse", "hors"."""
    for ending, instead in endings:
        stem = word.removesuffix(ending) if ending else word
        # A short stem would make a form of a word out of almost any slip.
        if word.endswith(ending) and (len(stem) >= SHORTEST - 1 or not ending):
            yield stem + instead
            if ending in ("ed", "ing", "er") and stem[-1] == stem[-2] and len(stem) > SHORTEST:
                yield stem[:-1]


def _american(word: str) -> str:
    for british, american in _SPELLINGS:
        word = word.replace(british, american)
    return word


def _british(word: str) -> str:
    return word.replace("or", "our").replace("gray", "grey")


def _cased_as(word: str, typed: str) -> str:
    if typed.isupper():
        return word.upper()
    return word.capitalize() if typed[0].isupper() else word
