import numpy as np
import pytest

from hicalm.geometry import unit
from hicalm.hashing import similarity
from hicalm.hashing.picture_objects import Objects
from tests.hicalm.hashing.tiny import (
    ALIKE,
    CLUSTERS,
    OBJECTS,
    WORD_COUNTS,
    WORDS,
    matrix,
)


def test_pictures_are_alike_by_their_best_objects_both_ways():
    # from 0 to 1: e1 has itself there, 1; from 1 to 0: e1 has itself, e2 nothing, 0.5
    np.testing.assert_allclose(similarity.image_similarity(OBJECTS), ALIKE)


def test_pooled_objects_count_alike():
    found = similarity.image_similarity(OBJECTS, pooled=True)
    assert found[0, 1] == pytest.approx(2 / 3)  # of three objects two find themselves
    assert found[1, 4] == 1 and (found == found.T).all()


def test_similar_pictures_stand_out_from_the_upper_triangle():
    # rows of length 1: .5145 between 0 and 1, .5657 between 1 and 4; the threshold is .5343
    assert (similarity.similar_images(ALIKE, deviations=1.1) == matrix((1, 4))).all()
    # half a standard deviation above the mean lies at .381
    assert similarity.similar_images(ALIKE, deviations=0.5)[0].tolist() == [1, 1, 0, 0, 1]


def test_words_are_matched_to_the_best_object_of_their_own_picture():
    found = similarity.matched_objects(WORDS, WORD_COUNTS, OBJECTS)
    assert found.tolist() == [0, 1, 2, 4, 7]  # not cut: item 4's e3 is its third object


def test_texts_are_alike_if_any_matched_objects_share_a_cluster():
    matched = similarity.matched_objects(WORDS, WORD_COUNTS, OBJECTS)
    found = similarity.similar_texts(matched, WORD_COUNTS, CLUSTERS)
    expected = matrix((0, 1), (3, 4))
    expected[2, 2] = False  # a text without words is like none
    assert (found == expected).all()


def test_pairs_are_alike_by_picture_or_by_text_and_to_themselves():
    texts = matrix((0, 1), (3, 4), diagonal=False)
    found = similarity.fused(matrix((1, 4)), texts)
    assert (found == matrix((0, 1), (1, 4), (3, 4))).all()


def test_the_target_is_sure_where_both_agree_and_scaled_elsewhere():
    alike = matrix((0, 1), (1, 4), (3, 4))
    same = matrix((0, 1), (3, 4), (0, 4))
    found = similarity.refined(alike, same, ALIKE)
    expected = np.where(matrix((0, 1), (3, 4)), 1.0, -1.0)
    expected[1, 4] = expected[4, 1] = 1.0  # 1 is the largest of its row
    expected[0, 4] = expected[4, 0] = 0.5  # 0.75 between 0 and 1
    np.testing.assert_allclose(found, expected)


def test_a_row_of_equal_values_is_scaled_to_nothing():
    found = similarity.refined(np.eye(2, dtype=bool), np.ones((2, 2), bool), np.ones((2, 2)))
    assert found.tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("block", [1, 50, 1 << 25])
def test_blocks_agree_with_loops(block: int, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(3)
    counts = rng.integers(1, 8, size=13)
    objects = Objects(unit(rng.standard_normal((counts.sum(), 4))), counts)
    parts = np.split(objects.vectors, np.cumsum(counts)[:-1])
    max_objects = counts.max() // 2
    expected = np.empty((13, 13))
    for i, mine in enumerate(parts):
        for j, theirs in enumerate(parts):
            cosines = mine[:max_objects] @ theirs[:max_objects].T
            expected[i, j] = (cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2
    word_counts = rng.integers(0, 4, size=13)
    words = unit(rng.standard_normal((word_counts.sum(), 4)))
    owners = np.repeat(np.arange(13), word_counts)
    best = [objects.first[o] + np.argmax(parts[o] @ w) for o, w in zip(owners, words, strict=True)]
    monkeypatch.setattr(similarity, "BLOCK", block)
    np.testing.assert_allclose(similarity.image_similarity(objects), expected, atol=1e-6)
    assert similarity.matched_objects(words, word_counts, objects).tolist() == best
