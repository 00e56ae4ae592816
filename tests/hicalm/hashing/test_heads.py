import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from hicalm.data.collection import Fingerprint
from hicalm.errors import HicalmError
from hicalm.hashing.codes import unpack
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.heads import HEADS_FILE, HashHeads, load_heads, save_heads

SETTINGS = HashSettings(bits=16, hidden=8, seed=4)
FINGERPRINT = Fingerprint("fake", "f00d", 5)


def random_heads() -> HashHeads:
    torch.manual_seed(0)
    return HashHeads(FINGERPRINT, SETTINGS).eval()


def test_codes_are_the_signs_of_the_activations():
    heads, features = random_heads(), np.random.default_rng(0).standard_normal((7, 5))
    with torch.no_grad():
        length = np.linalg.norm(features, axis=1, keepdims=True)
        rows = torch.from_numpy(features / length * 5**0.5).float()
        expected = heads.image(rows).numpy() > 0
    assert (unpack(heads.image_codes(features)) == expected).all()
    assert (heads.image_codes(9 * features) == heads.image_codes(features)).all()
    assert not (heads.text_codes(features) == heads.image_codes(features)).all()
    assert heads.image_codes(np.zeros((0, 5))).shape == (0, 2)


def test_saved_heads_give_the_same_codes(tmp_path: Path):
    heads, features = random_heads(), np.random.default_rng(0).standard_normal((7, 5))
    save_heads(heads, tmp_path / "run")
    found = load_heads(tmp_path / "run")
    assert found.settings == SETTINGS and found.fingerprint == FINGERPRINT
    assert (found.image_codes(features) == heads.image_codes(features)).all()
    assert (found.text_codes(features) == heads.text_codes(features)).all()
    assert [path.name for path in (tmp_path / "run").iterdir()] == [HEADS_FILE]


def test_features_of_another_width_are_refused():
    with pytest.raises(HicalmError, match=r"features of 5 numbers .*not of shape \(2, 6\)"):
        random_heads().image_codes(np.zeros((2, 6)))


def test_a_missing_run_names_the_command(tmp_path: Path):
    with pytest.raises(HicalmError, match="`python -m hicalm hash train`"):
        load_heads(tmp_path)


@pytest.mark.parametrize("content", [b"", b"x" * 50, {}, {"config": "null"}, {"config": "{}"}])
def test_damaged_heads_are_refused(content: bytes | dict, tmp_path: Path):
    if isinstance(content, bytes):
        (tmp_path / HEADS_FILE).write_bytes(content)
    else:
        save_file({"a": torch.zeros(1)}, tmp_path / HEADS_FILE, metadata=content)
    with pytest.raises(HicalmError, match="is damaged or does not hold hash heads"):
        load_heads(tmp_path)


def test_heads_without_all_weights_are_refused(tmp_path: Path):
    save_heads(random_heads(), tmp_path)
    with safe_open(tmp_path / HEADS_FILE, framework="pt") as file:
        state = {key: file.get_tensor(key) for key in list(file.keys())[1:]}
        save_file(state, tmp_path / "cut", metadata=file.metadata())
    (tmp_path / "cut").replace(tmp_path / HEADS_FILE)
    with pytest.raises(HicalmError, match="is damaged or does not hold hash heads"):
        load_heads(tmp_path)


@pytest.mark.parametrize(
    ("dim", "hidden"), [(5, 10**6), (10**6, 10**6), (10**12, 8), (10**30, 8), (10**18, 10**18)]
)
def test_sizes_that_are_only_claimed_are_refused_before_they_are_built(
    dim: int, hidden: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    save_heads(random_heads(), tmp_path)
    with safe_open(tmp_path / HEADS_FILE, framework="pt") as file:
        config = json.loads(file.metadata()["config"])
    config["encoder"]["dim"], config["settings"]["hidden"] = dim, hidden
    metadata = {"config": json.dumps(config)}
    save_file(random_heads().state_dict(), tmp_path / HEADS_FILE, metadata=metadata)
    monkeypatch.setattr(torch.nn.Linear, "reset_parameters", only_without_memory)
    with pytest.raises(HicalmError, match="is damaged or does not hold hash heads"):
        load_heads(tmp_path)


def only_without_memory(layer: torch.nn.Linear) -> None:
    assert layer.weight.is_meta


def test_weights_that_are_not_finite_are_refused(tmp_path: Path):
    heads = random_heads()
    heads.text[2].bias.data[3] = np.nan
    save_heads(heads, tmp_path)
    with pytest.raises(HicalmError, match="is damaged"):
        load_heads(tmp_path)
