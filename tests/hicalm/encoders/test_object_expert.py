from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from hicalm.encoders.object_expert import ObjectExpert, ObjectExpertNetwork, lower_part
from hicalm.encoders.picture_store import PictureStore
from hicalm.errors import HicalmError
from hicalm.world.vocabulary import OBJECTS
from tests.hicalm.collections import FakeEncoder


def test_logits_of_arrays_and_of_lists_agree(trained_objects, rendered: PictureStore) -> None:
    expert, _ = trained_objects
    views = np.asarray(rendered.views[:3])
    logits = expert.encode_images(views)
    assert logits.shape == (3, expert.dim) == (3, len(OBJECTS))
    assert logits.dtype == np.float32
    np.testing.assert_allclose(expert.encode_images(list(views), 2), logits, atol=1e-5)
    assert expert.encode_images([]).shape == (0, 5)


def test_only_the_lower_part_of_a_view_counts(trained_objects, rendered: PictureStore) -> None:
    expert, _ = trained_objects
    view = np.array(rendered.views[0])
    covered = view.copy()
    covered[:48] = 255 - covered[:48]
    np.testing.assert_array_equal(expert.encode_images([covered]), expert.encode_images([view]))


def test_lower_part_keeps_three_fifths() -> None:
    views = np.arange(10 * 4).reshape(1, 10, 4, 1).repeat(3, -1)
    part = lower_part(views)
    assert part.shape == (1, 6, 4, 3)
    assert part[0, 0, 0, 0] == 4 * 4
    assert lower_part(views[:, :1]).shape == (1, 1, 4, 3)


def test_a_view_shows_what_one_of_its_columns_shows() -> None:
    network = ObjectExpertNetwork().eval()
    batch = torch.rand(2, 3, 72, 160)
    with torch.inference_mode():
        columns, views = network.columns(batch), network(batch)
    assert columns.shape == (2, 5, 10)
    torch.testing.assert_close(views, columns.exp().sum(2).log())
    assert (views >= columns.amax(2)).all()


def test_a_missing_or_foreign_folder_is_refused(trained_objects, tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match="There is no object expert"):
        ObjectExpert.load(tmp_path)
    save_file({"other": torch.zeros(2)}, tmp_path / "object_expert.safetensors")
    with pytest.raises(HicalmError, match="'other', which this network does not have"):
        ObjectExpert.load(tmp_path)
    state = load_file(trained_objects[1] / "object_expert.safetensors")
    state.pop("classifier.bias")
    save_file(state, tmp_path / "object_expert.safetensors")
    with pytest.raises(HicalmError, match=r"incomplete: 'classifier\.bias'"):
        ObjectExpert.load(tmp_path)


def test_where_the_weights_are_not_at_home_features_can_be_made_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ObjectExpert, "home", tmp_path / "none")
    with pytest.raises(HicalmError, match=r"make features without it \(--no-objects\)"):
        ObjectExpert.load()


def test_it_comes_with_the_builtin_encoder_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = FakeEncoder()
    assert ObjectExpert.beside(encoder) is None
    monkeypatch.setattr(encoder, "name", "builtin")
    found = ObjectExpert.beside(encoder)
    assert found is not None and found.name == "object expert"


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_images_of_another_kind_are_refused(trained_objects, image: np.ndarray) -> None:
    with pytest.raises(HicalmError, match="uint8 RGB array"):
        trained_objects[0].encode_images([image])
