"""Training texts of the text encoder: varied, and labelled with what they mention."""

import re

import numpy as np
import pytest

from hicalm.encoders.attributes import KINDS, attribute_columns
from hicalm.encoders.recipe.labelled_texts import LabelledText, draw_text
from hicalm.world.vocabulary import NON_FIGURATIVE_STYLES

TEXTS = 3000


@pytest.fixture(scope="module")
def texts() -> list[LabelledText]:
    rng = np.random.default_rng(0)
    return [draw_text(rng) for _ in range(TEXTS)]


def pairs(text: LabelledText) -> list[tuple[str, str]]:
    names = list(attribute_columns())
    return [names[column] for column in text.columns]


def test_the_same_seed_draws_the_same_texts(texts: list[LabelledText]) -> None:
    rng = np.random.default_rng(0)
    assert [draw_text(rng) for _ in range(50)] == texts[:50]


def test_every_attribute_is_mentioned_and_texts_vary(texts: list[LabelledText]) -> None:
    assert {column for text in texts for column in text.columns} == set(
        range(len(attribute_columns()))
    )
    assert len({text.text for text in texts}) > 0.7 * TEXTS


def test_texts_are_finished(texts: list[LabelledText]) -> None:
    for text in texts:
        assert text.text.strip() == text.text != ""
        assert not set("{}") & set(text.text)
        assert "  " not in text.text
        assert text.columns


def test_labels_of_a_text_agree_with_each_other(texts: list[LabelledText]) -> None:
    for text in texts:
        mentioned = pairs(text)
        kinds = [kind for kind, _ in mentioned]
        assert len(set(kinds)) == len(kinds), text
        values = dict(mentioned)
        if values.get("style") in NON_FIGURATIVE_STYLES:
            assert "subject" not in values, text


def test_wall_colours_named_in_words_are_labelled(texts: list[LabelledText]) -> None:
    for text in texts:
        for colour in KINDS["wall_color"]:
            if re.search(rf"(?<![\w-]){colour} walls", text.text.lower()):
                assert ("wall_color", colour) in pairs(text), text
