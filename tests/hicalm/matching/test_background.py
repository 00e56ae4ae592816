"""The background sentences: enough of them, each once, from all over the list, of no attribute."""

import numpy as np
import pytest

from hicalm.encoders.recipe.word_lists import load_background
from hicalm.matching import background
from hicalm.matching.background import SENTENCES, background_texts, background_vectors
from tests.hicalm.anchored import named
from tests.hicalm.collections import FakeEncoder, random_model


def test_as_many_as_a_percentile_needs_from_all_over_the_list() -> None:
    texts, everything = background_texts(), load_background()
    assert len(texts) == len(set(texts)) == SENTENCES <= len(everything)
    places = [everything.index(text) for text in texts]
    assert places == sorted(places) and places[0] == 0
    assert places[-1] >= len(everything) // 2
    assert texts == background_texts()


def test_vectors_are_those_of_rooms_and_read_once_for_a_model() -> None:
    encoder, model = FakeEncoder(), random_model()
    vectors = background_vectors(model, encoder)
    assert vectors.shape == (SENTENCES, model.config.hidden)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(SENTENCES), abs=1e-5)
    assert background_vectors(model, encoder) is vectors and encoder.texts_encoded == SENTENCES
    assert background_vectors(random_model(), encoder) == pytest.approx(vectors, abs=1e-6)
    assert encoder.texts_encoded == 2 * SENTENCES


def test_they_name_no_attribute() -> None:
    assert [text for text in background_texts() if named(text).any()] == []


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (1, [0]),
        (160, list(range(160))),
        (161, list(range(160))),  # the last one falls off: no other step is even
        (319, list(range(160))),
        (320, list(range(0, 320, 2))),
        (500, list(range(0, 480, 3))),
    ],
)
def test_short_and_long_lists(
    monkeypatch: pytest.MonkeyPatch, there: int, taken: list[int]
) -> None:
    monkeypatch.setattr(background, "load_background", lambda: [str(n) for n in range(there)])
    assert background_texts() == [str(n) for n in taken]
