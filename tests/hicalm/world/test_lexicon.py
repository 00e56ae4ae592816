"""The lexicon: coverage of the vocabulary and phrases that belong to one value only."""

from collections import defaultdict

import pytest

from hicalm.world.lexicon import LEXICON, phrases
from hicalm.world.phrases import article, joined, without_article
from hicalm.world.vocabulary import (
    FLOORS,
    LIGHTINGS,
    OBJECTS,
    PALETTES,
    STYLES,
    SUBJECTS,
    WALL_COLORS,
)

VOCABULARY = {
    "subject": SUBJECTS,
    "style": STYLES,
    "palette": PALETTES,
    "wall_color": WALL_COLORS,
    "floor": FLOORS,
    "lighting": LIGHTINGS,
    "object": OBJECTS,
}


def test_every_value_of_the_vocabulary_has_an_entry():
    assert {kind: tuple(entries) for kind, entries in LEXICON.items()} == VOCABULARY


@pytest.mark.parametrize(("kind", "least"), [("subject", 40), ("style", 40), ("palette", 40)])
def test_values_of_paintings_have_many_phrases(kind, least):
    assert all(len(phrases(kind, value)) >= least for value in VOCABULARY[kind])


@pytest.mark.parametrize("kind", ["wall_color", "floor", "lighting", "object"])
def test_values_of_rooms_have_a_dozen_phrases(kind):
    assert all(len(phrases(kind, value)) >= 12 for value in VOCABULARY[kind])


@pytest.mark.parametrize("kind", VOCABULARY)
def test_no_phrase_belongs_to_two_values_of_a_kind(kind):
    owners = defaultdict(set)
    for value in VOCABULARY[kind]:
        for phrase in phrases(kind, value):
            owners[without_article(phrase).lower()].add(value)

    assert {p: values for p, values in owners.items() if len(values) > 1} == {}


def test_phrases_hold_no_full_stop_so_that_sentences_stay_whole():
    every = [p for kind in VOCABULARY for value in VOCABULARY[kind] for p in phrases(kind, value)]

    assert not [phrase for phrase in every if "." in phrase or phrase != phrase.strip()]


def test_small_helpers_of_english():
    assert article("orange sea") == "an orange sea"
    assert article("ukiyo-e print") == "a ukiyo-e print"
    assert without_article("the sea") == "sea"
    assert without_article("a") == "a"
    assert joined(["a bench"]) == "a bench"
    assert joined(["red walls", "parquet", "a bench"]) == "red walls, parquet and a bench"
