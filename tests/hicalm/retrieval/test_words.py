"""Words of texts, and those that say nothing."""

from types import SimpleNamespace

import pytest

from hicalm.errors import HicalmError
from hicalm.retrieval.words import load_stop_words, usual_words, words_of


def test_words_leave_numbers_and_punctuation_out() -> None:
    text = "In the first room , there are 12 paintings ; Rembrandt 's self-portrait — œuvre_2."
    assert words_of(text)[-4:] == ["rembrandt", "s", "self-portrait", "œuvre"]
    assert [word for word in words_of(text) if word not in load_stop_words()] == [
        "rembrandt", "self-portrait", "œuvre",
    ]  # fmt: skip


def test_stop_words_are_a_file(tmp_path) -> None:
    path = tmp_path / "stop.txt"
    path.write_text("# ours\nSea\n\nstill-life  # a genre\n", encoding="utf-8")
    assert load_stop_words(path) == {"sea", "still-life"}
    path.write_bytes(b"\xff\xfe\xff")
    for broken in (path, tmp_path / "missing.txt"):
        with pytest.raises(HicalmError, match="word a line"):
            load_stop_words(broken)


def test_usual_words_stand_three_times_and_come_by_how_often() -> None:
    texts = [
        "Sea and sea-ship,",
        "ship sea. Storm",
        "and storm\u00a0ship SEA;",
        "sea/and rare rare",
    ]
    words = usual_words(SimpleNamespace(sentences=texts)).words
    assert words == ("sea", "and")  # four times and three; "sea-ship" is a word of its own
