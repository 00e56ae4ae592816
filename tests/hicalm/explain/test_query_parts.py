"""The parts of a query."""

import pytest

from hicalm.explain.query_parts import MAX_PHRASES, query_parts
from hicalm.reading.query_text import split_rooms


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("portraits", ["portraits"]),
        ("cubist portraits", ["cubist", "portraits"]),
        ("the night sky", ["the night", "sky"]),
        ("a room of seascapes", ["a room", "of seascapes"]),
        ("cubist paintings in warm colours", ["cubist paintings", "in warm colours"]),
        ("a dim room, and with red walls", ["a dim room,", "and with red walls"]),
        ("a bench to sit on", ["a bench", "to sit on"]),
        ("in the", ["in the"]),
        ("有海景画的房间", ["有海景画的房间"]),
    ],
)
def test_a_sentence_falls_into_phrases(query, parts):
    assert [part.text for part in query_parts(((query,),))] == parts


def test_every_word_belongs_to_one_part():
    query = "a first room with portraits, then a room of abstract paintings in primary colours"
    paragraphs = split_rooms(query)
    parts = query_parts(paragraphs)
    assert [part.paragraph for part in parts] == [0, 0, 1, 1]
    assert " ".join(part.text for part in parts).split() == [
        word for paragraph in paragraphs for sentence in paragraph for word in sentence.split()
    ]


def test_many_phrases_become_sentences():
    long = " and ".join(["ships in a storm"] * MAX_PHRASES)
    parts = query_parts(((long, "Birds."), ("A bench.",)))
    assert [part.text for part in parts] == [long, "Birds.", "A bench."]
    assert [(part.paragraph, *part.sentences) for part in parts] == [(0, 0), (0, 1), (1, 2)]
