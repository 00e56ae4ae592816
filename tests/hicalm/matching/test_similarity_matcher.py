"""Cosines against a background: the marks, hubs, and what is not wanted."""

import numpy as np
import pytest

from hicalm.geometry import unit
from hicalm.matching.similarity_matcher import Background, SimilarityMatcher


def directions(seed: int, count: int, width: int = 16) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal((count, width)))


def test_the_marks_say_how_often_the_background_comes_so_far() -> None:
    sentences, rooms = directions(0, 201), directions(1, 30)
    background = Background.of(sentences, rooms)
    best = background.probability(sentences @ rooms.T).max(axis=1)
    assert np.sort(best)[100] == pytest.approx(0.05)  # the median of 201
    assert np.sort(best)[190] == pytest.approx(0.5)  # ten of 201 are above
    assert (best > 0.5).sum() == 10


def test_marks_by_hand() -> None:
    background = Background(np.array([0.1, 0.3]), np.array([0.1, 0.2]), middle=1.0, high=3.0)
    # z = 3 in both rooms, then 1, then 2: half way between the logits of .05 and .5.
    cosines = np.array([[0.4, 0.9], [0.2, 0.5], [0.3, 0.7]])
    half = 1 / (1 + 19**0.5)
    expected = np.array([[0.5, 0.5], [0.05, 0.05], [half, half]])
    assert background.probability(cosines) == pytest.approx(expected)


def test_mean_and_deviation_are_those_of_each_room() -> None:
    sentences, rooms = directions(2, 50), directions(3, 4)
    background = Background.of(sentences, rooms)
    for room in range(4):
        cosines = [float(sentence @ rooms[room]) for sentence in sentences]
        assert background.mean[room] == pytest.approx(np.mean(cosines))
        assert background.deviation[room] == pytest.approx(np.std(cosines))


def test_hubs_do_not_win() -> None:
    # Whatever is said is near to room 0, which lies where all sentences point.
    hub = np.eye(16)[0]
    sentences = unit(hub + 0.8 * directions(4, 100))
    rooms = np.concatenate([[hub], directions(5, 9)])
    wanted = unit((1.1 * hub + rooms[3])[None])[0]
    cosines = rooms @ wanted
    assert cosines.argmax() == 0
    found = SimilarityMatcher(Background.of(sentences, rooms), rooms).match(wanted, [])
    assert found.share.argmax() == 3
    assert found.share[0] < 0.05


def test_nearer_is_never_less_probable() -> None:
    background = Background.of(directions(6, 60), directions(7, 5))
    cosines = np.linspace(-1, 1, 201)[:, None].repeat(5, axis=1)
    found = background.probability(cosines)
    assert (np.diff(found, axis=0) >= 0).all() and (np.ptp(found, axis=0) > 0.99).all()
    assert found.min() >= 0 and found.max() <= 1


def test_without_others() -> None:
    rooms = directions(8, 6)
    background = Background.of(directions(9, 80), rooms)
    matcher = SimilarityMatcher(background, rooms)
    a, b, c = (rooms[0], rooms[1], unit((rooms[0] + rooms[2])[None])[0])
    p = [background.probability(rooms @ one) for one in (a, b, c)]
    found = matcher.match(a, [b, c])
    assert found.share == pytest.approx(p[0] * (1 - p[1]) * (1 - p[2]))
    assert np.array_equal(found.share, found.presence)
    assert matcher.match(a, [a]).share.max() <= 0.25  # p (1 - p)


@pytest.mark.parametrize("count", [1, 3])
def test_a_background_that_says_one_thing_gives_finite_probabilities(count: int) -> None:
    rooms = directions(10, 4)
    background = Background.of(np.repeat(directions(11, 1), count, axis=0), rooms)
    assert background.high > background.middle
    with np.errstate(all="raise"):
        found = background.probability(np.array([-1.0, 0, 0.5, 1.0]))
    assert np.isfinite(found).all() and 0 <= found.min() <= found.max() <= 1
