"""Rows of groups, padded to one length."""

import pytest
import torch

from hicalm.errors import HicalmError
from hicalm.hosa.nodes import pad_rows


def test_flat_rows_are_padded() -> None:
    padded = pad_rows(torch.arange(4.0)[:, None], torch.tensor([1, 3]))
    assert padded[..., 0].tolist() == [[0, 0, 0], [1, 2, 3]]
    with pytest.raises(HicalmError, match="Groups of 5 rows in all cannot hold 4"):
        pad_rows(torch.zeros(4, 1), torch.tensor([1, 4]))
