import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from hicalm.encoders.art_expert import ArtExpert, centre
from hicalm.encoders.attributes import KINDS
from hicalm.encoders.picture_store import PictureStore
from hicalm.encoders.recipe.train_art_expert import (
    ArtExpertConfig,
    ArtPictures,
    train_art_expert,
)
from hicalm.errors import HicalmError

CONFIG = ArtExpertConfig(steps=2, batch=8)


@pytest.fixture(scope="module")
def trained(rendered: PictureStore, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("art") / "expert"
    return train_art_expert(rendered, np.array([0]), CONFIG, folder), folder


def test_features_of_arrays_and_of_lists_agree(trained, rendered: PictureStore) -> None:
    expert, _ = trained
    views = np.asarray(rendered.views[:3])
    features = expert.encode_images(views)
    assert features.shape == (3, expert.dim) == (3, 64)
    assert features.dtype == np.float32
    assert (features >= 0).all()
    np.testing.assert_allclose(expert.encode_images(list(views), 2), features, atol=1e-5)
    assert expert.encode_images([]).shape == (0, 64)


def test_only_the_centre_of_a_view_counts(trained, rendered: PictureStore) -> None:
    expert, _ = trained
    view = np.array(rendered.views[0])
    framed = view.copy()
    framed[:12], framed[-12:], framed[:, :32], framed[:, -32:] = 0, 0, 0, 0
    assert not np.array_equal(framed, view)
    np.testing.assert_array_equal(expert.encode_images([framed]), expert.encode_images([view]))


def test_centre_keeps_three_fifths_by_four_fifths() -> None:
    views = np.arange(10 * 20).reshape(1, 10, 20, 1).repeat(3, -1)
    part = centre(views)
    assert part.shape == (1, 8, 12, 3)
    assert part[0, 0, 0, 0] == 1 * 20 + 4
    assert centre(views[:, :1, :1]).shape == (1, 1, 1, 3)


def test_training_is_repeatable_and_recorded(trained, rendered: PictureStore, tmp_path) -> None:
    expert, folder = trained
    assert train_art_expert(rendered, np.array([0]), CONFIG, tmp_path).hash == expert.hash
    record = json.loads((folder / "art_expert.json").read_text())
    assert record["config"]["steps"] == 2
    assert record["history"][-1]["step"] == 2
    assert {value.dtype for value in load_file(folder / "art_expert.safetensors").values()} == {
        torch.float16,
        torch.int64,
    }


def test_views_are_labelled_with_their_largest_painting(rendered: PictureStore) -> None:
    pictures = ArtPictures(rendered, np.array([0, 1]), CONFIG)
    assert (rendered.shares[pictures.views, 0] >= 0.12).all()
    labels = pictures.view_labels(pictures.views)
    rooms = rendered.index.rooms
    for row, (_, style, palette) in zip(pictures.views, labels, strict=True):
        painting = rooms[row // 12]["paintings"][rendered.seen[row, 0]]
        assert KINDS["style"][style] == painting["style"]
        assert KINDS["palette"][palette] == painting["palette"]


def test_training_needs_rendered_museums(index, tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match="render pictures first"):
        train_art_expert(PictureStore(tmp_path, index), np.array([0]), CONFIG, tmp_path / "out")


def test_a_missing_or_foreign_folder_is_refused(trained, tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match="There is no art expert"):
        ArtExpert.load(tmp_path)
    save_file({"other": torch.zeros(2)}, tmp_path / "art_expert.safetensors")
    with pytest.raises(HicalmError, match="'other', which this network does not have"):
        ArtExpert.load(tmp_path)
    state = load_file(trained[1] / "art_expert.safetensors")
    state.pop("classifiers.style.bias")
    save_file(state, tmp_path / "art_expert.safetensors")
    with pytest.raises(HicalmError, match=r"incomplete: 'classifiers\.style\.bias'"):
        ArtExpert.load(tmp_path)


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_images_of_another_kind_are_refused(trained, image: np.ndarray) -> None:
    with pytest.raises(HicalmError, match="uint8 RGB array"):
        trained[0].encode_images([image])
