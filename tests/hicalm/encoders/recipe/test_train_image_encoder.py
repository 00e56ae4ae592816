"""A few steps of training the image encoder are repeatable."""

import json

import numpy as np
import torch
from safetensors.torch import load_file

from hicalm.encoders.recipe.train_image_encoder import ImageEncoderConfig, train_image_encoder


def test_image_encoder_training_is_repeatable(rendered, tmp_path):
    config = ImageEncoderConfig(
        steps=2, fine_steps=1, paintings=3, views=4, coarse_size=(32, 32), fine_size=(48, 64)
    )
    museums = np.arange(len(rendered.done))
    for name in ("first", "again"):
        train_image_encoder(rendered, museums, config, tmp_path / name)
    first, again = (
        load_file(tmp_path / name / "image_encoder.safetensors") for name in ("first", "again")
    )
    assert first.keys() == again.keys()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert (
        json.loads((tmp_path / "first" / "image_encoder.json").read_text())["config"]["steps"] == 2
    )
