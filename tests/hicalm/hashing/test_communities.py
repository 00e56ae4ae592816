import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.hashing import communities
from tests.hicalm.hashing.tiny import matrix

PATH = matrix((0, 1), (1, 4), (3, 4))  # 0 - 1 - 4 - 3, and 2 alone
POINTS = np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 1.0], [10.0, 0.0], [8.0, 0.0]])


def groups(labels: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


def test_a_path_falls_into_two_communities():
    assert groups(communities.communities(PATH, seed=1)) == {(0, 1), (3, 4), (2,)}


def test_a_finer_resolution_takes_communities_apart():
    found = communities.communities(PATH, seed=1, resolution=5.0)
    assert len(groups(found)) == 5


def test_one_direction_makes_an_edge():
    one_way = np.triu(PATH)
    assert groups(communities.communities(one_way, seed=1)) == {(0, 1), (3, 4), (2,)}


def test_edges_of_large_graphs_are_those_of_the_matrix():
    planted = np.repeat(np.arange(4), 30)
    rng = np.random.default_rng(0)
    alike = np.where(planted[:, None] == planted, 0.5, 0.03) > rng.random((120, 120))
    found = communities.communities(alike, seed=1)
    assert groups(found) == groups(planted)
    assert (communities.communities(alike, seed=1) == found).all()


def test_centres_are_centroids_and_midpoints():
    found = communities.centres(POINTS, np.array([0, 0, 2, 1, 1]))
    assert found.tolist() == [[1, 0], [9, 0], [5, 0]]  # nothing of the lone item 2


def test_lone_communities_are_centres_where_there_are_no_others():
    found = communities.centres(POINTS[:2], np.array([1, 0]))
    assert found.tolist() == [[2, 0], [0, 0], [1, 0]]


@pytest.mark.parametrize("block", [1, 7, 1 << 25])
def test_one_step_puts_points_to_the_nearest_centre(block: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(communities, "BLOCK", block)
    found = communities.same_centre(POINTS, np.array([0, 0, 2, 1, 1]))
    assert (found == matrix((0, 1), (3, 4))).all()  # item 2 goes to the midpoint


def test_lone_communities_may_have_centres_and_centres_may_move():
    labels = np.array([0, 0, 2, 1, 1])
    found = communities.centres(POINTS, labels, lone=True)
    assert found.tolist() == [[1, 0], [9, 0], [4, 1], [5, 0], [2.5, 0.5], [6.5, 0.5]]
    points, labels = np.array([[6.0], [7], [7], [8], [9], [12]]), np.array([0, 0, 0, 1, 1, 1])
    # centres at 6.7, 9.7 and 8.2 take 9 to the second; moved to 6.7, 10.5 and 8, to the third
    before = communities.same_centre(points, labels)
    moved = communities.same_centre(points, labels, moved=True)
    assert before[4].tolist() == [0, 0, 0, 0, 1, 1] and moved[4].tolist() == [0, 0, 0, 1, 1, 0]
    with pytest.raises(HicalmError, match="1,001 communities have a centre"):
        communities.centres(np.zeros((1001, 1)), np.arange(1001), lone=True)


def test_clusters_are_no_more_than_vectors():
    found = communities.cluster(np.array([[0.0, 1], [0, 1.1], [5, 0]]), 2, seed=1)
    assert found[0] == found[1] != found[2]
    assert len(set(communities.cluster(np.eye(3), 32, seed=1))) == 3
    assert len(set(communities.cluster(np.eye(3), 2, seed=1, starts="random"))) == 2
