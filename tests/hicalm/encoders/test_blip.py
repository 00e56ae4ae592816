"""BLIP by transformers: a small one with random weights, saved as a repository has it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import (
    BertTokenizer,
    BlipConfig,
    BlipForImageTextRetrieval,
    BlipTextConfig,
    BlipVisionConfig,
)

from hicalm.encoders.encoder import Encoder
from hicalm.encoders.published import open_encoder
from hicalm.errors import HicalmError
from tests.hicalm.encoders.test_published import TEXTS, published

SMALL = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "hall", "red", "blue", "walls", "ships",
         "at", "sea", "."]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blip")
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    text = BlipTextConfig(
        vocab_size=len(WORDS), num_attention_heads=2, max_position_embeddings=12, pad_token_id=0,
        encoder_hidden_size=16, **SMALL,
    )  # fmt: skip
    vision = BlipVisionConfig(num_attention_heads=2, image_size=32, patch_size=16, **SMALL)
    torch.manual_seed(0)
    config = BlipConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), image_text_hidden_size=8
    )
    model = BlipForImageTextRetrieval(config)
    for name, weight in model.named_parameters():  # larger, so that texts differ
        if weight.ndim > 1 and "proj" not in name:
            torch.nn.init.normal_(weight, std=0.5)
    model.save_pretrained(folder)
    return folder


def test_both_sides_are_those_of_transformers(folder: Path) -> None:
    projected, hidden = (Encoder.load(f"{scheme}:{folder}") for scheme in ("blip", "blip-hidden"))
    model = BlipForImageTextRetrieval.from_pretrained(folder).eval()
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    tokens = BertTokenizer.from_pretrained(folder)(list(TEXTS), padding=True, return_tensors="pt")
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    mean, std = (
        torch.tensor(value)[:, None, None]
        for value in ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
    )
    with torch.inference_mode():
        expected = model(
            tokens["input_ids"],
            ((pixels - mean) / std).expand(len(TEXTS), -1, -1, -1),
            use_itm_head=False,
            attention_mask=tokens["attention_mask"],
        )
    texts, pictures = projected.encode_texts(TEXTS), projected.encode_images(picture[None])
    cosines = texts @ pictures.T / np.linalg.norm(texts, axis=1)[:, None] / np.linalg.norm(pictures)
    np.testing.assert_allclose(cosines, expected.itm_score.numpy()[:1].T, atol=1e-5)
    np.testing.assert_allclose(
        hidden.encode_texts(TEXTS), expected.question_embeds[:, 0].numpy(), atol=1e-5
    )
    states = expected.last_hidden_state[:1, 0].numpy()
    np.testing.assert_allclose(hidden.encode_images(picture[None]), states, atol=1e-5)
    assert (projected.dim, hidden.dim) == (8, 16) and projected.hash != hidden.hash
    assert hidden.encode_images(np.asarray(Image.fromarray(picture).resize((50, 40)))[None]).any()


def test_long_texts_are_cut_and_words_are_read_alone(folder: Path) -> None:
    encoder = Encoder.load(f"blip:{folder}")
    long = " ".join(["red walls"] * 9)
    assert encoder.unread_part(long).startswith("red walls") and encoder.unread_part("red") == ""
    np.testing.assert_array_equal(
        encoder.encode_texts([long]), encoder.encode_texts([long + " a sea"])
    )
    words, features = encoder.encode_words(["Red walls"])
    assert words == [["Red", "walls"]] and features.shape == (2, 8)
    with pytest.raises(HicalmError, match="no feature map"):
        encoder.encode_cells(np.zeros((1, 32, 32, 3), np.uint8))


def test_published_features_are_known_by_what_is_stored(folder: Path) -> None:
    name = f"blip-hidden:{folder}"
    stored = Encoder.load(name).encode_texts(TEXTS)
    collection = published("blip_base", features=stored.astype(np.float16))
    assert open_encoder(collection, name).name == "blip_base"
    with pytest.raises(HicalmError, match=r"comes closest, but it gives .* only -1"):
        open_encoder(collection, f"blip:{folder}")


def test_what_is_no_blip_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match="not cached, could not be fetched"):
        Encoder.load("blip:nobody/nothing")
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    state = load_file(folder / "model.safetensors")
    del state["text_proj.weight"]
    save_file(state, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(HicalmError, match=r"lacks 1 of the weights, such as text_proj\.weight"):
        Encoder.load(f"blip:{tmp_path}")
