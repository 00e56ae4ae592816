"""What regions can be named by."""

from dataclasses import replace

import numpy as np
import pytest

from hicalm.data.collection import Collection, Features
from hicalm.maps.columns import NO_SUBJECT, OUT_OF_SIGHT, UNKNOWN
from hicalm.maps.map import Column
from hicalm.maps.terms import WORD, attribute_terms, term_name, word_terms
from tests.hicalm.collections import ragged_collection


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("subject", "x y"),
        ("wall_color", "x y walls"),
        ("lighting", "light: x y"),
        ("year_of_birth", "year of birth: x y"),
        (WORD, "x y"),
    ],
)
def test_a_name_can_be_understood_alone(attribute, name):
    assert term_name((attribute, "x y")) == name


def test_a_hostile_attribute_is_a_name_like_others():
    assert term_name(("{0.__class__}", "{1}")) == "{0.  class  }: {1}"


def test_values_are_terms_but_for_numbers_and_absences():
    values = ("sea", NO_SUBJECT, OUT_OF_SIGHT, UNKNOWN)
    subject = Column("subject", values, np.array([0, 1, 2, 3, 0], np.uint8))
    terms = attribute_terms([subject, Column("rooms", (), np.arange(5, dtype=np.uint16))])
    assert list(terms) == [("subject", "sea")]
    assert terms["subject", "sea"].tolist() == [True, False, False, False, True]


def told(*paragraphs: str) -> Collection:
    """Return four museums of two rooms, of one and two views, with these paragraphs."""
    plain = ragged_collection()
    one, two = (replace(plain.museums[0].rooms[0], views=views) for views in (1, 2))
    texts = iter(paragraphs)
    museums = tuple(
        replace(
            plain.museums[0],
            id=f"m-{number}",
            introduction=("Moonlight in May.",) if number == 0 else (),
            rooms=tuple(replace(room, paragraph=(next(texts),)) for room in (one, two)),
        )
        for number in range(4)
    )
    return replace(plain, museums=museums, features=Features({}, {}))


TOLD = told("Bells!", "A gull.", "Two bells.", "Gull", "Bells.", "Fog", "Fog.", "The sea, the sea.")


def test_words_of_a_room_are_those_of_its_paragraph():
    terms = word_terms(TOLD, "room")  # only "bells" are said of three museums
    assert list(terms) == [(WORD, "bells")]
    assert np.flatnonzero(terms[WORD, "bells"]).tolist() == [0, 2, 4]


def test_the_words_of_a_view_are_those_of_its_room():
    terms = word_terms(TOLD, "view")
    assert np.flatnonzero(terms[WORD, "bells"]).tolist() == [0, 3, 6]
    assert len(terms[WORD, "bells"]) == 12


def test_a_word_that_half_of_the_texts_have_is_no_term():
    assert word_terms(TOLD, "museum") == {}  # bells in three of four museums
    half = told("Bells.", "Bells.", "Bells", "Bells", "Fog", "Fog", "Fog", "Fog")
    assert word_terms(half, "room") == {}


def test_the_words_of_a_museum_are_those_of_its_whole_description(monkeypatch):
    monkeypatch.setattr("hicalm.maps.terms.MIN_MUSEUMS", 1)
    terms = word_terms(TOLD, "museum")
    assert terms[WORD, "moonlight"].tolist() == [True, False, False, False]
    assert terms[WORD, "sea"].tolist() == [False, False, False, True]
    assert (WORD, "in") not in terms and (WORD, "gull") not in terms  # gulls in two of four
    monkeypatch.setattr("hicalm.maps.terms.MAX_WORDS", 1)
    assert list(word_terms(TOLD, "museum")) == [(WORD, "moonlight")]
