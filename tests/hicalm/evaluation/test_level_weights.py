"""Weights of levels, never chosen on the test split."""

from dataclasses import replace

import pytest

from hicalm.errors import HicalmError
from hicalm.evaluation.level_weights import choose_weights
from hicalm.world.relevance import LabelledQuery, Predicate
from tests.hicalm.collections import (
    FakeEncoder,
    encoded_world,
    random_model,
)

LABELLED = [
    LabelledQuery("a room of horses", "validation", Predicate(subject="horse")),
    LabelledQuery("a red room, then a blue room", "validation", Predicate(wall_color="red")),
]


def test_weights_are_chosen_on_validation_museums_only() -> None:
    world = encoded_world(test=0, validation=4)
    weights = choose_weights(random_model(), world, LABELLED, FakeEncoder())
    for triple in (weights.phrase, weights.paragraph, weights.description):
        assert sum(triple) == pytest.approx(1)
        assert min(triple) >= 0
    leaking = replace(world, museums=(replace(world.museums[0], split="test"), *world.museums[1:]))
    with pytest.raises(HicalmError, match="never on the test split"):
        choose_weights(random_model(), leaking, LABELLED, FakeEncoder())
