"""Two steps of training the query encoder, and how it is read back."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from hicalm.encoders.encoder import Encoder
from hicalm.encoders.recipe.steps import pack_query
from hicalm.encoders.recipe.train_query_encoder import (
    QueryEncoderConfig,
    read_probabilities,
    train_query_encoder,
)
from hicalm.encoders.recipe.word_lists import load_background, load_wordings
from hicalm.encoders.recipe.worded_texts import WordedTexts


@pytest.mark.slow
def test_what_is_trained_is_what_the_encoder_reads_with(copy: Path, tmp_path: Path) -> None:
    config = QueryEncoderConfig(steps=2, batch=4, pool=2, trained_layers=1)
    texts = WordedTexts(load_wordings(), load_background())
    start = copy / "text_encoder.safetensors"
    trained = train_query_encoder(config, texts, tmp_path, start=start)
    state = load_file(tmp_path / "query_encoder.safetensors")
    before = load_file(start)["proj.weight"].float()
    assert not np.array_equal(before, state["proj.weight"])
    assert np.allclose(before, state["proj.weight"], atol=0.05)  # it began there
    assert json.loads((tmp_path / "query_encoder.json").read_text())["config"]["steps"] == 2

    metrics = pack_query(tmp_path, copy)
    assert {"single", "combined", "auroc"} <= set(metrics)
    read = Encoder.load(str(copy), device="cpu").encode_queries(["galleons", "a red wall"])
    np.testing.assert_allclose(
        read.probabilities, read_probabilities(trained, ["galleons", "a red wall"]), atol=0.02
    )
