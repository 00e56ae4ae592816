"""Phrases read off the probabilities that they mention attributes."""

import numpy as np
import pytest

from hicalm.encoders.attributes import anchors, attribute_columns, kind_slices
from hicalm.matching.phrase_meaning import (
    LEAST_PROBABILITY,
    attribute_names,
    phrase_meaning,
    text_probabilities,
)

COLUMNS = attribute_columns()
HORSE, BIRD = COLUMNS["subject", "horse"], COLUMNS["subject", "bird"]
RED = COLUMNS["wall_color", "red"]
BENCH, PLANT = COLUMNS["object", "bench"], COLUMNS["object", "plant"]


def probabilities(values: dict[int, float]) -> np.ndarray:
    found = np.zeros(len(COLUMNS), np.float32)
    found[list(values)] = list(values.values())
    return found


def test_noise_is_no_meaning() -> None:
    below = np.full(len(COLUMNS), LEAST_PROBABILITY - 1e-3, np.float32)
    assert phrase_meaning(below).asked == ()
    (asked,) = phrase_meaning(probabilities({HORSE: LEAST_PROBABILITY + 1e-3})).asked
    assert (asked.kind, asked.columns.tolist()) == ("subject", [HORSE])


def test_values_of_a_kind_are_alternatives() -> None:
    (asked,) = phrase_meaning(probabilities({HORSE: 0.3, BIRD: 0.3})).asked
    assert sorted(asked.columns) == sorted([HORSE, BIRD])
    assert asked.mix == pytest.approx([0.5, 0.5])
    assert asked.weight == pytest.approx(0.6)


def test_the_mix_follows_how_much_each_is_meant() -> None:
    (asked,) = phrase_meaning(probabilities({HORSE: 0.9, BIRD: 0.6})).asked
    mix = dict(zip(asked.columns.tolist(), asked.mix.tolist(), strict=True))
    assert mix == {HORSE: pytest.approx(0.6), BIRD: pytest.approx(0.4)}
    assert asked.weight == 1.0  # no more than surely


def test_all_objects_have_to_stand_there() -> None:
    asked = phrase_meaning(probabilities({BENCH: 0.8, PLANT: 0.4})).asked
    assert {one.kind for one in asked} == {"object"}
    assert sorted(one.columns.tolist() for one in asked) == sorted([[BENCH], [PLANT]])
    assert [one.mix.tolist() for one in asked] == [[1.0], [1.0]]
    assert {round(one.weight, 3) for one in asked} == {0.8, 0.4}


def test_what_paintings_and_what_rooms_are_to_have() -> None:
    meaning = phrase_meaning(probabilities({HORSE: 1, RED: 1, BENCH: 1}))
    assert [one.kind for one in meaning.of_paintings] == ["subject"]
    assert sorted(one.kind for one in meaning.of_rooms) == ["object", "wall_color"]


def test_texts_mention_the_attribute_whose_anchor_they_are() -> None:
    found = text_probabilities(3 * anchors().numpy()[[HORSE, RED]])
    assert found.dtype == np.float32 and found.shape == (2, len(COLUMNS))
    assert found.argmax(axis=1).tolist() == [HORSE, RED]
    assert found.max() > 0.99 and np.sort(found, axis=1)[:, -2].max() < 0.01


def test_names_stand_in_the_order_of_the_columns() -> None:
    assert [COLUMNS[pair] for pair in attribute_names()] == list(range(len(COLUMNS)))
    assert {kind for kind, _ in attribute_names()} == set(kind_slices())
