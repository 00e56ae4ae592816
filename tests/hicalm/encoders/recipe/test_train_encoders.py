"""A few steps of the encoders' training: repeatable, and only what is to be trained changes."""

import json

import numpy as np
import torch
from safetensors.torch import load_file

from hicalm.encoders.attributes import EMBED_DIM
from hicalm.encoders.recipe.train_image_encoder import ImageEncoderConfig, train_image_encoder
from hicalm.encoders.recipe.train_text_encoder import (
    MiniLMTextEncoder,
    TextEncoderConfig,
    train_text_encoder,
)


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


def test_text_encoder_training_changes_the_upper_layers_only(tmp_path):
    before = MiniLMTextEncoder(trained_layers=1)
    config = TextEncoderConfig(steps=2, batch=4, pool=2, trained_layers=1)
    after = train_text_encoder(config, tmp_path)

    saved = load_file(tmp_path / "text_encoder.safetensors")
    last = before.transformer.config.num_hidden_layers - 1
    kept = {"proj.weight"} | {name for name in saved if f"encoder.layer.{last}." in name}
    assert set(saved) == kept and len(kept) > 1
    lower = "transformer.embeddings.word_embeddings.weight"
    assert torch.equal(before.state_dict()[lower], after.state_dict()[lower])
    changed = f"transformer.encoder.layer.{last}.output.dense.weight"
    assert not torch.equal(before.state_dict()[changed], after.state_dict()[changed])
    assert after.embed(["a red wall", "the sea at dusk"]).shape == (2, EMBED_DIM)
