"""Options of training."""

import pytest

from hicalm.errors import HicalmError
from hicalm.training.train_config import TrainConfig


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 1}, "at least 2, not 1"),
        ({"full": 0.9}, "must add up to 1"),
        ({"loss": "triplet"}, "choose one of infonce, hinge"),
        ({"learning_rate": 0.0}, "above 0"),
        ({"shuffle": 2.0}, "shuffle must be at most 1, not 2.0"),
        ({"speed": 1}, "Unknown option 'speed' in TrainConfig"),
    ],
)
def test_bad_options_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(HicalmError, match=message):
        TrainConfig.preset("explorer", **changes)
