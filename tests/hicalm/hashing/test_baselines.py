import numpy as np
import pytest

from hicalm.geometry import unit
from hicalm.hashing.baselines import (
    Centring,
    Coder,
    ProductQuantiser,
    iterative_quantisation,
    random_hyperplanes,
)
from tests.hicalm.hashing.test_head_training import planted_pairs


def coders(vectors: np.ndarray) -> list[Coder]:
    return [
        random_hyperplanes(vectors.shape[1], 16, 1),
        iterative_quantisation(vectors, 16, 1),
        ProductQuantiser(vectors, 16, 1),
    ]


@pytest.mark.parametrize("number", range(3))
def test_neighbours_are_nearer_than_others_and_equal_seeds_give_equal_codes(number: int):
    rng = np.random.default_rng(0)
    centres = unit(rng.standard_normal((4, 32)))
    vectors = unit(np.repeat(centres, 100, axis=0) + 0.02 * rng.standard_normal((400, 32)))
    coder, again = (coders(vectors)[number] for _ in range(2))
    codes = coder.encode(vectors)
    assert codes.shape == (400, 2) and codes.dtype == np.uint8
    assert (codes == again.encode(vectors)).all()
    distances = coder.distances(codes, codes)
    same = np.repeat(np.arange(4), 100)
    same = same[:, None] == same
    assert distances[same].mean() < distances[~same].mean()


def test_pictures_and_texts_are_centred_apart():
    pairs = planted_pairs()
    centring = Centring(pairs)
    np.testing.assert_allclose(np.linalg.norm(centring.texts(pairs), axis=1), 1, rtol=1e-5)
    moved = type(pairs)(pairs.images, pairs.texts + 1, pairs.words, pairs.labels, pairs.names)
    np.testing.assert_allclose(Centring(moved).texts(moved), centring.texts(pairs), atol=1e-5)
