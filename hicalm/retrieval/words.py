"""The words of texts, and the stop words among them."""

import re
from collections import Counter
from pathlib import Path

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.reading.spelling import Vocabulary

STOP_WORDS = Path(__file__).parent / "stop_words.txt"
USUAL = 3  # times that a word stands in a collection's texts
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case: letters, joined by hyphens.

    Numbers and punctuation are none; what follows an apostrophe is a word of its own.
    """
    return _WORD.findall(text.lower())


def usual_words(collection: Collection) -> Vocabulary:
    """Return the words of a collection's texts, the more frequent first: those that a misspelt word
    may stand for. A word that is rare in the texts is none of them."""
    counts: Counter[str] = Counter()
    for piece, times in Counter(" ".join(collection.sentences).split()).items():
        for word in words_of(piece):  # once for all places that it stands in: twice as fast
            counts[word] += times
    return Vocabulary(word for word, count in counts.most_common() if count >= USUAL)


def load_stop_words(path: Path = STOP_WORDS) -> frozenset[str]:
    """Read stop words, one a line; '#' begins a comment. Raises HicalmError for no such text."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HicalmError(
            f"The stop words in '{path}' cannot be read. Name a text file (UTF-8) with a word a "
            "line."
        ) from error
    return frozenset(word for line in lines for word in words_of(line.partition("#")[0]))
