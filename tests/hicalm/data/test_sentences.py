"""Sentences of texts in any script, and cleaned text."""

import pytest

from hicalm.data.sentences import clean, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Boats. Birds! Horses? yes", ("Boats.", "Birds!", "Horses?", "yes")),
        ("boats\nbirds", ("boats", "birds")),
        ("a canvas of 3.5 metres", ("a canvas of 3.5 metres",)),
        ("boats . . . !", ("boats .",)),
        ("一幅山水画。一幅肖像！", ("一幅山水画。", "一幅肖像！")),  # noqa: RUF001
        ("أين البحر؟ هنا", ("أين البحر؟", "هنا")),
        ("", ()),
        (" ... ", ()),
    ],
)
def test_sentences(text: str, sentences: tuple[str, ...]) -> None:
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("boats\x00and\x1b[31m\tbirds\x7f", "boats and [31m birds"),
        ("  boats \r\n\n birds  ", "boats\nbirds"),
        ("cafe\u0301", "caf\u00e9"),
        ("boats\u202ebirds\ud800", "boats birds"),
        ("<script>alert(1)</script> ${HOME}", "<script>alert(1)</script> ${HOME}"),
    ],
)
def test_cleaning_keeps_the_text_and_drops_control_characters(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
