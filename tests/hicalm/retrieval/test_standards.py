"""A level measured against what texts reach: hubs and many views gain nothing."""

import numpy as np

from hicalm.models.known_texts import KnownTexts
from hicalm.retrieval.hubness import without_hubs
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.scoring import QueryVectors, level_cosines
from hicalm.retrieval.standards import DEVIATIONS, LevelStandards


def _rows(seed: int, count: int) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, 6)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _index() -> MuseumIndex:
    """Three museums of 1, 2 and 1 rooms with 1, 2, 1 and 9 views."""
    counts = np.array([1, 2, 1]), np.array([1, 2, 1, 9])
    return MuseumIndex(_rows(0, 3), _rows(1, 4), _rows(2, 13), *counts)


def test_levels_of_the_texts_themselves_have_mean_0_and_one_deviation() -> None:
    index, texts = _index(), _rows(3, 700)
    firsts = (np.arange(3), index.room_starts, index.view_starts)
    levels = list(zip((index.museum, index.room, index.view), firsts, strict=True))
    standards = LevelStandards.of(texts, levels)
    ones = np.ones(len(texts), int)
    queries = QueryVectors(texts, texts, texts, ones, ones)
    raw = level_cosines(queries, index)
    assert raw[:, 2, 2].mean() > raw[:, 0, 2].mean() + 0.2  # nine views have a better best one
    found = level_cosines(queries, _with(index, standards))
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(found.std(axis=0), 1 / DEVIATIONS, atol=1e-5)
    chosen = _with(index, standards).select(np.array([2, 0]))
    np.testing.assert_allclose(level_cosines(queries, chosen), found[:, [2, 0]], atol=1e-6)
    pictures = QueryVectors(texts, texts, texts, ones, ones, are_texts=False)
    np.testing.assert_array_equal(level_cosines(pictures, _with(index, standards)), raw)


def test_known_texts_take_hubs_off_descriptions() -> None:
    index, texts = _index(), _rows(3, 24)
    counts, weights = (np.full(12, 2), np.full(12, 2)), np.array([0.5, 0.2, 0.3], np.float32)
    known = KnownTexts(texts[:12], texts, texts[::-1], *counts, weights)
    firsts = (np.arange(3), index.room_starts, index.view_starts)
    levels = list(zip((index.museum, index.room, index.view), firsts, strict=True))
    standards = LevelStandards.without_hubs(known, levels)
    queries = QueryVectors(known.museum, known.room, known.sentence, *counts)
    raw = level_cosines(queries, index)
    found = level_cosines(queries, _with(index, standards))
    np.testing.assert_allclose(
        found @ weights, without_hubs(raw @ weights, raw @ weights), atol=1e-6
    )
    assert np.ptp(found - raw, axis=0).max() < 1e-6  # one number a level and museum
    short = QueryVectors(texts, texts, texts, np.ones(24, int), np.full(24, 1))
    np.testing.assert_array_equal(
        level_cosines(short, _with(index, standards)), level_cosines(short, index)
    )


def _with(index: MuseumIndex, standards: LevelStandards) -> MuseumIndex:
    return MuseumIndex(
        index.museum, index.room, index.view, index.room_counts, index.view_counts, standards
    )
