"""The game of a museum's views: levels, baseline, and the axioms that contributions rest on."""

import numpy as np
import pytest
import torch

from hicalm.errors import HicalmError
from hicalm.explain import museum_game
from hicalm.explain.museum_game import MuseumGame
from hicalm.models.competitors import COMPETITORS
from hicalm.retrieval.index import build_index
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import QueryVectors, level_cosines
from tests.hicalm.collections import DIM, random_model
from tests.hicalm.explain.brute import shares_by_orders

HIDDEN = 16
COUNTS = np.array([2, 3, 1])
ATTENTION = {"text": "attention", "vision": "attention"}
DETAIL = ATTENTION | {"detail": HIDDEN}
WEIGHTS = np.array([0.3, 0.5, 0.2], np.float32)


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def random_query(seed: int = 0, weights: np.ndarray = WEIGHTS) -> Query:
    """Return a query of two paragraphs and three sentences in a random direction."""
    random = np.random.default_rng(seed)
    vectors = [unit(random.standard_normal((rows, HIDDEN))) for rows in (1, 2, 3)]
    return Query(
        "two rooms", (("a", "b"), ("c",)), QueryVectors(*vectors, np.array([2]), np.array([3])),
        weights, np.zeros((3, DIM), np.float32),
    )  # fmt: skip


def random_views(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)


def make_game(counts: np.ndarray = COUNTS, **changes: object) -> MuseumGame:
    return MuseumGame(random_model(HIDDEN, **changes), random_views(counts.sum()), counts,
                      random_query())  # fmt: skip


def value_of(game: MuseumGame) -> object:
    def value(present: frozenset) -> np.ndarray:
        return game.values(np.isin(np.arange(game.view_counts.sum()), list(present))[None])[0]

    return value


@pytest.mark.parametrize("changes", [{}, {"vision": "avg"}, {"kind": "flat"}, ATTENTION, DETAIL])
def test_the_whole_museum_has_the_score_of_the_search(changes):
    model, views, query = random_model(HIDDEN, **changes), random_views(6), random_query()
    game = MuseumGame(model, views, COUNTS, query)
    index = build_index(model, views, COUNTS, np.array([3]))
    parts = level_cosines(query.vectors, index)[0, 0] * WEIGHTS
    assert game.values(np.ones((1, 6), bool))[0] == pytest.approx(parts, abs=1e-6)
    assert game.museum_cosine * WEIGHTS[0] == pytest.approx(parts[0], abs=1e-6)


@pytest.mark.parametrize("vision", COMPETITORS)
def test_an_encoder_without_an_image_level_is_searched_but_not_explained(vision):
    model, views = random_model(HIDDEN, text="attention", vision=vision), random_views(6)
    index = build_index(model, views, COUNTS, np.array([3]))
    assert np.isfinite(level_cosines(random_query().vectors, index)).all()
    with pytest.raises(HicalmError, match=f"'{vision}' .*cannot be computed: choose another model"):
        MuseumGame(model, views, COUNTS, random_query())


def test_a_museum_without_rooms_scores_nothing():
    assert not make_game().values(np.zeros((2, 6), bool)).any()


@pytest.mark.parametrize("changes", [{}, {"kind": "flat"}, ATTENTION])
def test_a_subset_is_the_museum_that_has_only_these_views(changes):
    model, views, query = random_model(HIDDEN, **changes), random_views(6), random_query()
    present = np.array(
        [False, True, True, False, True, False]
    )  # one view, two views, no third room
    game = MuseumGame(model, views, COUNTS, query)
    smaller = MuseumGame(model, views[present], np.array([1, 2]), query)
    whole = smaller.values(np.ones((1, 3), bool))
    assert game.values(present[None]) == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize("changes", [{}, {"vision": "mean"}, {"kind": "flat"}, ATTENTION])
def test_contributions_agree_with_all_orders(changes):
    game = make_game(**changes)
    expected = shares_by_orders(COUNTS.tolist(), value_of(game))
    parts = game.contributions()
    assert parts.view == pytest.approx(expected, abs=1e-6)
    assert parts.room == pytest.approx(np.add.reduceat(expected, [0, 2, 5]), abs=1e-6)
    assert not parts.error.any()


@pytest.mark.parametrize("counts", [[1], [4], [12, 12, 12, 12, 12, 12, 12, 12], [13, 2], [1] * 14])
def test_contributions_add_up_in_museums_of_every_size(counts):
    game = make_game(np.array(counts))
    parts, whole = game.contributions(), game.values(np.ones((1, sum(counts)), bool))[0]
    starts = np.cumsum([0, *counts[:-1]])
    assert parts.room.sum(axis=0) == pytest.approx(whole, abs=1e-6)
    assert np.add.reduceat(parts.view, starts) == pytest.approx(parts.room, abs=1e-6)


def test_what_is_estimated_is_near_the_exact_value(monkeypatch):
    counts = np.array([3, 4, 3])
    exact = make_game(counts).contributions()
    monkeypatch.setattr(museum_game, "BUDGET", 60)
    estimated = make_game(counts).contributions()
    assert not exact.error.any() and estimated.error.any()
    assert np.abs(estimated.view - exact.view).max() < 5 * estimated.error.max()
    assert estimated.room == pytest.approx(exact.room)


def test_identical_rooms_share_equally():
    # The mean over rooms knows no order, so that two equal rooms are really interchangeable.
    views = random_views(6)
    views[3:5] = views[:2]
    model = random_model(HIDDEN, vision="mean")
    parts = MuseumGame(model, views, np.array([2, 1, 2, 1]), random_query()).contributions()
    assert parts.room[0] == pytest.approx(parts.room[2], abs=1e-7)
    assert parts.view[:2] == pytest.approx(parts.view[3:5], abs=1e-7)
    assert parts.room[0] != pytest.approx(parts.room[1])


def test_a_room_that_changes_nothing_gets_nothing():
    model, views = random_model(HIDDEN), random_views(6)
    index = build_index(model, views, COUNTS, np.array([3]))
    null = np.concatenate([index.room[[1]], index.view[2:5]])  # the second room and its views
    null = np.linalg.svd(null, full_matrices=False)[2]
    towards = (index.room[[0, 2]].sum(axis=0) + index.view[[0, 1, 5]].sum(axis=0))[None]
    text = unit(towards - towards @ null.T @ null)  # it is orthogonal to that room
    vectors = QueryVectors(text, text, text, np.ones(1, int), np.ones(1, int))
    weights = np.array([0, 0.6, 0.4], np.float32)
    query = Query("", (("a",),), vectors, weights, np.zeros((1, DIM), np.float32))
    game = MuseumGame(model, views, COUNTS, query)
    assert game.room_cosines[0, [0, 2]].min() > 0 and game.view_cosines[0, [0, 1, 5]].min() > 0
    parts = game.contributions()
    assert parts.room[1] == pytest.approx(0, abs=1e-6)
    assert parts.room[[0, 2]].sum(axis=1).min() > 0.01


def test_levels_without_weight_contribute_nothing():
    game = MuseumGame(random_model(HIDDEN), random_views(6), COUNTS,
                      random_query(weights=np.array([0, 0, 1], np.float32)))  # fmt: skip
    parts = game.contributions()
    assert not parts.room[:, :2].any() and not parts.view[:, :2].any()
    assert parts.view[:, 2].any()


def test_gradients_are_left_alone():
    with torch.enable_grad():
        game = make_game()
        game.contributions()
    assert all(parameter.grad is None for parameter in game.model.parameters())
