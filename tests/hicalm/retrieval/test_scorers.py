"""Scores of queries and museums, by models and by the mean of views."""

import numpy as np

from hicalm.data.collection import (
    Collection,
    Features,
    Fingerprint,
    Museum,
    Room,
)
from hicalm.models.score_weights import MUSEUM_ONLY, LevelWeights
from hicalm.retrieval.queries import Queries, description_queries
from hicalm.retrieval.scorers import ModelScorer, MuseumScorer, clip_mean_scores
from tests.hicalm.collections import (
    encoded_world,
    random_model,
)


def plane_collection() -> Collection:
    """Two museums: one looks east with a long and a short view, one east and north alike."""
    museums = tuple(
        Museum(f"m-{n}", "", "test", ("hello",), (Room("", ("one",), 2),)) for n in range(2)
    )
    view = np.array([[9, 0], [1, 0], [5, 0], [0, 2]], np.float32)
    fingerprints = {"view": Fingerprint("fake", "f00d", 2)}
    return Collection(
        "Plane", "", museums, {"source": "files"}, Features({"view": view}, fingerprints)
    )


def test_clip_mean_is_the_cosine_of_mean_directions() -> None:
    ones = np.ones(2, int)
    queries = Queries(
        np.array([[3, 0], [0, 1], [0, 7]], np.float32),
        np.array([1, 2]),
        ones,
        ones == 0,
        np.arange(2),
    )
    half = np.sqrt(0.5)
    scores = clip_mean_scores(plane_collection(), queries)
    np.testing.assert_allclose(scores, [[1, half], [0, half]], atol=1e-6)


def test_scores_are_weighted_by_the_length_of_each_query() -> None:
    world = encoded_world(test=3)
    scorer = ModelScorer(random_model(), world)
    queries = description_queries(world)["full"]
    cosines = scorer.cosines(queries)
    assert cosines.shape == (3, 3, 3)
    np.testing.assert_allclose(scorer.scores(queries, MUSEUM_ONLY), cosines[..., 0], atol=1e-6)
    view_only = LevelWeights((1, 0, 0), (1, 0, 0), (0, 0, 1))
    np.testing.assert_allclose(scorer.scores(queries, view_only), cosines[..., 2], atol=1e-6)


def test_the_fast_museum_scores_are_those_of_all_levels() -> None:
    world = encoded_world(test=5)
    for changes in ({}, {"vision": "dan"}, {"merge": "max"}, {"kind": "flat"}):
        model = random_model(**changes)
        queries = description_queries(world)
        for name, batch in queries.items():
            expected = ModelScorer(model, world).scores(batch, MUSEUM_ONLY)
            own = MuseumScorer(model, world).scores(batch, whole=name == "full")
            np.testing.assert_allclose(own, expected, atol=2e-6)
