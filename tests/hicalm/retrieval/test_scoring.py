"""The score and its levels, by hand on tiny vectors."""

import json
from pathlib import Path

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.models.score_weights import MUSEUM_ONLY, LevelWeights
from hicalm.retrieval.index import MuseumIndex, build_index
from hicalm.retrieval.scoring import QueryVectors, encode_queries, level_cosines, level_parts, score
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
# Query 0: one paragraph of one sentence; query 1: two paragraphs, the second of two sentences.
QUERIES = QueryVectors(
    museum=rows(EAST, STEEP),
    paragraph=rows(EAST, NORTH, WEST),
    sentence=rows(EAST, NORTH, WEST, WEST),
    paragraph_counts=np.array([1, 2]),
    sentence_counts=np.array([1, 3]),
)
COSINES = [
    [[1.0, 0.6, 1.0], [0.0, 0.0, 0.6]],
    # museum 0: rooms (0.8 - 0.6) / 2, views (0 - 1 - 1) / 3; museum 1: rooms 1, views 1
    [[0.6, 0.1, -2 / 3], [0.8, 1.0, 1.0]],
]


def test_the_three_cosines_by_hand() -> None:
    np.testing.assert_allclose(level_cosines(QUERIES, INDEX), COSINES, atol=1e-6)


def test_parts_add_up_to_the_score() -> None:
    cosines = level_cosines(QUERIES, INDEX)
    weights = np.array([0.2, 0.5, 0.3], np.float32)
    np.testing.assert_allclose(score(cosines, weights)[0], [0.2 + 0.3 + 0.3, 0.18], atol=1e-6)
    parts = level_parts(cosines, weights)
    np.testing.assert_allclose(parts.sum(-1), score(cosines, weights), atol=1e-6)


def test_museum_only_is_the_museum_cosine() -> None:
    for size in ((1, 1), (1, 4), (3, 9)):
        scores = score(level_cosines(QUERIES, INDEX), MUSEUM_ONLY.of(*size))
        np.testing.assert_allclose(scores, QUERIES.museum @ INDEX.museum.T)


def test_weights_follow_the_length_of_the_query() -> None:
    weights = LevelWeights((1, 0, 0), (0, 1, 0), (0, 0, 1))
    assert weights.of(1, 1).tolist() == [1, 0, 0]
    assert weights.of(1, 2).tolist() == [0, 1, 0]
    assert weights.of(2, 2).tolist() == [0, 0, 1]


def test_weights_survive_saving(tmp_path: Path) -> None:
    assert LevelWeights.load(tmp_path) == LevelWeights()
    weights = LevelWeights((0.05, 0.95, 0.0), (0.1, 0.2, 0.7), (1.0, 0.0, 0.0))
    weights.save(tmp_path)
    assert LevelWeights.load(tmp_path) == weights


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        json.dumps({"phrase": [1, 2], "paragraph": [1, 2, 3], "description": [1, 2, 3]}),
        json.dumps({"phrase": 1, "paragraph": [1, 2, 3], "description": [1, 2, 3]}),
        json.dumps({"phrase": ["a"] * 3, "paragraph": [1, 2, 3], "description": [1, 2, 3]}),
        '{"phrase": [NaN, 0, 1], "paragraph": [1, 2, 3], "description": [1, 2, 3]}',
    ],
)
def test_broken_weights_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "scoring.json").write_text(text)
    with pytest.raises(HicalmError, match="weights"):
        LevelWeights.load(tmp_path)


def random_museums() -> tuple[list[list[np.ndarray]], np.random.Generator]:
    """Return museums of 3, 1 and 2 rooms, each a list of view features (V, DIM)."""
    rng = np.random.default_rng(0)
    counts = ([2, 1, 4], [1], [3, 3])
    return [
        [rng.standard_normal((views, DIM)).astype(np.float32) for views in rooms]
        for rooms in counts
    ], rng


def scores_of(museums: list[list[np.ndarray]], queries: QueryVectors) -> np.ndarray:
    views = np.concatenate([room for museum in museums for room in museum])
    view_counts = np.array([len(room) for museum in museums for room in museum])
    room_counts = np.array([len(museum) for museum in museums])
    index = build_index(random_model(), views, view_counts, room_counts)
    return level_cosines(queries, index)


def test_permuting_museums_permutes_scores_and_each_scores_as_alone() -> None:
    museums, rng = random_museums()
    sentences = rng.standard_normal((4, DIM)).astype(np.float32)
    model = random_model()
    queries = encode_queries(model, sentences, np.array([1, 2, 1]), np.array([1, 2]))
    cosines = scores_of(museums, queries)
    assert cosines.shape == (2, 3, 3)
    order = [2, 0, 1]
    permuted = scores_of([museums[row] for row in order], queries)
    np.testing.assert_allclose(permuted, cosines[:, order], atol=1e-6)
    np.testing.assert_allclose(scores_of(museums[1:2], queries), cosines[:, 1:2], atol=1e-6)


def test_queries_of_a_batch_are_encoded_as_alone() -> None:
    rng = np.random.default_rng(1)
    sentences, model = rng.standard_normal((5, DIM)).astype(np.float32), random_model()
    both = encode_queries(model, sentences, np.array([2, 1, 2]), np.array([1, 2]))
    single = encode_queries(model, sentences[2:], np.array([1, 2]), np.array([2]))
    np.testing.assert_allclose(both.museum[1:], single.museum, atol=1e-6)
    np.testing.assert_allclose(both.paragraph[1:], single.paragraph, atol=1e-6)
    np.testing.assert_allclose(both.sentence[2:], single.sentence, atol=1e-6)
    assert both.sentence_counts.tolist() == [2, 3]


def test_an_introduction_counts_for_the_museum_and_its_sentences_only() -> None:
    rng = np.random.default_rng(2)
    sentences = rng.standard_normal((3, DIM)).astype(np.float32)
    introduction = np.array([True, False])
    queries = encode_queries(
        random_model(), sentences, np.array([1, 2]), np.array([2]), introduction
    )
    assert queries.paragraph.shape[0] == 1
    assert queries.paragraph_counts.tolist() == [1]
    assert queries.sentence_counts.tolist() == [3]
