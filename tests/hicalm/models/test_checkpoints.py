"""Checkpoints: what is saved comes back equal, and a bad one is refused in one sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from hicalm.errors import HicalmError
from hicalm.models import Flat, HiCALM, make_model
from hicalm.models.checkpoints import content_hash, load_model, publish_model, save_model
from tests.hicalm.museums import collate, random_item, tiny_config

BATCH = collate([random_item(0, 3), random_item(1, 1)])


def saved(folder: Path, **changes: object) -> torch.nn.Module:
    model = make_model(tiny_config(**changes)).eval()
    model.fit_standardisation(BATCH.views, BATCH.sentences)
    save_model(model, folder, card="# Card\n")
    return model


def test_equal_models_have_equal_files(tmp_path: Path) -> None:
    model = saved(tmp_path / "first")
    for number in range(8):
        save_model(model, tmp_path / str(number))
        assert content_hash(tmp_path / str(number)) == content_hash(tmp_path / "first")


@pytest.mark.parametrize("changes", [{}, {"text": "avg", "vision": "avg"}, {"kind": "flat"}])
def test_save_and_load_give_equal_embeddings(tmp_path: Path, changes: dict) -> None:
    model = saved(tmp_path, encoder="ours@1234", **changes)
    loaded = load_model(tmp_path)
    assert type(loaded) is type(model)
    assert loaded.config == model.config
    assert not loaded.training
    for first, second in zip(model.encode_text(BATCH), loaded.encode_text(BATCH), strict=True):
        assert torch.equal(first, second)
    for first, second in zip(model.encode_vision(BATCH), loaded.encode_vision(BATCH), strict=True):
        assert torch.equal(first, second)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
    ]


def test_the_hub_mixin_reads_and_writes_the_same_folder(tmp_path: Path) -> None:
    model = HiCALM(tiny_config()).eval()
    model.save_pretrained(tmp_path / "hub")
    for loaded in (load_model(tmp_path / "hub"), HiCALM.from_pretrained(tmp_path / "hub")):
        assert loaded.config == model.config
        assert torch.equal(loaded.encode_text(BATCH).museum, model.encode_text(BATCH).museum)


def test_a_missing_or_partial_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match=r"no HiCALM checkpoint in .* config.json is missing"):
        load_model(tmp_path / "nowhere")
    saved(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "elsewhere")
    with pytest.raises(HicalmError, match=r"model.safetensors is missing"):
        load_model(tmp_path)
    whole = (tmp_path / "elsewhere").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(HicalmError, match="damaged"):
        load_model(tmp_path)


def test_weights_that_lack_a_tensor_are_refused(tmp_path: Path) -> None:
    model = saved(tmp_path)
    del model.vision.room_layer.bias
    model._save_pretrained(tmp_path)
    with pytest.raises(HicalmError, match=r"safetensors is incomplete: .*room_layer.bias"):
        load_model(tmp_path)
    with pytest.raises(HicalmError, match="does not hold all weights"):
        HiCALM.from_pretrained(tmp_path, strict=False)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda one: one.flatten()[:1].fill_(float("nan")), "its weights .* are not all finite"),
        (lambda one: one.flatten()[:1].fill_(float("inf")), "its weights .* are not all finite"),
        (lambda one: one.int(), "as I32, expected floating-point numbers"),
        (lambda one: one[None], "of shape .*, expected"),
    ],
)
def test_weights_that_are_no_numbers_of_the_model_are_refused(
    tmp_path: Path, change: Callable[[torch.Tensor], torch.Tensor], sentence: str
) -> None:
    model = saved(tmp_path)
    path, name = tmp_path / "model.safetensors", "vision.room_layer.bias"
    tensors = load_file(path)
    found = change(tensors[name])
    tensors |= {name: tensors[name] if found.numel() < tensors[name].numel() else found}
    save_file(tensors, path, metadata={"config": json.dumps(model.config.to_json())})
    with pytest.raises(HicalmError, match=sentence):
        load_model(tmp_path)
    with pytest.raises(HicalmError, match=sentence):
        publish_model(tmp_path, tmp_path / "published")
    assert not (tmp_path / "published").exists()


@pytest.mark.parametrize("size", [60_000, 10**12, 10**30])
def test_sizes_that_are_only_claimed_take_no_memory(tmp_path: Path, size: int) -> None:
    config = saved(tmp_path).config.to_json() | {"hidden": size}
    (tmp_path / "config.json").write_text(json.dumps(config))
    tensors = load_file(tmp_path / "model.safetensors")
    save_file(tensors, tmp_path / "model.safetensors", metadata={"config": json.dumps(config)})
    with pytest.raises(HicalmError, match=r"of shape|impossible size|a whole number"):
        load_model(tmp_path)


def test_a_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    saved(tmp_path)
    path = tmp_path / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps(config | {"hidden": 12}))
    with pytest.raises(HicalmError, match=r"not saved with the config\.json beside it"):
        load_model(tmp_path)
    path.write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(HicalmError, match="does not describe a HiCALM model"):
        load_model(tmp_path)
    path.write_text("not json")
    with pytest.raises(HicalmError, match="not readable JSON"):
        load_model(tmp_path)
    with pytest.raises(HicalmError, match="for 'hicalm', not 'flat'"):
        saved(tmp_path)
        Flat.from_pretrained(tmp_path)
