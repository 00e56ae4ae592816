"""Figures with known answers, and weights that are never chosen on the test split."""

from dataclasses import replace

import numpy as np
import pytest

from hicalm.data.collection import Collection, Features, Fingerprint, Museum, Room
from hicalm.errors import HicalmError
from hicalm.evaluation.judging import evaluate_scores, paraphrase_metrics, retrieval_metrics
from hicalm.evaluation.level_weights import choose_weights
from hicalm.evaluation.metric_tables import recall_table
from hicalm.retrieval import queries as queries_module
from hicalm.retrieval.queries import Queries, description_queries, text_queries
from hicalm.retrieval.scorers import ModelScorer, clip_mean_scores
from hicalm.retrieval.scoring import MUSEUM_ONLY, LevelWeights
from hicalm.world.relevance import LabelledQuery, Predicate
from tests.hicalm.collections import (
    FakeEncoder,
    encoded_world,
    ragged_collection,
    random_model,
)

LABELLED = [
    LabelledQuery("a room of horses", "validation", Predicate(subject="horse")),
    LabelledQuery("a red room, then a blue room", "validation", Predicate(wall_color="red")),
]


def test_recall_and_median_rank_by_hand() -> None:
    scores = np.zeros((4, 12))
    scores[0, 3] = 1  # rank 1
    scores[1, :4] = 1  # museum 5 comes after four and before nobody
    scores[1, 5] = 0.5
    scores[2] = -np.arange(12)  # museum 7 has rank 8
    scores[3] = np.arange(12)  # museum 0 has rank 12
    metrics = retrieval_metrics(scores, np.array([3, 5, 7, 0]))
    recalls = {"R@1": 0.25, "R@5": 0.5, "R@10": 0.75}
    assert metrics == recalls | {"median_rank": 6.5, "mean_rank": (1 + 5 + 8 + 12) / 4}


def test_a_perfect_ranking_counts_even_below_zero() -> None:
    scores = -2 + np.eye(3)
    assert retrieval_metrics(scores, np.arange(3))["R@1"] == 1


def test_queries_of_three_lengths_hold_the_right_sentences() -> None:
    queries = description_queries(ragged_collection())
    full, room, sentence = (queries[name] for name in ("full", "room", "sentence"))
    assert full.sentences[:, 0].tolist() == list(range(13))
    assert full.is_introduction.tolist() == [True, False, False, True, False, True] + [False] * 3
    assert full.target.tolist() == [0, 1, 2]
    assert full.sizes == [(2, 3), (1, 1), (3, 6)]  # introductions are not counted
    assert room.sentence_counts.tolist() == [1, 2, 1, 1, 2, 3]
    assert room.sentences[:, 0].tolist() == [1, 2, 3, 5, 7, 8, 9, 10, 11, 12]
    assert room.target.tolist() == [0, 0, 1, 2, 2, 2]
    assert sentence.target.tolist() == [0, 0, 0, 1, 2, 2, 2, 2, 2, 2]
    assert sentence.sizes == [(1, 1)] * 10


def test_many_sentences_are_drawn_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_module, "MAX_SENTENCES", 4)
    first, again = (description_queries(ragged_collection())["sentence"] for _ in range(2))
    assert len(first.target) == 4
    numbers = first.sentences[:, 0].tolist()
    assert numbers == sorted(set(numbers)) == again.sentences[:, 0].tolist()


def test_paraphrases_are_split_as_in_the_app() -> None:
    encoder = FakeEncoder()
    queries = text_queries([query.text for query in LABELLED], encoder)
    assert queries.sizes == [(1, 1), (2, 2)]
    expected = encoder.encode_texts(["a room of horses", "a red room", "a blue room"])
    np.testing.assert_array_equal(queries.sentences, expected)
    assert queries.target is None


def plane_collection() -> Collection:
    """Two museums: one looks east with a long and a short view, one east and north alike."""
    museums = tuple(
        Museum(f"m-{n}", "", "test", ("hello",), (Room("", ("one",), 2),)) for n in range(2)
    )
    view = np.array([[9, 0], [1, 0], [5, 0], [0, 2]], np.float32)
    fingerprints = {"view": Fingerprint("fake", "f00d", 2)}
    return Collection(
        "Plane", "", museums, {"source": "files"}, Features({"view": view}, fingerprints)
    )


def test_clip_mean_is_the_cosine_of_mean_directions() -> None:
    ones = np.ones(2, int)
    queries = Queries(
        np.array([[3, 0], [0, 1], [0, 7]], np.float32),
        np.array([1, 2]),
        ones,
        ones == 0,
        np.arange(2),
    )
    half = np.sqrt(0.5)
    scores = clip_mean_scores(plane_collection(), queries)
    np.testing.assert_allclose(scores, [[1, half], [0, half]], atol=1e-6)


def test_paraphrases_are_judged_by_the_ground_truth() -> None:
    def museum(*subjects: str) -> dict:
        paintings = [{"subject": s, "style": "cubist", "palette": "greens"} for s in subjects]
        look = {"wall_color": "red", "floor": "wood", "lighting": "dim", "objects": []}
        return {"rooms": [look | {"paintings": paintings}]}

    # gains: 1/2, 0, 1
    museums = (museum("horse", "bird"), museum("bird"), museum("horse"))
    wanted = LABELLED[:1]
    best = paraphrase_metrics(np.array([[0.5, 0.1, 0.9]]), wanted, museums)
    assert best["nDCG@5"] == pytest.approx(1)
    assert best["P@5"] == pytest.approx(2 / 5)
    assert best["nDCG@5_interval"] == pytest.approx([1, 1])
    worst = paraphrase_metrics(np.array([[0.5, 0.9, 0.1]]), wanted, museums)
    log3 = np.log2(3)
    assert worst["nDCG@5"] == pytest.approx((0.5 / log3 + 1 / 2) / (1 + 0.5 / log3))


def test_the_figures_of_a_method_have_the_published_form() -> None:
    world = encoded_world(test=6)
    queries = description_queries(world)
    queries["paraphrase"] = text_queries([query.text for query in LABELLED], FakeEncoder())
    scores = {length: clip_mean_scores(world, batch) for length, batch in queries.items()}
    metrics = evaluate_scores(scores, queries, LABELLED, world)
    assert list(metrics) == ["full", "museum_to_text", "room", "sentence", "paraphrase"]
    assert set(metrics["full"]) == {"R@1", "R@5", "R@10", "median_rank", "mean_rank"}
    assert set(metrics["paraphrase"]) == {"nDCG@5", "nDCG@5_interval", "P@5"}
    table = recall_table({"methods": {"clip-mean": metrics}})
    assert len({line.count("|") for line in table.splitlines()}) == 1


def test_scores_are_weighted_by_the_length_of_each_query() -> None:
    world = encoded_world(test=3)
    scorer = ModelScorer(random_model(), world)
    queries = description_queries(world)["full"]
    cosines = scorer.cosines(queries)
    assert cosines.shape == (3, 3, 3)
    np.testing.assert_allclose(scorer.scores(queries, MUSEUM_ONLY), cosines[..., 0], atol=1e-6)
    view_only = LevelWeights((1, 0, 0), (1, 0, 0), (0, 0, 1))
    np.testing.assert_allclose(scorer.scores(queries, view_only), cosines[..., 2], atol=1e-6)


def test_weights_are_chosen_on_validation_museums_only() -> None:
    world = encoded_world(test=0, validation=4)
    weights = choose_weights(random_model(), world, LABELLED, FakeEncoder())
    for triple in (weights.phrase, weights.paragraph, weights.description):
        assert sum(triple) == pytest.approx(1)
        assert min(triple) >= 0
    leaking = replace(world, museums=(replace(world.museums[0], split="test"), *world.museums[1:]))
    with pytest.raises(HicalmError, match="never on the test split"):
        choose_weights(random_model(), leaking, LABELLED, FakeEncoder())
