"""Typed phrases: sharpened features, shared layers, and files that are missing or damaged."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from hicalm.encoders.attributes import anchors, attribute_columns
from hicalm.encoders.builtin import write_query_encoder
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.query_encoder import QueryEncoder
from hicalm.errors import HicalmError
from tests.hicalm.encoders.conftest import LAYER

FILE = "query_encoder.safetensors"
TEXTS = ["horse", "galleons by Seurat, and somewhere to sit", "blue " * 100, ""]
VALUES = len(attribute_columns())


def state(**changes: torch.Tensor) -> dict[str, torch.Tensor]:
    """A query encoder that is the tiny text encoder with another bias and projection."""
    torch.manual_seed(1)
    return {
        "proj.weight": torch.randn(256, 384) * 0.05,
        LAYER: torch.zeros(384),
        "attribute_scale": torch.full((VALUES,), 2.0),
        "attribute_offset": torch.full((VALUES,), -1.0),
        "feature_norm": torch.tensor(4.5),
    } | changes


def unit(*numbers: float) -> np.ndarray:
    return np.array(numbers) / np.linalg.norm(numbers)


@pytest.fixture
def queries(copy: Path) -> Path:
    write_query_encoder(copy, state())
    return copy


@pytest.fixture
def three() -> QueryEncoder:
    """Two attributes in a space of three dimensions, whose third is nobody's."""
    two = np.ones(2, np.float32)
    return QueryEncoder(None, np.eye(2, 3, dtype=np.float32), two, 0 * two, norm=2, hash="")


@pytest.mark.parametrize(
    ("embedding", "probabilities", "features"),
    [
        ([1e6, -1e6, 5], [1, 0], [2, 0, 0]),  # what is not mentioned is gone
        ([1e6, 1e6, 5], [1, 1], [2**0.5, 2**0.5, 0]),
        ([-99, -99, 0.1], [0, 0], [-(2**0.5), -(2**0.5), 0]),  # nothing known: its own direction
        # 0.75^0.7 and 0.5^0.7 of the anchors, and 0.25 of its own direction
        ([np.log(3), 0, 0], [0.75, 0.5], 2 * unit(0.81760 + 0.25, 0.61557, 0)),
        ([0, 0, 1], [0.5, 0.5], 2 * unit(0.61557, 0.61557, 0.5)),
        ([0, 0, 0], [0.5, 0.5], [2**0.5, 2**0.5, 0]),
    ],
)
def test_features_are_the_sum_of_what_is_mentioned(
    three: QueryEncoder, embedding: list[float], probabilities: list[float], features: list[float]
) -> None:
    with np.errstate(all="raise", under="ignore"):
        read = three.sharpened(np.array([embedding], np.float32))
    np.testing.assert_allclose(read.probabilities, [probabilities], atol=1e-5)
    np.testing.assert_allclose(read.features, [features], atol=2e-3)
    assert read.features.dtype == np.float32


def test_probabilities_come_from_the_own_tower(queries: Path) -> None:
    encoder = Encoder.load(str(queries), device="cpu")
    read = encoder.encode_queries(TEXTS)
    assert read.features.shape == (len(TEXTS), 256)
    np.testing.assert_allclose(np.linalg.norm(read.features, axis=1), 4.5, rtol=1e-3)
    changed = {key: value.half().float() for key, value in state().items()}
    encoder.model.text.load_state_dict(changed, strict=False)  # what the tower must be alike
    logits = encoder.encode_texts(TEXTS) @ anchors().numpy().T * 2 - 1
    np.testing.assert_allclose(read.probabilities, 1 / (1 + np.exp(-logits)), atol=1e-5)


def test_a_phrase_is_the_same_alone_and_in_any_batch(queries: Path) -> None:
    encoder = Encoder.load(str(queries), device="cpu")
    single = np.concatenate([encoder.encode_queries([text]).features for text in TEXTS])
    np.testing.assert_allclose(encoder.encode_queries(TEXTS, 2).features, single, atol=1e-5)
    nothing = encoder.encode_queries([])
    assert nothing.features.shape == (0, 256) and nothing.probabilities.shape == (0, VALUES)


def test_descriptions_are_read_as_before_and_lower_layers_are_shared(
    queries: Path, folder: Path
) -> None:
    before, after = (Encoder.load(str(path), device="cpu") for path in (folder, queries))
    assert after.hash == before.hash
    np.testing.assert_array_equal(after.encode_texts(TEXTS), before.encode_texts(TEXTS))
    text, query = (
        {name: value.data_ptr() for name, value in network.named_parameters()}
        for network in (after.model.text, after._query.text)
    )
    assert {name for name in text if text[name] != query[name]} == {LAYER, "proj.weight"}


def test_the_query_hash_is_that_of_the_content(queries: Path, folder: Path) -> None:
    first = Encoder.load(str(queries), device="cpu").query_hash
    write_query_encoder(queries, state(feature_norm=torch.tensor(4.0)))
    assert len({first, Encoder.load(str(queries)).query_hash, Encoder.load(str(folder)).hash}) == 3


def test_without_the_file_the_text_encoder_reads(folder: Path) -> None:
    encoder = Encoder.load(str(folder), device="cpu")
    read = encoder.encode_queries(TEXTS)
    assert read.probabilities is None and encoder.query_hash is None
    np.testing.assert_array_equal(read.features, encoder.encode_texts(TEXTS))
    with pytest.raises(HicalmError, match="not a single string"):
        encoder.encode_queries("horse")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.write_bytes(b"no"), "not a readable safetensors"),
        (lambda f: f.write_bytes(f.read_bytes()[:-9]), "not a readable safetensors"),
        (
            lambda f: save_file(state() | {"other": torch.zeros(2)}, f),
            "holds 'other', which",
        ),
        (
            lambda f: save_file(state(attribute_scale=torch.zeros(3)), f),
            rf"of shape \(3,\), expected \({VALUES},\)",
        ),
        (
            lambda f: save_file({k: v for k, v in load_file(f).items() if k != LAYER}, f),
            f"incomplete: '{LAYER}'",
        ),
    ],
)
def test_a_damaged_file_is_refused(queries: Path, change, message: str) -> None:
    change(queries / FILE)
    with pytest.raises(HicalmError, match=message):
        Encoder.load(str(queries))


def test_it_is_written_beside_an_encoder_only(tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match="There is no built-in encoder"):
        write_query_encoder(tmp_path, state())
