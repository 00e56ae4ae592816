"""The benchmark of a million museums: its rooms are like the real ones, its searches agree."""

import numpy as np
import pytest

from benchmarks.million_shortlist import (
    NEIGHBOURS,
    ROOMS,
    by_cosines,
    code_products,
    deviation,
    exact,
    generate,
)
from hicalm.hashing.codes import pack
from hicalm.retrieval.index import MuseumIndex


@pytest.fixture
def real() -> MuseumIndex:
    random = np.random.default_rng(0)
    places = random.standard_normal((40, 16), np.float32)
    rooms = np.repeat(places, 6, axis=0) + 0.1 * random.standard_normal((240, 16))
    rooms = (rooms / np.linalg.norm(rooms, axis=1, keepdims=True)).astype(np.float32)
    counts = np.array([5, 7] * 20)
    return MuseumIndex(rooms[:40], rooms, rooms, counts, np.ones(240, np.int64))


def test_two_rooms_made_of_one_differ_as_neighbours_do(real: MuseumIndex) -> None:
    apart = ((real.room[:, None] - real.room) ** 2).sum(axis=2)
    neighbours = np.sort(apart, axis=1)[:, 1 : NEIGHBOURS + 1]
    deviate = deviation(real.room)
    np.testing.assert_allclose(2 * (deviate**2).sum(), neighbours.mean(), rtol=1e-4)


def test_rooms_are_drawn_again_by_their_seed(real: MuseumIndex) -> None:
    rooms = generate(real, 3000, seed=0)
    assert rooms.shape == (3000 * ROOMS, 16)
    np.testing.assert_allclose(np.linalg.norm(rooms.astype(np.float32), axis=1), 1, atol=1e-3)
    np.testing.assert_array_equal(generate(real, 3000, seed=0), rooms)
    assert (generate(real, 3000, seed=1) != rooms).any()


def test_all_candidates_give_the_exact_museums(real: MuseumIndex) -> None:
    rooms = generate(real, 500, seed=1)
    texts = real.room[:5]
    found = [by_cosines(text, rooms, np.arange(len(rooms))) for text in texts]
    best = (texts @ rooms.T.astype(np.float32)).reshape(5, 500, ROOMS).max(axis=2)
    np.testing.assert_array_equal(found, np.argsort(-best, axis=1)[:, :10])
    np.testing.assert_array_equal(exact(texts, rooms), found)


def test_looked_up_products_are_those_with_signs() -> None:
    random = np.random.default_rng(2)
    bits, activations = random.random((50, 64)) < 0.5, random.standard_normal(64)
    np.testing.assert_allclose(
        code_products(activations.astype(np.float32), pack(bits)),
        np.where(bits, 1, -1) @ activations, rtol=1e-4, atol=1e-4,
    )  # fmt: skip
