"""Captions and queries: variety, determinism, and the caller's mistakes."""

import numpy as np
import pytest

from hicalm.world.captions import attribute_phrase, pair_phrase, room_look_caption, room_query
from hicalm.world.lexicon import LEXICON, phrases
from hicalm.world.specification import make_museum

ROOM = make_museum(7, 3, "train")["rooms"][0]


def generator():
    return np.random.default_rng(5)


@pytest.mark.parametrize(
    "caption",
    [
        lambda rng: room_look_caption(ROOM, rng),
        lambda rng: room_query(ROOM, rng),
        lambda rng: pair_phrase({"subject": "horse", "palette": "greens"}, rng),
    ],
)
def test_captions_are_varied_filled_in_and_repeatable(caption):
    rng, again = generator(), generator()
    texts = [caption(rng) for _ in range(200)]

    assert texts == [caption(again) for _ in range(200)]
    assert len(set(texts)) > 50
    assert all(text and "{" not in text and text == text.strip() for text in texts)


@pytest.mark.parametrize("kind", LEXICON)
def test_phrases_of_an_attribute_contain_one_of_its_words(kind):
    rng = generator()
    for value in LEXICON[kind]:
        words = {word.lower() for phrase in phrases(kind, value) for word in phrase.split()}
        for _ in range(20):
            text = attribute_phrase(kind, value, rng).lower()
            assert any(word in text for word in words)


def test_a_look_caption_can_be_limited_to_what_is_in_the_picture():
    rng = generator()
    texts = [room_look_caption(ROOM, rng, ("wall_color",)).lower() for _ in range(50)]

    assert all("wall" in text or "white cube" in text for text in texts)


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError):
        attribute_phrase("ceiling", "white", generator())
