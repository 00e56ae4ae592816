"""The words that a model knows by number: 0 is padding, 1 any word that it does not know."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from hicalm.errors import HicalmError
from hicalm.files import read_json, to_json

PADDING, UNKNOWN = 0, 1
NAME = "vocabulary"  # of the JSON file beside a model
_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case; punctuation is none."""
    return _WORD.findall(text.lower())


class Vocabulary:
    """Words with numbers from 2 on, in the order given."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._numbers = {word: number for number, word in enumerate(self.words, UNKNOWN + 1)}

    @classmethod
    def of_captions(cls, captions: Iterable[str], min_count: int = 4) -> "Vocabulary":
        """Return the words that occur at least ``min_count`` times in all, in alphabetical order.

        Raises HicalmError where no word does.
        """
        counts = Counter(word for caption in captions for word in words_of(caption))
        words = sorted(word for word, count in counts.items() if count >= min_count)
        if not words:
            raise HicalmError(f"No word of the captions occurs at least {min_count} times.")
        return cls(words)

    def __len__(self) -> int:
        """Count the numbers, those of padding and of unknown words included."""
        return UNKNOWN + 1 + len(self.words)

    def numbers(self, words: Iterable[str]) -> list[int]:
        """Return the number of each word."""
        return [self._numbers.get(word, UNKNOWN) for word in words]

    def to_json(self) -> str:
        """Return the words as a JSON list."""
        return to_json(self.words, ensure_ascii=False)


def load_vocabulary(folder: Path) -> Vocabulary:
    """Return the vocabulary beside a model; HicalmError where it is missing or damaged."""
    path = Path(folder) / f"{NAME}.json"
    try:
        words = read_json(path)
    except FileNotFoundError as error:
        raise HicalmError(f"The model in '{folder}' has no vocabulary: {path.name}.") from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise HicalmError(f"{path} must hold a list of words.")
    return Vocabulary(words)
