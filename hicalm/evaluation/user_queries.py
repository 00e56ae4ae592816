"""The published user queries: what people asked for, judged by a table of relevant museums.

Query q, counted from 0, is judged by row q // 3 of the table, which has a value for every test
museum in the order of the collection. A museum is *relevant* from 0.5 on. Per query, over all
museums of the split:

- R@k: whether one relevant museum is among the first k (queries with none are left out);
- median_rank and mean_rank: of the first relevant museum;
- nDCG@5 and nDCG@10: with the table's values as linear gains (see ``metrics``);
- P@5 and P@10: the share of relevant museums among the first k;
- MAP: the mean over the relevant museums of the precision at their places.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from hicalm.data.untrusted import as_rows, read_tensors
from hicalm.errors import HicalmError
from hicalm.metrics import (
    RELEVANT_GAIN,
    average_precision,
    first_relevant_ranks,
    mean_rank,
    median_rank,
    ndcg_at,
    precision_at,
    recalls,
)
from hicalm.retrieval.queries import Queries

PER_ROW = 3  # queries that share a row of the table


class UserQueries(NamedTuple):
    """Queries (Q), one paragraph each, and their gains (Q, B)."""

    queries: Queries
    gains: np.ndarray


def load_user_queries(
    queries: Path, relevance: Path, width: int, museums: int, first: int | None = None
) -> UserQueries:
    """Read queries and their relevance; ``first``: only so many, as the published paper does (50).

    Queries are a tensor (Q, D) of single sentences, a tensor (Q, S, D) in which rows of zeros at a
    query's end are padding, or a list of (S, D) or (D,), one a query. Raises HicalmError for files
    that hold something else, or do not fit the ``width`` of the encoder or the ``museums``.
    """
    texts = _texts(read_tensors(queries), queries)
    if widths := sorted({text.shape[1] for text in texts} - {width}):
        raise HicalmError(
            f"The queries in '{queries}' are {widths[0]} numbers wide, but the sentences of the "
            f"collection {width}: take those of its encoder."
        )
    table = _table(relevance, museums)
    if len(texts) != PER_ROW * len(table):
        raise HicalmError(
            f"'{queries}' holds {len(texts)} queries, but '{relevance}' has {len(table)} rows, "
            f"each for {PER_ROW} queries."
        )
    if first is not None and not 1 <= first <= len(texts):
        raise HicalmError(
            f"--first-user-queries must lie between 1 and {len(texts)}, the queries in "
            f"'{queries}', not be {first}."
        )
    texts, gains = texts[:first], np.repeat(table, PER_ROW, axis=0)[:first]
    if (gains < RELEVANT_GAIN).all():
        raise HicalmError(f"'{relevance}' names no relevant museum for any query.")
    ones = np.ones(len(texts), np.int64)
    counts = np.array([len(text) for text in texts])
    sentences = np.concatenate(texts).astype(np.float32)
    return UserQueries(Queries(sentences, counts, ones, ones == 0, None), gains)


def user_query_metrics(scores: np.ndarray, gains: np.ndarray) -> dict[str, float]:
    """Return the metrics of a ranking, scores (Q, B); see above for what they are."""
    ranks = first_relevant_ranks(scores, gains)
    metrics = recalls(ranks)
    metrics |= {"median_rank": median_rank(ranks), "mean_rank": mean_rank(ranks)}
    metrics |= {f"nDCG@{k}": ndcg_at(scores, gains, k).mean for k in (5, 10)}
    metrics |= {f"P@{k}": precision_at(scores, gains, k).mean for k in (5, 10)}
    return metrics | {"MAP": average_precision(scores, gains).mean}


def _texts(value: Tensor | list[Tensor], path: Path) -> list[np.ndarray]:
    """Return the sentences of every query, (S, D) each."""
    padded = isinstance(value, Tensor) and value.ndim == 3
    if isinstance(value, Tensor) and value.ndim not in (2, 3):
        raise HicalmError(
            f"'{path}' has the shape {tuple(value.shape)} instead of (queries, width) or (queries, "
            "sentences, width)."
        )
    texts = []
    for number, text in enumerate(value):
        own = text.unsqueeze(0) if text.ndim == 1 else text
        rows = as_rows(own, f"'{path}': query {number}")
        if padded:
            filled = np.flatnonzero(rows.any(axis=1))
            rows = rows[: filled[-1] + 1] if len(filled) else rows[:0]
        if not len(rows):
            raise HicalmError(f"'{path}': query {number} holds nothing but zeros.")
        texts.append(rows)
    if not texts:
        raise HicalmError(f"'{path}' holds no queries.")
    return texts


def _table(path: Path, museums: int) -> np.ndarray:
    """Return the relevance of the museums (rows, B), float64."""
    value = read_tensors(path)
    rows = value if isinstance(value, list) else list(value) if value.ndim == 2 else []
    lengths = {tuple(row.shape) for row in rows}
    if len(lengths) != 1 or len(lengths.pop()) != 1 or rows[0].is_complex():
        raise HicalmError(f"'{path}' must hold a table with a column for every museum.")
    table = torch.stack(rows).double().numpy()
    if table.shape[1] != museums:
        raise HicalmError(
            f"'{path}' has {table.shape[1]} columns, but there are {museums} museums in the split."
        )
    if not np.isfinite(table).all() or (table < 0).any():
        raise HicalmError(f"'{path}' must hold numbers from 0 on.")
    return table
