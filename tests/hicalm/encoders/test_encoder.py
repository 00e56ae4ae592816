import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import open_clip
import pytest
import timm
import torch
from open_clip.tokenizer import HFTokenizer
from PIL import Image
from safetensors.torch import load_file, save_file

from hicalm.encoders.builtin import IMAGE_ENCODER
from hicalm.encoders.encoder import Encoder, write_builtin
from hicalm.encoders.minilm import minilm_folder
from hicalm.encoders.thin_resnet import ThinResNet
from hicalm.encoders.tokens import OpenClipTokenizer
from hicalm.errors import HicalmError
from tests.hicalm.encoders import timm_resnet  # noqa: F401 (registers it)
from tests.hicalm.encoders.conftest import LAYER

TEXTS = ["horse", "A room of seascapes with a marble floor.", "blue " * 100, "", "¿Dónde está?"]


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return Encoder.load(str(folder), device="cpu")


def _pictures(count: int, height: int = 120, width: int = 160) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (count, height, width, 3), np.uint8)


def test_importing_the_encoder_does_not_import_torch() -> None:
    code = "import sys, hicalm.encoders.encoder; sys.exit('torch' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_dimensions_and_types(encoder: Encoder, folder: Path) -> None:
    texts, images = encoder.encode_texts(TEXTS), encoder.encode_images(_pictures(3))
    assert (encoder.name, encoder.dim, len(encoder.hash)) == (str(folder), 256, 16)
    assert texts.shape == (len(TEXTS), 256)
    assert images.shape == (3, 256)
    assert texts.dtype == images.dtype == np.float32
    assert encoder.encode_texts([]).shape == encoder.encode_images([]).shape == (0, 256)


@pytest.mark.cuda
def test_a_gpu_gives_the_features_of_the_cpu_in_bfloat16(encoder: Encoder, folder: Path) -> None:
    other = Encoder.load(str(folder), device="cuda")
    for found, expected in (
        (other.encode_texts(TEXTS), encoder.encode_texts(TEXTS)),
        (other.encode_images(_pictures(3)), encoder.encode_images(_pictures(3))),
    ):
        assert found.dtype == np.float32 and not np.array_equal(found, expected)
        lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(expected, axis=1)
        assert ((found * expected).sum(1) > 0.99 * lengths).all()


def test_a_text_is_the_same_alone_and_in_any_batch(encoder: Encoder) -> None:
    single = np.concatenate([encoder.encode_texts([text]) for text in TEXTS])
    for batch_size in (2, 64):
        np.testing.assert_allclose(encoder.encode_texts(TEXTS, batch_size), single, atol=1e-5)


def test_an_image_is_the_same_alone_and_in_any_batch(encoder: Encoder) -> None:
    images = [_pictures(1)[0], _pictures(1, 90, 50)[0], _pictures(1, 300, 400)[0]]
    single = np.concatenate([encoder.encode_images([image]) for image in images])
    np.testing.assert_allclose(encoder.encode_images(images, 2), single, atol=1e-5)


def test_embeddings_are_those_of_open_clips_own_factory(
    encoder: Encoder, folder: Path, tmp_path: Path
) -> None:
    config = json.loads((folder / "open_clip_config.json").read_text())
    local = str(minilm_folder())
    config["model_cfg"]["text_cfg"] |= {"hf_model_name": local, "hf_tokenizer_name": local}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{tmp_path}")
    image_state = load_file(folder / "image_encoder.safetensors")
    model.visual.load_state_dict({f"trunk.{key}": value for key, value in image_state.items()})
    model.text.load_state_dict(load_file(folder / "text_encoder.safetensors"), strict=False)
    model.eval()
    images = [*_pictures(1), *_pictures(1, 200, 90)]
    with torch.no_grad():
        texts = model.encode_text(HFTokenizer(local, context_length=48)(TEXTS))
        pictures = model.encode_image(torch.stack([preprocess(Image.fromarray(i)) for i in images]))
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), texts.numpy(), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_images(images), pictures.numpy(), atol=1e-5)


def test_untrained_weights_are_drawn_as_timm_draws_them() -> None:
    torch.manual_seed(1)
    own = ThinResNet(9).state_dict()
    torch.manual_seed(1)
    for name, value in timm.create_model(IMAGE_ENCODER, num_classes=9).state_dict().items():
        assert own[name].shape == value.shape, name
        drawn, theirs = (one.float().std(correction=0) for one in (own[name], value))
        torch.testing.assert_close(drawn, theirs, rtol=0.2, atol=1e-6)


@pytest.mark.parametrize(
    "text", ["â€œquotedâ€\x9d  &amp;lt;b&gt;", "[SEP] İs\u200btanbul ﬁne", "a\tb"]
)
def test_tokens_are_those_of_transformers(text: str, encoder: Encoder) -> None:
    theirs = HFTokenizer(str(minilm_folder()), context_length=48)
    own, wrapped = encoder._tokenizer, OpenClipTokenizer(theirs)
    assert torch.equal(own([text, "horse"]), wrapped([text, "horse"]))
    for found, expected in zip(own.placed([text, ""]), wrapped.placed([text, ""]), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert set(own.names()) == set(wrapped.names())


def test_the_hash_is_that_of_the_content(encoder: Encoder, copy: Path) -> None:
    (copy / "README.md").write_text("A card changes no embedding.")
    assert Encoder.load(str(copy)).hash == encoder.hash
    state = load_file(copy / "text_encoder.safetensors")
    state[LAYER][0] += 1
    save_file(state, copy / "text_encoder.safetensors")
    changed = Encoder.load(str(copy), device="cpu")
    assert changed.hash != encoder.hash
    assert not np.allclose(changed.encode_texts(["horse"]), encoder.encode_texts(["horse"]))


def test_writing_again_keeps_the_card(copy: Path, folder: Path) -> None:
    (copy / "README.md").write_text("card")
    image, text = (load_file(folder / f"{name}_encoder.safetensors") for name in ("image", "text"))
    write_builtin(copy, image, text | {LAYER: torch.zeros(384)})
    assert (copy / "README.md").read_text() == "card"
    assert not load_file(copy / "text_encoder.safetensors")[LAYER].any()
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_a_weight_beyond_float16_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match=r"'fc\.bias' holds values that float16 cannot"):
        write_builtin(tmp_path / "new", {"fc.bias": torch.tensor([1e6])}, {})
    assert not list(tmp_path.iterdir())


def _without(name: str, key: str):
    def change(folder: Path) -> None:
        state = load_file(folder / name)
        del state[key]
        save_file(state, folder / name)

    return change


def _with(name: str, key: str, *shape: int):
    def change(folder: Path) -> None:
        save_file(load_file(folder / name) | {key: torch.zeros(shape)}, folder / name)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: (f / "open_clip_config.json").unlink(), "open_clip_config.json is missing"),
        (
            lambda f: (f / "text_encoder.safetensors").unlink(),
            "text_encoder.safetensors is missing",
        ),
        (lambda f: (f / "open_clip_config.json").write_text("{}"), "is not the configuration"),
        (
            lambda f: (f / "image_encoder.safetensors").write_text("no"),
            "not a readable safetensors",
        ),
        (_without("image_encoder.safetensors", "fc.bias"), "incomplete: 'fc.bias'"),
        (_without("text_encoder.safetensors", "proj.weight"), "incomplete: 'proj.weight'"),
        (_with("image_encoder.safetensors", "other", 2), "'other', which this network does not"),
        (_with("text_encoder.safetensors", "other", 2), "'other', which this network does not"),
        (_with("image_encoder.safetensors", "fc.bias", 3), r"of shape \(3,\), expected \(256,\)"),
        (_with("text_encoder.safetensors", "proj.weight", 3), r"\(3,\), expected \(256, 384\)"),
    ],
)
def test_a_broken_folder_is_refused(copy: Path, change, message: str) -> None:
    change(copy)
    with pytest.raises(HicalmError, match=message):
        Encoder.load(str(copy))


@pytest.mark.parametrize(
    ("name", "tag", "message"),
    [
        ("VIT-B32", None, "no encoder 'VIT-B32'.*such as ViT-B-32,"),
        ("nothing like it", None, "such as MobileCLIP-S1, ViT-B-32"),
        ("ViT-B-32", "other", "'ViT-B-32' has no weights 'other': choose one of openai"),
        ("ViT-B/32:other", None, "'ViT-B-32' has no weights 'other'"),
        ("builtin", "openai", "leave the tag out"),
    ],
)
def test_unknown_names_and_tags_are_refused(name: str, tag: str | None, message: str) -> None:
    with pytest.raises(HicalmError, match=message):
        Encoder.load(name, tag)


@pytest.mark.parametrize("name", ["MobileCLIP-S1", "ViT-B-32"])
def test_an_unreachable_hub_is_one_sentence(monkeypatch, name: str) -> None:
    def offline(*_: object) -> None:
        raise FileNotFoundError("Failed to download. Last error: offline.")

    monkeypatch.setattr(open_clip, "download_pretrained", offline)
    with pytest.raises(HicalmError, match="could not be fetched from the model hub") as caught:
        Encoder.load(name)
    assert str(caught.value).endswith(".")
    assert ". " not in str(caught.value)


def test_a_hub_model_keeps_its_whole_context(monkeypatch) -> None:
    """A tiny CLIP in the place of ViT-B-32: it pools at the end mark, so nothing is cut off."""
    torch.manual_seed(0)
    vision = {"layers": 1, "width": 32, "head_width": 16, "patch_size": 16, "image_size": 32}
    tiny = open_clip.CLIP(16, vision, {"layers": 1, "width": 32, "heads": 2}).eval()
    preprocess = open_clip.image_transform(32, is_train=False)
    asked = {}

    def create(name: str, **options: object) -> tuple:
        asked.update(options, name=name)
        return tiny, None, preprocess

    monkeypatch.setattr(open_clip, "download_pretrained", lambda _: "cached")
    monkeypatch.setattr(open_clip, "create_model_and_transforms", create)
    monkeypatch.setattr(open_clip, "get_model_config", lambda _: {"embed_dim": 16, "text_cfg": {}})
    encoder = Encoder.load("ViT-B/32", device="cpu")
    assert asked.pop("weights_only")
    assert asked == {"name": "ViT-B-32", "pretrained": "openai", "force_quick_gelu": True}
    assert (encoder.name, encoder.dim) == ("ViT-B-32:openai", 16)
    with torch.no_grad():
        expected = tiny.encode_text(open_clip.tokenize(TEXTS)).numpy()
    np.testing.assert_allclose(encoder.encode_texts(TEXTS, 2), expected, atol=1e-5)
    assert encoder.encode_images(_pictures(2)).shape == (2, 16)
    before = encoder.hash
    with torch.no_grad():
        tiny.text_projection[0, 0] += 1
    assert Encoder.load("ViT-B-32", device="cpu").hash != before


def test_a_lone_text_and_odd_images_are_refused(encoder: Encoder) -> None:
    with pytest.raises(HicalmError, match="not a single string"):
        encoder.encode_texts("horse")
    with pytest.raises(HicalmError, match=r"not float64 of shape \(4, 4\)"):
        encoder.encode_images([np.zeros((4, 4))])


def test_the_built_in_folder_has_one_name(monkeypatch, folder: Path) -> None:
    monkeypatch.setattr("hicalm.encoders.encoder.BUILTIN_FOLDER", folder.resolve())
    for name in ("builtin", str(folder)):
        assert Encoder.load(name, device="cpu").name == "builtin"


def test_words_in_their_sentence_average_to_its_embedding(encoder: Encoder) -> None:
    texts = ["A room of seascapes, don't-you see", "horse"]
    words, features = encoder.encode_words(texts)
    assert words == [["A", "room", "of", "seascapes", "don't-you", "see"], ["horse"]]
    assert features.shape == (7, 256)
    # alone, a word has the two end marks beside it: the embedding is the mean of three tokens
    single = encoder.encode_texts(["horse"])[0]
    assert features[6] @ single > 0.5 * np.linalg.norm(features[6]) * np.linalg.norm(single)


def test_a_word_depends_on_its_sentence_and_not_on_its_neighbours_in_the_batch(
    encoder: Encoder,
) -> None:
    _, together = encoder.encode_words(["a blue horse", "one horse among very many others"])
    _, first = encoder.encode_words(["a blue horse"])
    np.testing.assert_allclose(together[:3], first, atol=1e-5)
    assert np.abs(together[2] - together[4]).max() > 1e-3


def test_words_beyond_the_context_are_left_out(encoder: Encoder) -> None:
    words, features = encoder.encode_words(["blue " * 100])
    assert 40 <= len(words[0]) == len(features) < 48


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("", ""),
        ("horse", ""),
        ("blue " * 46, ""),  # 46 tokens and the two end marks
        ("blue " * 47, "blue "),
        ("Blue, " * 23 + "Red  horses, then", "Red  horses, then"),  # as it was typed
        ("blue " * 45 + "photorealistically red", "realistically red"),
        ("有" * 50, "有" * 4),
    ],
)
def test_what_lies_beyond_the_context_is_not_read(encoder: Encoder, text: str, unread: str) -> None:
    assert encoder.unread_part(text) == unread
    read = text.removesuffix(unread) if unread else text
    np.testing.assert_allclose(
        encoder.encode_texts([text]), encoder.encode_texts([read]), atol=1e-5
    )


def test_whole_words_are_those_of_one_token(encoder: Encoder) -> None:
    words = encoder.whole_words
    assert {"horse", "horses", "museum", "eight"} <= words
    assert not words & {"hroses", "Horse", "", "[cls]", "##s", "7", "photorealistically"}
    assert all(word.isalpha() and word == word.lower() for word in words)
    assert encoder.whole_words is words  # made once
    one = [word for word in ("horse", "museum") if encoder.unread_part(f"{word} " * 46) == ""]
    assert one == ["horse", "museum"]


def test_tokens_are_encoded_alone_between_their_end_marks(encoder: Encoder) -> None:
    whole = encoder.token_numbers(["horse, boat", ""])
    assert [len(own) for own in whole] == [3, 0]
    found = encoder.encode_tokens(whole[0])
    np.testing.assert_allclose(found, encoder.encode_texts(["horse", ",", "boat"]), atol=1e-5)


def test_another_tokenizer_tells_both_too(encoder: Encoder) -> None:
    """open_clip's own tokenizer has a context of 77 tokens, and no offsets."""
    other = Encoder.__new__(Encoder)
    other.__dict__.update(
        encoder.__dict__, _tokenizer=OpenClipTokenizer(open_clip.SimpleTokenizer())
    )
    other.__dict__.pop("whole_words", None)
    assert other.unread_part("Blue " * 75) == ""
    assert other.unread_part("Blue " * 75 + "red horses, then") == "red horses , then"
    assert {"horse", "museum"} <= other.whole_words
    assert all(word.isalpha() and word == word.lower() for word in other.whole_words)


def test_words_of_a_lone_string_are_refused(encoder: Encoder) -> None:
    with pytest.raises(HicalmError, match="sequence of texts"):
        encoder.encode_words("horse")


def test_cells_average_to_the_embedding(encoder: Encoder) -> None:
    pictures = _pictures(2, 240, 320)
    cells = encoder.encode_cells(pictures)
    assert cells.shape == (2, 4, 5, 256)
    np.testing.assert_allclose(cells.mean((1, 2)), encoder.encode_images(pictures), atol=1e-4)


def test_another_text_encoder_reads_every_word_alone(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hicalm.encoders.encoder._averages_tokens", lambda model: False)
    words, features = encoder.encode_words(["blue horse", "a blue cat"])
    assert words == [["blue", "horse"], ["a", "blue", "cat"]]
    np.testing.assert_allclose(features[0], encoder.encode_texts(["blue"])[0], atol=1e-5)
    np.testing.assert_array_equal(features[0], features[3])


def test_a_encoder_without_a_map_has_no_cells(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder.model.visual.trunk.global_pool, "pool_type", "max")
    with pytest.raises(HicalmError, match="no feature map"):
        encoder.encode_cells(_pictures(1))
