"""Metrics with known answers."""

import numpy as np
import pytest

from hicalm.evaluation.judging import (
    GradedQueries,
    evaluate_scores,
    labelled_metrics,
    retrieval_metrics,
)
from hicalm.evaluation.metric_tables import kinds_table, labelled_table, recall_table
from hicalm.retrieval.queries import description_queries, text_queries
from hicalm.retrieval.scorers import clip_mean_scores
from hicalm.world.relevance import LabelledQuery, Predicate
from tests.hicalm.collections import (
    FakeEncoder,
    encoded_world,
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


def test_paraphrases_are_judged_by_the_ground_truth() -> None:
    def museum(*subjects: str) -> dict:
        paintings = [{"subject": s, "style": "cubist", "palette": "greens"} for s in subjects]
        look = {"wall_color": "red", "floor": "wood", "lighting": "dim", "objects": []}
        return {"rooms": [look | {"paintings": paintings}]}

    # gains: 1/2, 0, 1
    museums = (museum("horse", "bird"), museum("bird"), museum("horse"))
    wanted = GradedQueries.of(LABELLED[:1], museums)
    best = labelled_metrics(np.array([[0.5, 0.1, 0.9]]), wanted)
    assert best["nDCG@5"] == pytest.approx(1)
    assert best["P@5"] == pytest.approx(2 / 5)
    assert best["nDCG@5_interval"] == pytest.approx([1, 1])
    worst = labelled_metrics(np.array([[0.5, 0.9, 0.1]]), wanted)
    log3 = np.log2(3)
    assert worst["nDCG@5"] == pytest.approx((0.5 / log3 + 1 / 2) / (1 + 0.5 / log3))


def test_the_metrics_of_a_method_have_the_published_form() -> None:
    world = encoded_world(test=6)
    queries = description_queries(world)
    queries["paraphrase"] = text_queries([query.text for query in LABELLED], FakeEncoder())
    scores = {length: clip_mean_scores(world, batch) for length, batch in queries.items()}
    metrics = evaluate_scores(
        scores, queries, {"paraphrase": GradedQueries.of(LABELLED, world.specifications)}
    )
    assert list(metrics) == ["full", "museum_to_text", "room", "sentence", "paraphrase"]
    assert set(metrics["full"]) == {"R@1", "R@5", "R@10", "median_rank", "mean_rank"}
    assert set(metrics["paraphrase"]) == {"nDCG@5", "nDCG@5_interval", "P@5"}
    for made in (recall_table, labelled_table):
        table = made({"methods": {"clip-mean": metrics}})
        assert len({line.count("|") for line in table.splitlines()}) == 1
        assert "| Mean features (CLIP-style)" in table
    only_short = {"paraphrase": metrics["paraphrase"]}
    table = recall_table({"methods": {"default": only_short, "clip-mean": metrics}})
    assert table.splitlines()[2].count("\N{EN DASH}") == 4 and "A dash: not measured." in table


def test_queries_are_judged_by_kind_where_they_are_more_than_phrases() -> None:
    gains = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    scores = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [3.0, 2.0, 1.0]])
    found = labelled_metrics(scores, GradedQueries(("order", "not", "not"), gains))
    second, third = 1 / np.log2(3), 1 / np.log2(4)
    assert found["nDCG@5"] == pytest.approx((1 + second + third) / 3)
    assert list(found["kinds"]) == ["order", "not"]
    assert found["kinds"]["order"]["nDCG@5"] == pytest.approx(1)
    assert found["kinds"]["not"]["nDCG@5"] == pytest.approx((second + third) / 2)
    methods = {name: {"mine": found} for name in ("default", "flat")}
    table = kinds_table({"methods": methods, "museums": 3, "queries": {}}, "mine")
    lines = table.splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:6]] == [
        "order",
        "not",
        "mean over kinds",
        "worst kind",
    ]
    assert "HiCALM Explorer (default)" in lines[0] and "Flat" in lines[0]
    assert f"{(1 + (second + third) / 2) / 2:.3f}" in lines[4]
    assert [cell.strip() for cell in lines[5].split("|")[2:4]] == ["not", "not"]
    assert lines[-1] == (
        "At the ceiling, where methods cannot be told apart: "
        "order ('HiCALM Explorer (default)' and 'Flat')."
    )
