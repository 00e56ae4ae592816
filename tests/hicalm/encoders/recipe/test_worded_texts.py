"""Typed phrases to learn from: labelled with what they mention, in many shapes."""

import numpy as np
import pytest

from hicalm.encoders.attributes import attribute_columns
from hicalm.encoders.recipe.labelled_texts import LabelledText
from hicalm.encoders.recipe.word_lists import Wording, load_background, load_wordings
from hicalm.encoders.recipe.worded_texts import WordedTexts

TEXTS = 2000


@pytest.fixture(scope="module")
def source() -> WordedTexts:
    return WordedTexts(load_wordings(), load_background())


@pytest.fixture(scope="module")
def drawn(source: WordedTexts) -> list[LabelledText]:
    rng = np.random.default_rng(0)
    return [source.draw(rng) for _ in range(TEXTS)]


def test_the_same_seed_draws_the_same_texts(source: WordedTexts, drawn: list[LabelledText]) -> None:
    rng = np.random.default_rng(0)
    assert [source.draw(rng) for _ in range(50)] == drawn[:50]


def test_every_attribute_and_nothing_are_mentioned(drawn: list[LabelledText]) -> None:
    columns = {column for text in drawn for column in text.columns}
    assert columns == set(range(len(attribute_columns())))
    assert 0.1 < np.mean([not text.columns for text in drawn]) < 0.25
    assert len({text.text for text in drawn}) > 0.95 * TEXTS
    assert not any("{" in text.text for text in drawn)


def test_labels_are_those_of_the_words() -> None:
    wordings = [
        Wording("galleons", "subject", "sailing ships", "thing"),
        Wording("Seurat", "style", "pointillist", "artist"),
        Wording("emerald", "palette", "greens", "colour"),
        Wording("slate", "wall_color", "grey", "wall"),
        Wording("oak", "floor", "wood", "floor"),
        Wording("gloomy", "lighting", "dim", "light"),
        Wording("pillars", "object", "column", "furnishing"),
    ]
    source, rng, columns = WordedTexts(wordings, ["zorp"]), np.random.default_rng(0), set()
    for count in (1, 2, 3) * 100:
        text = source.draw_worded(rng, count)
        columns |= set(text.columns)
        mentioned = {
            attribute_columns()[wording.kind, wording.value]
            for wording in wordings
            if wording.text.lower() in text.text.lower()
        }
        assert len(text.columns) == count
        misspelt = set(text.columns) - mentioned
        assert mentioned <= set(text.columns) and len(misspelt) <= 1
        if "slate" in text.text:
            assert "wall" in text.text or "slate-coloured" in text.text
    assert len(columns) == len(wordings)
