"""Misspelt words: what is meant, and which words are fine."""

import pytest

from hicalm.reading.spelling import Vocabulary, apply, corrections

WORDS = (
    "horses vase portraits sailing impressionist wooden bench colours flowers river night stars "
    "mountains watercolour cubist pink grey Caravaggio Pollock skyscraper gallery forest"
)
VOCABULARY = Vocabulary(WORDS.split())
KNOWN = {"manet", "center", "hat", "paint", "dessert", "organise", "color", "theatre", "cat"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hosres", "horses"),
        ("vasse", "vase"),
        ("portriats", "portraits"),
        ("salling", "sailing"),
        ("impresionist", "impressionist"),
        ("wodden", "wooden"),
        ("bnech", "bench"),
        ("colurs", "colours"),
        ("flwoers", "flowers"),
        ("rivver", "river"),
        ("nihgt", "night"),
        ("pibk", "pink"),
        ("Hosres", "Horses"),
        ("HOSRES", "HORSES"),
        ("wtaercolour", "watercolour"),
        ("impresonist", "impressionist"),  # two slips in a long word
        ("Caravagio", "Caravaggio"),
    ],
)
def test_misspelt_words(typed: str, meant: str):
    assert corrections(f"some {typed}!", VOCABULARY, KNOWN) == {typed: meant}


@pytest.mark.parametrize(
    "fine",
    [
        "horse",  # a form of a word of the vocabulary
        "colors",  # American
        "watercolors",
        "gray",
        "cubism",
        "Manet",  # known, and a name near to none
        "Monet",  # a short name
        "hats",
        "painted",
        "painting",
        "centre",  # British
        "organized",
        "theaters",
        "dessert",
        "galleries",
        "xyzzyx",  # near to nothing
        "forrrrest",  # three slips
        "the",
        "teh",  # too short to tell
        "ukiyo-e",
        "horses'",
        "10",
    ],
)
def test_fine_words(fine: str):
    assert corrections(f"a {fine} here", VOCABULARY, KNOWN) == {}


def test_known_may_be_a_function():
    assert corrections("hosres", VOCABULARY, lambda word: word == "hosres") == {}


def test_corrections_are_put_in():
    text = "hosres by the rivver, Hosres; nothorses"
    corrected = corrections(text, VOCABULARY, KNOWN)
    assert apply(text, corrected) == "horses by the river, Horses; nothorses"
    assert apply("horses", {}) == "horses"


def test_a_vocabulary_without_words():
    assert corrections("hosres", Vocabulary([]), set()) == {}
    assert "horses" not in Vocabulary([])
