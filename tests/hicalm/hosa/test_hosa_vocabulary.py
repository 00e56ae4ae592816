"""Words of captions, and the numbers that they are read as."""

from pathlib import Path

import pytest

from hicalm.errors import HicalmError
from hicalm.hosa.hosa_vocabulary import Vocabulary, load_vocabulary, words_of


def test_words_of_a_caption() -> None:
    assert words_of("A man's dog, <b>two-legged</b>; été 2") == (
        ["a", "man's", "dog", "b", "two", "legged", "b", "été", "2"]
    )


def test_a_vocabulary_counts_and_is_kept(tmp_path: Path) -> None:
    words = Vocabulary.of_captions(["A dog.", "a cat", "A bird"], min_count=2)
    assert words.words == ("a",) and len(words) == 3
    assert words.numbers(["a", "dog"]) == [2, 1]
    (tmp_path / "vocabulary.json").write_text(words.to_json())
    assert load_vocabulary(tmp_path).words == words.words
    with pytest.raises(HicalmError, match="No word of the captions occurs at least 4 times"):
        Vocabulary.of_captions(["a dog"])
    (tmp_path / "vocabulary.json").write_text('{"a": 1}')
    with pytest.raises(HicalmError, match="must hold a list of words"):
        load_vocabulary(tmp_path)
    (tmp_path / "vocabulary.json").write_text("[")
    with pytest.raises(HicalmError, match="not readable JSON"):
        load_vocabulary(tmp_path)
    with pytest.raises(HicalmError, match="has no vocabulary"):
        load_vocabulary(tmp_path / "elsewhere")
