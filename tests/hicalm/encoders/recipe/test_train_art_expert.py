"""Training the art expert: repeatable, on the right labels, and judged by the truth."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from hicalm.encoders.attributes import KINDS
from hicalm.encoders.picture_store import PictureStore
from hicalm.encoders.recipe.train_art_expert import (
    ArtPictures,
    train_art_expert,
)
from hicalm.errors import HicalmError
from tests.hicalm.encoders.conftest import ART_CONFIG


def test_training_is_repeatable_and_recorded(trained, rendered: PictureStore, tmp_path) -> None:
    expert, folder = trained
    assert train_art_expert(rendered, np.array([0]), ART_CONFIG, tmp_path).hash == expert.hash
    record = json.loads((folder / "art_expert.json").read_text())
    assert record["config"]["steps"] == 2
    assert record["history"][-1]["step"] == 2
    assert {value.dtype for value in load_file(folder / "art_expert.safetensors").values()} == {
        torch.float16,
        torch.int64,
    }


def test_views_are_labelled_with_their_largest_painting(rendered: PictureStore) -> None:
    pictures = ArtPictures(rendered, np.array([0, 1]), ART_CONFIG)
    assert (rendered.shares[pictures.views, 0] >= 0.12).all()
    labels = pictures.view_labels(pictures.views)
    rooms = rendered.index.rooms
    for row, (_, style, palette) in zip(pictures.views, labels, strict=True):
        painting = rooms[row // 12]["paintings"][rendered.seen[row, 0]]
        assert KINDS["style"][style] == painting["style"]
        assert KINDS["palette"][palette] == painting["palette"]


def test_training_needs_rendered_museums(index, tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match="render pictures first"):
        train_art_expert(PictureStore(tmp_path, index), np.array([0]), ART_CONFIG, tmp_path / "out")
