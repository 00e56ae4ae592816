"""Hubs: by hand, and a museum near to everything gives way."""

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.retrieval.hubness import hubness, without_hubs

KNOWN = np.array([[0.1, 0.9], [0.5, 0.8], [0.3, 0.7]])


def test_the_nearest_known_texts_count() -> None:
    assert hubness(KNOWN, 1).tolist() == [0.5, 0.9]
    assert hubness(KNOWN, 2) == pytest.approx([0.4, 0.85])
    assert hubness(KNOWN) == pytest.approx([0.3, 0.8])  # no more than there are


def test_a_hub_gives_way() -> None:
    found = without_hubs(np.array([[0.5, 0.6]]), KNOWN)
    assert found == pytest.approx(np.array([[0.35, 0.2]]))


@pytest.mark.parametrize(("known", "nearest"), [(KNOWN[:0], 1), (KNOWN, 0), (KNOWN[0], 1)])
def test_nothing_known_is_refused(known: np.ndarray, nearest: int) -> None:
    with pytest.raises(HicalmError, match="at least one known text"):
        hubness(known, nearest)
