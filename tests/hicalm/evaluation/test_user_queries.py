"""User queries in every layout, broken files as one sentence, and metrics by plain loops."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, ndcg_score

from hicalm.errors import HicalmError
from hicalm.evaluation.user_queries import load_user_queries, user_query_metrics

WIDTH, MUSEUMS = 4, 5
TABLE = torch.eye(2, MUSEUMS)


def saved(tmp_path: Path, queries: object, table: object = TABLE) -> tuple[Path, Path]:
    torch.save(queries, tmp_path / "queries.pt")
    torch.save(table, tmp_path / "relevance.pt")
    return tmp_path / "queries.pt", tmp_path / "relevance.pt"


def layouts() -> dict[str, tuple[object, list[int]]]:
    padded = torch.ones(6, 3, WIDTH, dtype=torch.float16)
    padded[1, 2:], padded[4, 1:] = 0, 0
    return {
        "a sentence a query": (torch.ones(6, WIDTH), [1] * 6),
        "padded sentences": (padded, [3, 2, 3, 3, 1, 3]),
        "a list of sentences": ([torch.ones(n, WIDTH) for n in (1, 4, 2, 1, 1, 3)],
                                [1, 4, 2, 1, 1, 3]),
        "a list of vectors": ([torch.ones(WIDTH)] * 6, [1] * 6),
    }  # fmt: skip


@pytest.mark.parametrize("layout", layouts())
def test_every_layout_is_read(layout: str, tmp_path: Path) -> None:
    value, counts = layouts()[layout]
    user = load_user_queries(*saved(tmp_path, value), WIDTH, MUSEUMS)
    assert user.queries.sentence_counts.tolist() == counts
    assert user.queries.sizes == [(1, count) for count in counts]
    assert user.queries.sentences.dtype == np.float32 and (user.queries.sentences == 1).all()
    assert user.gains.argmax(axis=1).tolist() == [0, 0, 0, 1, 1, 1]  # three queries a row


@pytest.mark.parametrize("table", [TABLE.bool(), TABLE.long(), TABLE.bfloat16(), list(TABLE)])
def test_every_kind_of_number_is_a_relevance(table: object, tmp_path: Path) -> None:
    user = load_user_queries(*saved(tmp_path, torch.ones(6, WIDTH), table), WIDTH, MUSEUMS)
    assert user.gains.sum() == 6


def test_only_the_first_queries_are_read_where_so_many_are_asked_for(tmp_path: Path) -> None:
    paths = saved(tmp_path, [torch.ones(n, WIDTH) for n in (1, 4, 2, 1, 1, 3)])
    user = load_user_queries(*paths, WIDTH, MUSEUMS, first=4)
    assert user.queries.sentence_counts.tolist() == [1, 4, 2, 1]
    assert user.gains.argmax(axis=1).tolist() == [0, 0, 0, 1]
    for first in (0, 7):
        with pytest.raises(HicalmError, match=f"between 1 and 6, .*, not be {first}"):
            load_user_queries(*paths, WIDTH, MUSEUMS, first=first)


ONES = torch.ones(6, WIDTH)
BROKEN = {
    "5 queries": (ONES[:5], TABLE, "holds 5 queries.*2 rows"),
    "narrow": (ONES[:, :3], TABLE, "3 numbers wide.*collection 4"),
    "four dimensions": (ONES[None, None], TABLE, "instead of"),
    "one dimension": (ONES[0], TABLE, "instead of"),
    "whole numbers": (ONES.long(), TABLE, "instead of floating-point"),
    "not finite": (ONES / 0, TABLE, "NaN or infinite"),
    "empty list": ([], TABLE, "tensor or a list"),
    "no queries": (ONES[:0], TABLE, "holds no queries"),
    "only padding": (torch.zeros(6, 2, WIDTH), TABLE, "nothing but zeros"),
    "words": (["a", "b"], TABLE, "tensor or a list"),
    "other museums": (ONES, TABLE[:, :4], "4 columns.*5 museums"),
    "a row": (ONES, TABLE[0], "a column for every museum"),
    "a ragged table": (ONES, [TABLE[0], TABLE[1, :3]], "a column for every museum"),
    "an odd table": (ONES, -TABLE, "from 0 on"),
    "nothing relevant": (ONES, 0 * TABLE, "no relevant museum"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_gets_one_sentence(case: str, tmp_path: Path) -> None:
    queries, table, reason = BROKEN[case]
    with pytest.raises(HicalmError, match=reason) as raised:
        load_user_queries(*saved(tmp_path, queries, table), WIDTH, MUSEUMS)
    assert "\n" not in str(raised.value)


def test_a_program_in_a_file_never_runs(tmp_path: Path) -> None:
    class Program:
        def __reduce__(self) -> tuple:
            return (Path(tmp_path / "ran").touch, ())

    paths = saved(tmp_path, ONES)
    for path in paths:
        content = path.read_bytes()
        for broken in (pickle.dumps(Program()), content[:100], b""):
            path.write_bytes(broken)
            with pytest.raises(HicalmError, match=path.name):
                load_user_queries(*paths, WIDTH, MUSEUMS)
        path.write_bytes(content)
    assert not (tmp_path / "ran").exists()


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000))
def test_metrics_are_those_of_plain_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal((9, 20))
    gains = rng.integers(0, 2, (9, 20)) * (rng.random((9, 20)) < 0.3).astype(float)
    gains[0, 3] = 1
    kept = [q for q in range(9) if gains[q].any()]
    order = np.argsort(-scores, axis=1)
    first = np.array([1 + min(np.flatnonzero(gains[q][order[q]])) for q in kept])
    metrics = user_query_metrics(scores, gains)
    for k in (1, 5, 10):
        assert metrics[f"R@{k}"] == pytest.approx(np.mean(first <= k))
    assert metrics["median_rank"] == np.median(first)
    assert metrics["mean_rank"] == pytest.approx(first.mean())
    for k in (5, 10):
        precision = [gains[q][order[q][:k]].sum() / k for q in range(9)]
        assert metrics[f"P@{k}"] == pytest.approx(np.mean(precision))
        expected = ndcg_score(gains[kept], scores[kept], k=k)
        assert metrics[f"nDCG@{k}"] == pytest.approx(expected)
    expected = np.mean([average_precision_score(gains[q], scores[q]) for q in kept])
    assert metrics["MAP"] == pytest.approx(expected)
