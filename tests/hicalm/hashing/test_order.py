"""Codes that keep HiCALM's order."""

import numpy as np

from hicalm.data.collection import Fingerprint
from hicalm.hashing.order import OrderSettings, train_order
from tests.hicalm.hashing.clustered import DIM, clustered_index, unit_rows


def test_equal_seeds_give_equal_codes() -> None:
    index, texts = (
        clustered_index(60, 1),
        unit_rows(np.random.default_rng(2).standard_normal((50, DIM))),
    )
    settings = OrderSettings(steps=3, hidden=16)
    one, other = (
        train_order(index, texts, Fingerprint("tiny", "f00d", DIM), 16, settings, progress=False)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one.image_codes(index.view), other.image_codes(index.view))
    np.testing.assert_array_equal(one.text_codes(texts), other.text_codes(texts))
