"""What the words of a score are due to, against games counted out and against a room made anew."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from hicalm.explain.shapley import shapley, subsets
from hicalm.hosa import words_game
from hicalm.hosa.model import HosaConfig, HosaModel
from hicalm.hosa.rerank import RoomScorer, Sentences, read_sentences
from hicalm.hosa.words_game import WordsGame
from hicalm.hosa.words_query import WordsQuery
from hicalm.retrieval.query import Query
from tests.hicalm.collections import DIM, FakeEncoder

PARAGRAPHS = (("Blue boats run.", "A storm comes."), ("Horses on a hill.",))
COUNTS = np.array([2, 3, 1])  # views of the rooms of the second of two museums
WEIGHT = 2.0


@pytest.fixture(scope="module")
def scorer() -> RoomScorer:
    torch.manual_seed(1)
    model = HosaModel(HosaConfig(DIM, DIM, DIM, tube=2, gru=False)).eval()
    views = np.random.default_rng(4).standard_normal((10, DIM)).astype(np.float32)
    return RoomScorer(model, views, np.array([4, *COUNTS]), np.array([1, 3]))


def _sentences(scorer: RoomScorer, paragraphs: Sequence[Sequence[str]] = PARAGRAPHS) -> Sentences:
    return read_sentences(scorer.model, paragraphs, FakeEncoder().encode_words)


def _game(scorer: RoomScorer) -> WordsGame:
    return WordsGame(scorer, WEIGHT, 1, _sentences(scorer))


def test_a_subset_of_views_is_a_room_of_just_these(scorer: RoomScorer) -> None:
    views, _ = scorer.museum_views(0)
    present = torch.tensor([[True, False, True, True], [False, True, False, False]])
    nodes = scorer.model.encode_subsets(views, present)
    for row, there in enumerate(present):
        own = scorer.model.encode_regions(views[None, there])
        np.testing.assert_allclose(
            nodes[row].vectors.detach().numpy(), own.vectors.detach().numpy(), atol=1e-5
        )


def test_the_game_is_worth_the_part_of_a_museum_with_only_these_views(scorer: RoomScorer) -> None:
    game, sentences = _game(scorer), _sentences(scorer)
    whole = WEIGHT * (1 + scorer.scores(np.array([1]), sentences))
    assert game.values(np.ones((1, 6), bool)) == pytest.approx(whole, abs=1e-5)
    assert game.values(np.zeros((1, 6), bool)) == [0]
    present = np.array([True, False, False, False, False, True])  # the second room is not there
    views, _ = scorer.museum_views(1)
    small = RoomScorer(scorer.model, views.numpy()[present], np.array([1, 1]), np.array([2]))
    expected = WEIGHT * (1 + small.scores(np.array([0]), sentences))
    assert game.values(present[None]) == pytest.approx(expected, abs=1e-5)


def test_shares_of_rooms_and_views_are_those_counted_out(scorer: RoomScorer) -> None:
    game = _game(scorer)
    rooms, views, error = game.contributions()
    owner = np.repeat(np.arange(3), COUNTS)
    by_rooms = shapley(game.values(subsets(3)[:, owner])[:, None])[:, 0]
    np.testing.assert_allclose(rooms, by_rooms, atol=1e-5)
    np.testing.assert_allclose(np.bincount(owner, views), rooms, atol=1e-5)
    assert not error.any()
    # of the room of three views: its share of the room's game, with every subset of the others
    inside = np.zeros((2, 2, 8, 6), bool)
    inside[..., 2:5] = subsets(3)
    inside[1, :, :, :2], inside[:, 1, :, 5] = True, True
    values = game.values(inside.reshape(-1, 6)).reshape(4, 8)
    weighted = np.array([1 / 3, 1 / 6, 1 / 6, 1 / 3]) @ values
    np.testing.assert_allclose(views[2:5], shapley(weighted[:, None])[:, 0], atol=1e-5)


def test_sampled_views_still_add_up(scorer: RoomScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words_game, "READINGS", 12)
    rooms, views, error = WordsGame(scorer, WEIGHT, 0, _sentences(scorer)).contributions()
    assert views.sum() == pytest.approx(rooms[0], abs=1e-5) and error.max() > 0


def test_the_gradient_says_how_the_part_changes(scorer: RoomScorer) -> None:
    game, step = _game(scorer), 1e-2
    gradient = game.gradient_times_input(np.zeros(DIM + 3, np.float32))
    views, counts = scorer.museum_views(1)
    for view in range(6):
        found = []
        for sign in (-1, 1):
            changed = views.numpy().copy()
            changed[view] *= 1 + sign * step
            other = RoomScorer(scorer.model, changed, counts, np.array([3]))
            found.append(WEIGHT * other.scores(np.array([0]), _sentences(scorer))[0])
        assert gradient[view] == pytest.approx((found[1] - found[0]) / (2 * step), abs=5e-3)


def _query(paragraphs: Sequence[Sequence[str]]) -> Query:
    return Query("", tuple(map(tuple, paragraphs)), None, None, None)  # of words alone


def test_parts_of_the_query_add_up_to_the_part(scorer: RoomScorer) -> None:
    encode, rooms = FakeEncoder().encode_words, scorer.museum_nodes(1)
    for paragraphs in (PARAGRAPHS, (("Boats.",),), (("((( ", "horses in a storm"),)):
        found = WordsQuery(scorer.model, _query(paragraphs), encode).contributions(rooms, WEIGHT)
        scores = scorer.scores(np.array([1]), _sentences(scorer, paragraphs))
        assert found.member.sum() == pytest.approx(WEIGHT * (1 + scores[0]), abs=1e-5)
        assert not found.error.any()


def test_a_part_of_two_is_worth_the_mean_of_what_it_adds(scorer: RoomScorer) -> None:
    encode, rooms = FakeEncoder().encode_words, scorer.museum_nodes(1)
    found = WordsQuery(scorer.model, _query([["horses in storms"]]), encode)
    one, two = found.contributions(rooms, WEIGHT).member[:, 0]

    def worth(text: str) -> float:
        scores = scorer.scores(np.array([1]), _sentences(scorer, [[text]]))
        return float(WEIGHT * (1 + scores[0]))

    whole, horses, storms = map(worth, ("horses in storms", "horses", "in storms"))
    assert one == pytest.approx((horses + whole - storms) / 2, abs=1e-5)
    assert two == pytest.approx((storms + whole - horses) / 2, abs=1e-5)
