"""The product as an evaluation sees it is the search."""

import numpy as np
import pytest

from hicalm.evaluation.product import SHOWN, order_metrics
from hicalm.models.score_weights import LevelWeights
from hicalm.search.evaluation_scorer import SearchedProduct
from hicalm.search.searcher import Searcher
from tests.hicalm.collections import FakeEncoder, encoded_world, random_model

TEXTS = (
    "red walls",
    "a room of horses, then a room of birds",
    "no horses",
    "at most 5 rooms of art",
)


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    world = encoded_world(test=14)
    return Searcher(world, random_model(encoder="fake f00d"), FakeEncoder(), None, LevelWeights())


def test_answers_are_those_of_the_search(searcher: Searcher) -> None:
    answers = SearchedProduct(searcher).answers(TEXTS)
    for text, answer in zip(TEXTS, answers, strict=True):
        found = searcher.search(text, SHOWN)
        ids = [searcher.collection.museums[row].id for row in answer.rows]
        assert ids == [match.museum_id for match in found.matches]
        assert answer.shown.tolist() == [match.score for match in found.matches]
        assert answer.scores[answer.rows] == pytest.approx(answer.shown)
        assert answer.found == found.found and answer.fits.max() == found.fit
    assert order_metrics(answers)["rising"] == 0 and order_metrics(answers)["first_agrees"] == 1


def test_museums_that_a_limit_leaves_out_score_below_all_others(searcher: Searcher) -> None:
    counts = searcher.collection.room_counts
    least = int(counts.min())
    query = searcher.read(f"red walls in a museum of {least} rooms")
    assert query.plan is not None
    (answer,) = SearchedProduct(searcher).answers([query.text])
    inside = counts == least
    assert answer.scores[~inside].max() < answer.scores[inside].min()
    assert set(answer.rows) <= set(np.flatnonzero(inside))


def test_a_text_that_is_refused_finds_nothing(searcher: Searcher) -> None:
    (answer,) = SearchedProduct(searcher).answers(["1234 ?!"])
    assert not answer.found and not len(answer.rows) and not len(answer.fits)
    assert np.ptp(answer.scores) == 0 and len(answer.scores) == 14
