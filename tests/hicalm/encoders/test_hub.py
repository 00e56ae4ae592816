"""Local weights of open_clip models: small random ones, saved as people save theirs."""

from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import save_file

from hicalm.data.collection import Fingerprint
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.hub import load_hub
from hicalm.errors import HicalmError

TINY = "tiny-clip"
TEXTS = ["a red room", "a horse"]
CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"layers": 1, "width": 32, "head_width": 16, "patch_size": 16, "image_size": 32},
    "text_cfg": {"layers": 1, "width": 16, "heads": 2, "context_length": 12},
}


class Hostile:
    """What would run when it is unpickled without care."""

    def __reduce__(self) -> tuple:
        return (print, ("unpickled",))


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    """A model that open_clip knows by name for one test."""
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, TINY, CONFIG)
    torch.manual_seed(0)
    return open_clip.create_model(TINY).eval()


def _with_prefix(state: dict) -> dict:
    return {f"module.{key}": value for key, value in state.items()}


def _half(state: dict) -> dict:
    return {key: value.half() for key, value in state.items()}


@pytest.mark.parametrize(
    ("name", "wrapped"),
    [
        ("plain.pt", lambda state: state),
        ("training.pt", lambda state: {"epoch": 3, "state_dict": _with_prefix(state)}),
        ("half.bin", _half),
        ("plain.safetensors", lambda state: state),
        ("prefixed.safetensors", lambda state: _with_prefix(_half(state))),
    ],
)
def test_local_weights_are_read_as_they_were_saved(
    tiny: torch.nn.Module, tmp_path: Path, name: str, wrapped
) -> None:
    path, state = tmp_path / name, {k: v.contiguous() for k, v in tiny.state_dict().items()}
    save = save_file if name.endswith("safetensors") else torch.save
    save(wrapped(state), path)
    encoder = Encoder.load(f"{TINY}:{path}", device="cpu")
    with torch.inference_mode():
        expected = tiny.encode_text(open_clip.get_tokenizer(TINY)(TEXTS)).numpy()
    exact = "half" not in name and "prefixed" not in name
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), expected, atol=1e-5 if exact else 0.02)
    assert encoder.dim == 16
    # what a collection keeps of its encoder finds it again
    kept = Fingerprint.of(encoder)
    assert kept == Fingerprint.of(Encoder.load(kept.name, device="cpu"))


def test_weights_that_are_none_are_refused(tiny: torch.nn.Module, tmp_path: Path, capsys) -> None:
    hostile, other, damaged = (tmp_path / name for name in ("a.pt", "b.pt", "c.safetensors"))
    torch.save({"state_dict": Hostile()}, hostile)
    torch.save({"positional_embedding": torch.zeros(1)}, other)
    damaged.write_bytes(b"no tensors")
    for path, message in (
        (hostile, "is not read, because it holds more than plain tensors"),
        (other, "do not fit 'tiny-clip'"),
        (damaged, "do not fit 'tiny-clip'"),
        (tmp_path / "none.pt", "There is no weights file"),
    ):
        with pytest.raises(HicalmError, match=message):
            load_hub(f"{TINY}:{path}")
    assert "unpickled" not in capsys.readouterr().out


def test_weights_that_claim_or_hold_what_is_none_are_refused(
    tiny: torch.nn.Module, tmp_path: Path
) -> None:
    state = tiny.state_dict()
    key = "visual.proj"
    claimed = torch.zeros(1).as_strided((60_000, 60_000), (0, 0))
    damaged = state | {key: torch.full_like(state[key], float("nan"))}
    for name, content, message in (
        ("claims.pt", state | {key: claimed}, "tensors claim 14,40"),
        ("damaged.pt", damaged, "are not all finite"),
        ("damaged.safetensors", damaged, "are not all finite"),
        ("none.pt", {"state_dict": ["x"]}, "holds no weights"),
        ("list.pt", [state[key]], "holds no weights"),
    ):
        plain = name.endswith("safetensors")
        (save_file if plain else torch.save)(content, tmp_path / name)
        with pytest.raises(HicalmError, match=message):
            load_hub(f"{TINY}:{tmp_path / name}")
    (tmp_path / "memo.pt").write_bytes(b"\x80\x02]r\x00\x00\x00\x10.")
    with pytest.raises(HicalmError, match=r"is not read|is damaged|more memory"):
        load_hub(f"{TINY}:{tmp_path / 'memo.pt'}")


def test_local_weights_are_preprocessed_as_the_published_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """MobileCLIP takes pixels as they are, CLIP standardises them."""
    asked: dict = {}

    def create(name: str, **options: object) -> tuple:
        asked.update(options)
        raise RuntimeError("enough")

    monkeypatch.setattr(open_clip, "create_model_and_transforms", create)
    monkeypatch.setattr("hicalm.encoders.hub.Path.is_file", lambda path: True)
    with pytest.raises(HicalmError, match="enough"):
        load_hub("MobileCLIP-S1:weights.safetensors")
    assert asked["image_mean"] == (0.0, 0.0, 0.0)
    assert asked["weights_only"] is True


def test_a_repository_without_weights_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def create(name: str, **options: object) -> tuple:
        assert options["require_pretrained"] is True  # else open_clip draws random weights
        raise RuntimeError("offline")

    monkeypatch.setattr(open_clip, "create_model_and_transforms", create)
    with pytest.raises(HicalmError, match=r"'hf-hub:nobody/nothing'.*could not be fetched"):
        Encoder.load("hf-hub:nobody/nothing")
