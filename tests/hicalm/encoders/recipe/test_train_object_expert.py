"""Training the object expert: repeatable, on the right labels, and on what is known alone."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from hicalm.encoders.picture_store import PictureStore
from hicalm.encoders.recipe.train_object_expert import (
    ObjectViews,
    column_loss,
    train_object_expert,
)
from hicalm.errors import HicalmError
from tests.hicalm.encoders.conftest import OBJECT_CONFIG, SEED

MUSEUMS = np.array([0, 1])


def test_training_is_repeatable_and_recorded(
    trained_objects, rendered: PictureStore, tmp_path: Path
) -> None:
    expert, folder = trained_objects
    again = train_object_expert(rendered, MUSEUMS, SEED, OBJECT_CONFIG, tmp_path)
    assert again.hash == expert.hash
    record = json.loads((folder / "object_expert.json").read_text())
    assert record["config"]["steps"] == 2
    assert record["history"][-1]["step"] == 2
    assert {value.dtype for value in load_file(folder / "object_expert.safetensors").values()} == {
        torch.float16,
        torch.int64,
    }


def test_half_of_a_batch_shows_an_object(rendered: PictureStore) -> None:
    views = ObjectViews(rendered, MUSEUMS, SEED, OBJECT_CONFIG)
    np.testing.assert_array_equal(views.rows, np.arange(len(rendered.views)))
    batch, columns = views.draw(np.random.default_rng(0))
    assert batch.shape == (8, 3, 72, 160) and columns.shape == (8, 5, 10)
    assert (columns == 1).any(2).any(1).sum() >= 4


def test_unknown_columns_cost_nothing() -> None:
    logits = torch.zeros(2, 5, 10, requires_grad=True)
    columns = torch.full((2, 5, 10), torch.nan)
    columns[0, 0, 0], columns[1, 4, 9] = 1, 0
    loss = column_loss(logits, columns)
    assert loss.item() == pytest.approx(np.log(2))  # two columns of even odds, over two views
    loss.backward()
    assert logits.grad is not None and logits.grad.isfinite().all()
    assert logits.grad.count_nonzero() == 2
    assert column_loss(torch.zeros(1, 5, 10), torch.full((1, 5, 10), torch.nan)).item() == 0


def test_training_needs_rendered_museums(index, tmp_path: Path) -> None:
    store = PictureStore(tmp_path, index)
    with pytest.raises(HicalmError, match="render pictures first"):
        train_object_expert(store, MUSEUMS, SEED, OBJECT_CONFIG, tmp_path / "out")
