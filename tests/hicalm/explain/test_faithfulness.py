"""Deletion and insertion curves on games whose right order is known."""

from pathlib import Path

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.explain.faithfulness import (
    CURVES,
    ORDERS,
    _curve_areas,
    faithfulness,
    faithfulness_table,
    gradient_times_input,
)
from hicalm.models.checkpoints import load_model
from hicalm.models.score_weights import LevelWeights
from hicalm.search.searcher import Searcher
from tests.hicalm.collections import FakeEncoder, encoded_world, random_model
from tests.hicalm.explain.test_museum_game import make_game, random_query
from tests.hicalm.stages import save_stages


class AdditiveGame:
    """Every view is worth something of its own."""

    def values(self, present: np.ndarray) -> np.ndarray:
        return present @ np.array([4.0, 2.0, 0.0])


def test_areas_of_a_game_that_is_known():
    # Deletion: 6, 2, 0, 0 -> trapezoids 4, 1, 0; insertion: 0, 4, 6, 6 -> 2, 5, 6.
    deletion, insertion = _curve_areas(AdditiveGame().values, np.array([3.0, 2.0, 1.0]))
    assert (deletion, insertion) == pytest.approx((5 / 3, 13 / 3))
    worst_deletion, worst_insertion = _curve_areas(AdditiveGame().values, np.array([1.0, 2.0, 3.0]))
    assert worst_deletion > deletion and worst_insertion < insertion


def test_views_of_equal_importance_go_together():
    # Deletion of two steps: 6, 0, 0 -> 3, 0.
    assert _curve_areas(AdditiveGame().values, np.array([1.0, 1.0, 0.0]))[0] == pytest.approx(1.5)


def test_the_gradient_says_how_the_score_changes():
    game, query = make_game(), random_query()
    gradient = gradient_times_input(game, query)
    step = 1e-3  # of every view's own features, one view after the other
    for view in range(6):
        scores = []
        for sign in (-1, 1):
            features = game.features.copy()
            features[view] *= 1 + sign * step
            changed = type(game)(game.model, features, game.view_counts, query)
            scores.append(changed.values(np.ones((1, 6), bool)).sum())
        assert gradient[view] == pytest.approx((scores[1] - scores[0]) / (2 * step), abs=2e-3)


def test_the_metrics_of_a_small_world():
    searcher = Searcher(encoded_world(), random_model(), FakeEncoder(), None, LevelWeights())
    texts = ["cubist boats"]
    metrics = faithfulness(searcher, texts, museums=2)
    assert metrics["cases"] == {"phrase": 5, "paragraph": 2, "description": 2}
    for length in metrics["cases"]:
        for curve in CURVES:
            assert list(metrics["areas"][length][curve]) == list(ORDERS)
            mean, low, high = metrics["areas"][length][curve]["contribution"]
            assert low <= mean <= high
            assert metrics["lead"][length][curve]["contribution"] == [0, 0, 0]
            own, other = (metrics["areas"][length][curve][o][0] for o in ("contribution", "random"))
            lead = (other - own) if "deletion" in curve else (own - other)
            assert metrics["lead"][length][curve]["random"][0] == pytest.approx(lead, abs=2e-5)
    rows = faithfulness_table(metrics).splitlines()
    assert len(rows) == 2 + 3 * len(CURVES) and all("**" in row for row in rows[2:])


def test_the_whole_score_is_taken_away_where_words_are_read(tmp_path: Path) -> None:
    checkpoint = save_stages(tmp_path, weight=2.0)
    searcher = Searcher(
        encoded_world(), load_model(checkpoint), FakeEncoder(), None, LevelWeights(), checkpoint
    )
    query = searcher.read("cubist boats")
    match = searcher.rank(query, top=1).matches[0]
    game = searcher.game(query, match.museum_id)
    count = len(game.levels.features)
    ends = game.values(np.array([np.ones(count), np.zeros(count)], bool))
    assert list(game.further) == ["words"] and ends == pytest.approx([match.score, 0], abs=1e-5)
    rooms, views = game.contributions()
    assert rooms.sum() == pytest.approx(match.score, abs=1e-5) == views.sum()
    areas = faithfulness(searcher, ["cubist boats"], museums=1)["areas"]["phrase"]
    assert areas["view deletion"]["contribution"][0] < areas["view deletion"]["random"][0]
    assert areas["view insertion"]["contribution"][0] > 1  # the levels alone stay below 1


def test_no_museum_and_no_query_are_refused():
    with pytest.raises(HicalmError, match="at least one museum, not 0"):
        faithfulness(None, [], 0)
    with pytest.raises(HicalmError, match="no paraphrased test queries"):
        faithfulness(None, [], 1)
