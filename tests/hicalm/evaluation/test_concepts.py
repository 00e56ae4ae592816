"""Concepts and nDCG by them, beside a plain implementation with loops and numbers by hand."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hicalm.evaluation.concepts import (
    CONCEPTS,
    CUTOFFS,
    concept_metrics,
    concepts_of,
    ndcg_by_concepts,
    overlap,
)
from hicalm.retrieval.words import load_stop_words

WORDS = st.sampled_from(
    ["The", "sea", "ship", "Horse", "a", "still-life", "of", "12", "moon.", "17th-century"]
)
TEXTS = st.lists(st.lists(WORDS, max_size=25).map(" ".join), min_size=1, max_size=8)
STOP = frozenset({"the", "a", "of"})


def plain_concepts(text: str, number: int) -> list[str]:
    seen: list[str] = []
    for word in text.lower().replace(".", " ").split():
        if word not in STOP:
            seen.append(word)
    order = sorted(set(seen), key=lambda word: (-seen.count(word), seen.index(word)))
    return order[:number]


def plain_iou(first: list[str], second: list[str]) -> float:
    union = set(first) | set(second)
    return len(set(first) & set(second)) / len(union) if union else 0.0


def plain_ndcg(scores: np.ndarray, relevance: list[list[float]], k: int) -> float:
    values = []
    for query, own in enumerate(relevance):
        cutoff = min(k, sum(value > 0.5 for value in own))
        if not cutoff:
            continue
        order = sorted(range(len(own)), key=lambda item: (-scores[query][item], own[item]))

        def dcg(items: list[int], own: list[float] = own, cutoff: int = cutoff) -> float:
            total = 0.0
            for place, item in enumerate(items[:cutoff], start=1):
                gain = math.exp(own[item]) - 1
                total += gain if place == 1 else gain / math.log(place + 1)
            return total

        values.append(dcg(order) / dcg(sorted(range(len(own)), key=lambda item: -own[item])))
    return sum(values) / len(values) if values else float("nan")


@settings(max_examples=150)
@given(texts=TEXTS, number=st.sampled_from(CONCEPTS), seed=st.integers(0, 999), ties=st.booleans())
def test_concepts_and_ndcg_are_those_of_plain_loops(texts, number, seed, ties) -> None:
    concepts = concepts_of(texts, STOP)
    expected = [plain_concepts(text, number) for text in texts]
    assert [words[:number] for words in concepts] == expected
    relevance = [[plain_iou(one, other) for other in expected] for one in expected]
    np.testing.assert_allclose(overlap(concepts, number), relevance, atol=1e-6)
    rng = np.random.default_rng(seed)
    size = (len(texts), len(texts))
    scores = rng.integers(0, 3, size).astype(float) if ties else rng.standard_normal(size)
    metrics = concept_metrics(scores, concepts)
    for direction, way in (("text_to_museum", scores), ("museum_to_text", scores.T)):
        for k in CUTOFFS:
            found = metrics[direction][str(number)][f"nDCG@{k}"]
            np.testing.assert_allclose(found, plain_ndcg(way, relevance, k), rtol=1e-6)


def test_ndcg_by_hand() -> None:
    relevance = np.array([[1.0, 0.6, 0.2], [0.6, 1.0, 0.0], [0.2, 0.0, 1.0]])
    scores = np.array([[0.1, 0.9, 0.5], [0.0, 1.0, 0.0], [3.0, 2.0, 1.0]])
    gain, small = math.exp(1) - 1, math.exp(0.6) - 1
    first = (small + (math.exp(0.2) - 1) / math.log(3)) / (gain + small / math.log(3))
    # Museum 1 comes first for its own text; of the two others, which tie, the worse is second.
    second = gain / (gain + small / math.log(3))
    third = (math.exp(0.2) - 1) / gain  # one museum is alike, so only the first place counts
    expected = (first + second + third) / 3
    assert ndcg_by_concepts(scores, relevance)[5] == pytest.approx(expected)
    assert ndcg_by_concepts(scores, relevance, (1,))[1] == pytest.approx(
        (small / gain + 1 + third) / 3
    )


def test_equally_frequent_words_keep_the_order_of_the_text() -> None:
    assert concepts_of(["moon sea ship, sea moon horse"], frozenset(), 3) == [
        ["moon", "sea", "ship"]
    ]


def test_a_full_size_split_takes_little_time() -> None:
    rng = np.random.default_rng(0)
    names = np.array([f"w{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}{'u' * (n // 100)}"
                      for n in range(2000)])  # fmt: skip
    texts = [" ".join(names[rng.geometric(0.01, 170 * 15) % 2000]) for _ in range(450)]
    scores = rng.standard_normal((450, 450)).astype(np.float32)
    begun = time.process_time()
    concept_metrics(scores, concepts_of(texts, load_stop_words()))
    assert time.process_time() - begun < 3  # 0.6 s on an idle machine
