"""Words of texts, and those that say nothing."""

import pytest

from hicalm.data.collection import Collection, Features, Museum, Room
from hicalm.errors import HicalmError
from hicalm.retrieval.words import load_stop_words, terms_of, usual_words, words_of


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


def test_numbers_are_terms_and_leave_no_stumps() -> None:
    text = "In 1642 , a 17th-century night-watch ; 12 paintings_of 3D"
    assert terms_of(text) == [
        "in", "1642", "a", "17th-century", "night-watch", "12", "paintings", "of", "3d",
    ]  # fmt: skip
    assert words_of(text) == ["in", "a", "century", "night-watch", "paintings", "of"]


def test_the_published_list_is_read_and_its_program_never_runs(tmp_path) -> None:
    path = tmp_path / "eval_main_.py"
    path.write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w')\n"
        "def concepts(text):\n    bad_words = ['Painting', ',', \"'s\", '17th-century', '12']\n"
    )
    assert load_stop_words(path) == {"painting", "s", "17th-century", "12"}
    for program in ("good_words = ['a']", "bad_words = [len('a')]", "bad_words = ['a', 1]",
                    "bad_words = []", "bad_words = [", "bad_words = " + "-" * 200_000 + "1",
                    "bad_words = 'abc'", "bad_words = [[]] * 9"):  # fmt: skip
        path.write_text(program)
        with pytest.raises(HicalmError, match=r"list.*'bad_words'"):
            load_stop_words(path)
    path.write_text("bad_words = ['a']" + " " * 1_000_000)
    with pytest.raises(HicalmError, match="more than 1,000,000 bytes"):
        load_stop_words(path)
    assert not (tmp_path / "ran").exists()


def test_usual_words_stand_three_times_and_come_by_how_often() -> None:
    texts = [
        "Sea and sea-ship,",
        "ship sea. Storm",
        "and storm\u00a0ship SEA;",
        "sea/and rare rare",
    ]
    rooms = tuple(Room(text, (text,), 0) for text in texts[2:])
    museum = Museum("m", "m", "test", tuple(texts[:2]), rooms)
    words = usual_words(Collection("c", "", (museum,), {}, Features({}, {}))).words
    assert words == ("sea", "and")  # four times and three; "sea-ship" is a word of its own
