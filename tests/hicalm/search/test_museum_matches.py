"""What is said of a museum found: by hand, in the second of two museums.

The query points along the first axis, where its rooms and views are

    room    cosine    views
    1       .6        .8, 0
    2       .8        0, .6
"""

from dataclasses import replace

import numpy as np
import pytest

from hicalm.data.collection import Collection, Features
from hicalm.reading.query_plan import Phrase
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.query import Query
from hicalm.retrieval.results import MuseumMatch, PartAnswer, RoomMatch
from hicalm.retrieval.scoring import QueryVectors
from hicalm.search.museum_matches import museum_match
from hicalm.search.pipeline import Ranked
from tests.hicalm.collections import make_museum, ragged_collection

VIEWS = ((1,), (2, 2))
ONE = np.ones(1, int)


def along(*cosines: float) -> np.ndarray:
    """Return unit vectors (N, 2) that have these cosines with the first axis."""
    first = np.array(cosines, np.float32)
    return np.stack([first, np.sqrt(1 - first**2)], axis=1)


INDEX = MuseumIndex(
    along(0, 0), along(0, 0.6, 0.8), along(1, 0.8, 0, 0, 0.6), np.array([1, 2]), np.array([1, 2, 2])
)
QUERY = Query(
    "horses",
    (("horses",),),
    QueryVectors(along(1), along(1), along(1), ONE, ONE),
    np.ones(3, np.float32),
    np.zeros((1, 8), np.float32),
    Phrase(text="horses"),
)
FOUND = Ranked(np.array([1, 0]), ("room", "words"), np.array([[0.5, 0.25], [0.5, np.nan]]))


class Answers:
    """Plans of which it is known how museums answer them."""

    def __init__(self, *answers: PartAnswer) -> None:
        self.found = answers

    def answers(self, query: Query, row: int, own: MuseumIndex) -> tuple[PartAnswer, ...]:
        assert row == 1 and own.view_counts.tolist() == [2, 2]
        return self.found

    def fit(self, query: Query, row: int) -> float:
        return (0.25, 0.75)[row]


@pytest.fixture(scope="module")
def collection() -> Collection:
    museums = tuple(make_museum(number, views) for number, views in enumerate(VIEWS))
    return replace(ragged_collection(), museums=museums, features=Features({}, {}))


def matched(collection: Collection, *answers: PartAnswer, query: Query = QUERY) -> MuseumMatch:
    plans = Answers(*answers)
    return museum_match(collection, INDEX, plans, query, FOUND, 0)  # type: ignore[arg-type]


def answer(op: str, rooms: tuple[int, ...], views: tuple[int, ...]) -> PartAnswer:
    return PartAnswer("horses", op, rooms, 0.5, True, views)


def test_everything_is_said_of_the_museum_at_a_place(collection: Collection) -> None:
    phrase = answer("phrase", (0,), (0,))
    match = matched(collection, phrase)
    assert (match.museum_id, match.title) == ("m-1", "Musée «1»")
    assert match.score == 0.75 and match.levels == {"room": 0.5, "words": 0.25}
    assert match.fit == 0.75 and match.answers == (phrase,)
    first, second = match.rooms
    assert (first.index, first.best_view, second.index, second.best_view) == (0, 0, 1, 1)
    assert [first.similarity, *first.views] == pytest.approx([0.6, 0.8, 0])
    assert [second.similarity, *second.views] == pytest.approx([0.8, 0, 0.6])
    assert isinstance(first, RoomMatch)


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ([answer("phrase", (0,), (1,))], (0, 1)),  # not the most similar room, nor its best view
        ([answer("count", (1, 0), (0, 1))], (1, 0)),
        # What is not wanted, and what is about no room, are not shown.
        ([answer("not", (0,), (1,)), answer("phrase", (0,), (0,))], (0, 0)),
        ([answer("rooms", (), ()), answer("phrase", (0,), (0,))], (0, 0)),
        # Nothing else: the most similar room, by its best view.
        ([answer("not", (0,), (1,))], (1, 1)),
        ([answer("rooms", (), ())], (1, 1)),
        ([], (1, 1)),
    ],
)
def test_the_room_that_answers_first_is_shown(
    collection: Collection, answers: list[PartAnswer], shown: tuple[int, int]
) -> None:
    match = matched(collection, *answers)
    assert (match.best_room, match.best_view) == shown


def test_a_picture_has_no_fit(collection: Collection) -> None:
    assert matched(collection, query=replace(QUERY, plan=None)).fit is None
