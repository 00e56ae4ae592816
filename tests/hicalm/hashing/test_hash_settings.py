"""Settings of the heads that learn codes."""

import pytest

from hicalm.errors import HicalmError
from hicalm.hashing.hash_settings import HashSettings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bits": 24}, "bits must be one of 16, 32, 64, 128, not 24"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"clusters": 0}, "clusters must be at least 1"),
        ({"resolution": 0}, "resolution must be above 0, not 0"),
        ({"rho": 1.5}, "rho must be at most 1, not 1.5"),
    ],
)
def test_settings_that_cannot_be(changes: dict, message: str):
    with pytest.raises(HicalmError, match=message):
        HashSettings(**changes)
