"""The index of museums, rooms and views."""

import numpy as np

from hicalm.retrieval.index import MuseumIndex, build_index
from tests.hicalm.collections import DIM, random_model

# Directions of the plane by hand: 3/5 and 4/5 make exact cosines.
EAST, NORTH, WEST, STEEP = (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.6, 0.8)


def rows(*vectors: tuple[float, float]) -> np.ndarray:
    return np.array(vectors, np.float32)


# Museum 0 has one room of one view; museum 1 has two rooms of one and two views.
INDEX = MuseumIndex(
    museum=rows(EAST, NORTH),
    room=rows(STEEP, WEST, NORTH),
    view=rows(EAST, WEST, STEEP, NORTH),
    room_counts=np.array([1, 2]),
    view_counts=np.array([1, 1, 2]),
)


def test_rooms_and_views_of_the_index() -> None:
    assert INDEX.room_starts.tolist() == [0, 1]
    assert INDEX.view_starts.tolist() == [0, 1]
    assert INDEX.room_view_starts.tolist() == [0, 1, 2]
    assert (INDEX.rooms_of(1), INDEX.views_of(2)) == (slice(1, 3), slice(2, 4))


def test_many_museums_are_embedded_as_a_few() -> None:
    rng = np.random.default_rng(4)
    views = rng.standard_normal((150, DIM)).astype(np.float32)
    ones, model = np.ones(150, np.int64), random_model()
    whole = build_index(model, views, ones, ones)
    part = build_index(model, views[100:], ones[100:], ones[100:])
    np.testing.assert_allclose(whole.museum[100:], part.museum, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(whole.view, axis=1), 1, atol=1e-5)
