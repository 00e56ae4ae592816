"""Descriptions: openings, sentences, length, and determinism."""

import re
from itertools import pairwise

import pytest

from hicalm.world.describe import describe
from hicalm.world.specification import make_world
from hicalm.world.wording import NUMBERS, ORDINALS


@pytest.fixture(scope="module")
def described():
    world = make_world(7, train=60, validation=0, test=20)
    return [(museum, describe(museum, 7)) for museum in world]


def sentences_of(texts):
    return [*texts.introduction, *(sentence for room in texts.rooms for sentence in room)]


def test_there_is_one_paragraph_per_room(described):
    for museum, texts in described:
        assert len(texts.rooms) == len(museum["rooms"])


def test_the_introduction_is_short_and_counts_the_rooms(described):
    for museum, texts in described:
        assert 1 <= len(texts.introduction) <= 2
        assert NUMBERS[len(museum["rooms"])] in texts.introduction[0].lower()


def test_rooms_open_with_their_ordinal_and_the_number_of_paintings(described):
    for museum, texts in described:
        for number, (room, sentences) in enumerate(zip(museum["rooms"], texts.rooms, strict=True)):
            count = NUMBERS[len(room["paintings"])]
            assert re.match(r"^In the \w+ room, there are", sentences[0])
            start = f"In the {ORDINALS[number]} room, there are {count} paintings"
            assert sentences[0].startswith(start)


def test_sentences_end_with_the_only_full_stop_they_hold(described):
    for _, texts in described:
        for sentence in sentences_of(texts):
            assert sentence.endswith(".")
            assert sentence.count(".") == 1
            assert "{" not in sentence
            assert "  " not in sentence


def test_sentences_begin_with_a_capital_or_a_title(described):
    for _, texts in described:
        assert all(s[0].isupper() or s[0] == '"' for s in sentences_of(texts))


def test_the_article_fits_the_next_word(described):
    for _, texts in described:
        for sentence in sentences_of(texts):
            for word, following in pairwise(re.findall(r"[\w'-]+", sentence)):
                if word == "a":
                    assert following[0].lower() not in "aeio", sentence


def test_descriptions_are_long(described):
    counts = [len(sentences_of(texts)) for _, texts in described]

    assert sum(counts) / len(counts) == pytest.approx(65, abs=8)


def test_a_description_is_a_function_of_museum_and_seed(described):
    museum, texts = described[0]

    assert describe(museum, 7) == texts
    assert describe(museum, 8) != texts
