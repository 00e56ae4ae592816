"""Ranking in blocks: what the whole matrix of scores would say."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hicalm.errors import HicalmError
from hicalm.metrics import ranks_of_targets
from hicalm.retrieval import blocks


@settings(max_examples=60)
@given(
    queries=st.integers(1, 5), museums=st.integers(1, 40), max_results=st.integers(1, 50),
    block=st.integers(1, 20), seed=st.integers(0, 1000),
)  # fmt: skip
def test_blocks_agree_with_the_whole_matrix(
    queries: int, museums: int, max_results: int, block: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    # whole numbers, so that ties happen and products are exact
    asked = torch.from_numpy(rng.integers(-2, 3, (queries, 3)).astype(np.float32))
    there = rng.integers(-2, 3, (museums, 3)).astype(np.float16)
    target = rng.integers(0, museums, queries)
    whole = asked.numpy() @ there.astype(np.float32).T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", block)
        scores, rows = blocks.best_museums(asked, there, max_results)
        ranks = blocks.target_ranks(asked, there, target)
    np.testing.assert_array_equal(scores, -np.sort(-whole, axis=1)[:, :max_results])
    np.testing.assert_array_equal(np.take_along_axis(whole, rows.numpy(), 1), scores)
    assert all(len(set(row)) == len(row) for row in rows.tolist())
    np.testing.assert_array_equal(ranks, ranks_of_targets(whole, target))


def test_mistakes_are_one_sentence() -> None:
    asked, there = torch.zeros(2, 3), torch.zeros(4, 3)
    with pytest.raises(HicalmError, match="width 4"):
        blocks.best_museums(asked, torch.zeros(4, 4), 1)
    with pytest.raises(HicalmError, match="At least 1"):
        blocks.best_museums(asked, there, 0)
    for target in ([0, 4], [-1, 0], [0]):
        with pytest.raises(HicalmError, match="0 to 3"):
            blocks.target_ranks(asked, there, np.array(target))
