"""HOSA's weight in a ranking, and the rooms that it reads to re-rank."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.errors import HicalmError
from hicalm.hosa.model import HosaConfig, HosaModel
from hicalm.hosa.rerank import RoomScorer, load_weight, save_weight
from tests.hicalm.collections import DIM


def test_the_weight_is_kept_and_a_broken_one_is_named(tmp_path: Path) -> None:
    save_weight(tmp_path, 0.4, True)
    assert load_weight(tmp_path) == (0.4, True)
    (tmp_path / "reranking.json").write_text("{}")
    with pytest.raises(HicalmError, match="hosa tune-rerank"):
        load_weight(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        "[]", '{"weight": NaN, "default": true}', '{"weight": 1e999, "default": true}',
        '{"weight": 1, "default": "false"}', '{"weight": -0.1, "default": true}', "[" * 10_000,
    ],
)  # fmt: skip
def test_a_weight_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "reranking.json").write_text(content)
    with pytest.raises(HicalmError, match="hosa tune-rerank"):
        load_weight(tmp_path)


def test_a_long_room_does_not_lengthen_the_others() -> None:
    torch.manual_seed(0)
    model = HosaModel(HosaConfig(DIM, DIM, DIM, tube=2, gru=False)).eval()
    counts, rooms = np.array([1, 40, 2, 1]), np.array([2, 2])
    views = np.random.default_rng(0).standard_normal((44, DIM)).astype(np.float32)
    reader = RoomScorer(model, views, counts, rooms)
    for row, (first, last) in enumerate(((0, 1), (1, 41), (41, 43), (43, 44))):
        own = model.encode_regions(torch.from_numpy(views[None, first:last]))
        assert reader.room(row).vectors.shape == own.vectors.shape
        np.testing.assert_allclose(
            reader.room(row).vectors.numpy(), own.vectors.detach().numpy(), atol=1e-5
        )
