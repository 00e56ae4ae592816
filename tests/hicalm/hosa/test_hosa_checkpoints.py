"""A HOSA model goes to disk and comes back the same; what is broken is named."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from hicalm.errors import HicalmError
from hicalm.hosa.hosa_checkpoints import load_hosa, save_hosa
from hicalm.hosa.model import HosaConfig, HosaModel

CONFIG = HosaConfig(region_dim=6, word_dim=5, width=8, tube=4, encoder="somebody's 1a2b")


def saved(folder: Path) -> HosaModel:
    torch.manual_seed(0)
    model = HosaModel(CONFIG).eval()
    save_hosa(model, folder, vocabulary='["a"]')
    return model


def test_save_and_load(tmp_path: Path) -> None:
    model = saved(tmp_path)
    loaded = load_hosa(tmp_path)
    assert loaded.config == CONFIG and not loaded.training
    regions, words = torch.randn(2, 3, 6), torch.randn(3, 4, 5)
    for one, other in ((model, loaded),):
        wanted = one.scores(one.encode_regions(regions), one.encode_words(words))
        found = other.scores(other.encode_regions(regions), other.encode_words(words))
        assert torch.equal(wanted, found)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["config.json", "model.safetensors", "vocabulary.json"]
    assert json.loads((tmp_path / "config.json").read_text()) == CONFIG.to_json()


def test_equal_models_have_equal_files(tmp_path: Path) -> None:
    model = saved(tmp_path / "first")
    for number in range(8):
        save_hosa(model, tmp_path / str(number))
        again, first = (tmp_path / name / "model.safetensors" for name in (str(number), "first"))
        assert again.read_bytes() == first.read_bytes()


def test_half_precision_comes_back_to_single(tmp_path: Path) -> None:
    save_hosa(saved(tmp_path).half(), tmp_path)
    assert load_hosa(tmp_path).region_layer.weight.dtype == torch.float32


def _with(**changes: object) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        inside = CONFIG.to_json() | changes
        save_file(load_file(path), path, metadata={"config": json.dumps(inside)})

    return damage


def _incomplete(path: Path) -> None:
    tensors = load_file(path)
    del tensors["region_layer.bias"]
    save_file(tensors, path, metadata={"config": json.dumps(CONFIG.to_json())})


@pytest.mark.parametrize("size", [2**20, 2**40, 2**60, 2**100])
def test_sizes_that_are_only_claimed_are_refused_before_they_are_built(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path)
    _with(width=size, vocabulary=size)(tmp_path / "model.safetensors")
    monkeypatch.setattr(torch.nn.Linear, "reset_parameters", _only_without_memory)
    with pytest.raises(HicalmError, match=r"incomplete|of shape|impossible size|a whole number"):
        load_hosa(tmp_path)


def _only_without_memory(layer: torch.nn.Linear) -> None:
    assert layer.weight.is_meta


def _not_finite(path: Path) -> None:
    tensors = load_file(path)
    tensors["region_layer.weight"][1, 2] = float("inf")
    save_file(tensors, path, metadata={"config": json.dumps(CONFIG.to_json())})


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (Path.unlink, "There is no HOSA model in"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "damaged or not a safetensors"),
        (lambda path: save_file(load_file(path), path), "`kind` must be 'hosa'"),
        (_with(kind="hicalm"), "`kind` must be 'hosa'"),
        (_with(width="8"), "width must be a whole number, not '8'"),
        (_with(heads=3), "Unknown option 'heads'"),
        (_with(width=16), r"holds .* of shape .*, expected \(16"),
        (_with(tube=3), "8 must be a multiple of the tubes' length 3"),
        (_not_finite, "is damaged: its weights .* are not all finite"),
        (_incomplete, "is incomplete: .*region_layer.bias"),
    ],
)
def test_broken_checkpoints(damage: Callable[[Path], None], sentence: str, tmp_path: Path) -> None:
    saved(tmp_path)
    damage(tmp_path / "model.safetensors")
    with pytest.raises(HicalmError, match=sentence) as error:
        load_hosa(tmp_path)
    assert "\n" not in str(error.value)
