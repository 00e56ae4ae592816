"""What regions of a map can be named by: the values of attributes or, where those name nothing,
words of the descriptions."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from hicalm.data.collection import Collection
from hicalm.levels import LEVELS
from hicalm.maps.columns import NO_SUBJECT, OUT_OF_SIGHT, PAINTING_KINDS, UNKNOWN
from hicalm.maps.map import Column
from hicalm.retrieval.words import load_stop_words, words_of

Term = tuple[str, str]  # an attribute and its value, or WORD and a word
WORD = ""  # instead of an attribute
ABSENCES = (NO_SUBJECT, OUT_OF_SIGHT, UNKNOWN)  # of which there is nothing to say
MIN_MUSEUMS = 3  # that a word must be said of
MAX_WORDS = 300  # the most frequent, of those that fewer than half of the texts have
SAID = dict.fromkeys(("theme", *PAINTING_KINDS), "{}") | {
    "wall_color": "{} walls",
    "floor": "{} floor",
    "lighting": "light: {}",
    WORD: "{}",
}


def term_name(term: Term) -> str:
    """Return what a term is called where it stands alone, such as "blue walls" or "age: old"."""
    attribute, value = term
    if attribute in SAID:
        return SAID[attribute].format(value)
    return f"{attribute.replace('_', ' ')}: {value}"


def attribute_terms(columns: Sequence[Column]) -> dict[Term, np.ndarray]:
    """Return which points have which value, bool (N,) each, from the columns of a level: codes
    (N,). Numbers and what is absent or unknown are no terms."""
    return {
        (column.name, value): column.codes == code
        for column in columns
        for code, value in enumerate(column.values)
        if value not in ABSENCES
    }


def word_terms(collection: Collection, level: str) -> dict[Term, np.ndarray]:
    """Return which points of a level have which word in their description, bool (N,) each.

    The text of a museum is its whole description, that of a room and of its views the room's
    paragraph. Stop words are no terms, nor are words of fewer than ``MIN_MUSEUMS`` museums.
    """
    stop = load_stop_words()
    rooms = [[_words(room.paragraph, stop) for room in m.rooms] for m in collection.museums]
    museums = [
        _words(museum.introduction, stop).union(*own)
        for museum, own in zip(collection.museums, rooms, strict=True)
    ]
    texts = museums if level == LEVELS[0] else [words for own in rooms for words in own]
    known = Counter(word for words in museums for word in words)
    counts = Counter(word for words in texts for word in words)
    usual = [
        word
        for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if known[word] >= MIN_MUSEUMS and 2 * count < len(texts)
    ]
    terms = {(WORD, w): np.array([w in words for words in texts]) for w in usual[:MAX_WORDS]}
    if level == LEVELS[2]:
        return {term: np.repeat(has, collection.view_counts) for term, has in terms.items()}
    return terms


def _words(sentences: Iterable[str], stop: frozenset[str]) -> frozenset[str]:
    return frozenset(words_of(" ".join(sentences))) - stop
