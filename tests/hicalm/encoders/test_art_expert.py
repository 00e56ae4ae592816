from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from hicalm.encoders.art_expert import ArtExpert, centre
from hicalm.encoders.picture_store import PictureStore
from hicalm.errors import HicalmError


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
