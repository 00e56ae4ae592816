"""Ranks on the validation split."""

import torch

from hicalm.training.validation import ranking_metrics


def test_ranks_count_ties_against_the_query() -> None:
    similarity = torch.tensor([[0.9, 0.1, 0.5], [0.5, 0.5, 0.1]])
    found = ranking_metrics(similarity, torch.tensor([2, 0]))  # the second of a tie, both times
    assert found == {"R@1": 0, "R@5": 1, "R@10": 1, "MRR": 0.5}
