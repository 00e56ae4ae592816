"""Pictures near to the views of a collection are known; others are not."""

import numpy as np

from hicalm.retrieval.known_pictures import KNOWN_FROM, KnownPictures


def test_nearness_is_the_highest_cosine_of_centred_features() -> None:
    random = np.random.default_rng(0)
    views = (random.standard_normal((50, 8)) + 4).astype(np.float32)
    others = (random.standard_normal((20, 8)) + 4).astype(np.float32)
    centred, own = (rows - views.mean(axis=0) for rows in (views, others))
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    known = KnownPictures(views)
    np.testing.assert_allclose(known.nearness(others), (own @ centred.T).max(axis=1), atol=1e-4)
    np.testing.assert_allclose(known.nearness(views), 1, atol=1e-4)
    near = known.nearness(others)
    assert (known.know(others) == (near >= KNOWN_FROM)).all() and 0 < known.know(others).sum() < 20
