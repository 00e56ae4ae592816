"""The words of texts, and the stop words among them."""

import re
from pathlib import Path

from hicalm.errors import HicalmError

STOP_WORDS = Path(__file__).parent / "stop_words.txt"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case: letters, joined by hyphens.

    Numbers and punctuation are none; what follows an apostrophe is a word of its own.
    """
    return _WORD.findall(text.lower())


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
