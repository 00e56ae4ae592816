"""The words of texts, and the stop words among them."""

import ast
import re
from collections import Counter
from pathlib import Path

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.reading.spelling import Vocabulary

STOP_WORDS = Path(__file__).parent / "stop_words.txt"
USUAL = 3  # times that a word stands in a collection's texts
LISTED = "bad_words"  # what the published evaluation script calls its list of weak words
LARGEST_LIST = 1_000_000  # bytes of a file of stop words
# not what is left of a number: "17th-century" has the word "century", and no "th"
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?:-[^\W\d_]+)*")
_TERM = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case: letters, joined by hyphens.

    Numbers and punctuation are none; what follows an apostrophe is a word of its own.
    """
    return _WORD.findall(text.lower())


def terms_of(text: str) -> list[str]:
    """Return the words and numbers of a text in lower case, joined by hyphens: "17th-century"."""
    return _TERM.findall(text.lower())


def usual_words(collection: Collection) -> Vocabulary:
    """Return the words of a collection's texts, the more frequent first: those that a misspelt word
    may stand for. A word that is rare in the texts is none of them."""
    return Vocabulary(collection.kept("usual_words", lambda: _usual_words(collection)))


def _usual_words(collection: Collection) -> list[str]:
    pieces: Counter[str] = Counter()
    for museum in collection.museums:
        pieces.update(" ".join(s for p in museum.paragraphs for s in p).split())
    counts: Counter[str] = Counter()
    for piece, times in pieces.items():
        for word in words_of(piece):  # once for all places that it stands in: twice as fast
            counts[word] += times
    return [word for word, count in counts.most_common() if count >= USUAL]


def load_stop_words(path: Path = STOP_WORDS) -> frozenset[str]:
    """Read stop words, one a line; '#' begins a comment. Of a Python file (.py) the list of texts
    called ``bad_words`` is read, as data: nothing of the file runs.

    Raises HicalmError for no such text, and for a Python file without such a list.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_LIST:
            raise HicalmError(f"'{path}' has more than {LARGEST_LIST:,} bytes: name another file.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HicalmError(
            f"The stop words in '{path}' cannot be read. Name a text file (UTF-8) with a word a "
            "line."
        ) from error
    if path.suffix == ".py":
        lines = _listed(text, path)
    else:
        lines = [line.partition("#")[0] for line in text.splitlines()]
    return frozenset(word for line in lines for word in terms_of(line))


def _listed(program: str, path: Path) -> list[str]:
    """Return the texts of the list ``bad_words`` of a Python program, wherever it stands."""
    try:
        tree = ast.parse(program)
        found = [
            ast.literal_eval(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            and any(isinstance(name, ast.Name) and name.id == LISTED for name in node.targets)
        ]
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise HicalmError(f"'{path}' is no Python file with a plain list '{LISTED}'.") from error
    listed = [word for words in found if isinstance(words, list | tuple | set) for word in words]
    if not listed or not all(isinstance(word, str) for word in listed):
        raise HicalmError(f"'{path}' must hold a list of texts called '{LISTED}'.")
    return listed
