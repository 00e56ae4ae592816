"""A few steps of training the text encoder change only what is to be trained."""

import torch
from safetensors.torch import load_file

from hicalm.encoders.attributes import EMBED_DIM
from hicalm.encoders.recipe.train_text_encoder import (
    MiniLMTextEncoder,
    TextEncoderConfig,
    train_text_encoder,
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
