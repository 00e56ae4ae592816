"""Which encoder made published features is tried, not believed; without it the name remains."""

import numpy as np
import pytest

from hicalm.data.collection import Collection, Features, Fingerprint, Museum, Room
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.published import MissingEncoder, least_cosine, open_encoder
from hicalm.errors import HicalmError

WIDTH = 4
TEXTS = ("A hall.", "Red walls.", "Blue walls .", "Ships at sea.")


def published(
    name: str = "mobile_clip", hash: str = "published", features: np.ndarray | None = None
) -> Collection:
    """Four sentences with a feature of their own each, two of them encoded without full stops."""
    sentence = np.eye(4, dtype=np.float16) if features is None else features
    museum = Museum("m", "M", "test", TEXTS[:1], (Room("Room 1", TEXTS[1:], 1),))
    width = sentence.shape[1]
    arrays = {"view": np.ones((1, width), np.float16), "sentence": sentence}
    prints = {kind: Fingerprint(name, hash, width) for kind in arrays}
    return Collection("c", "", (museum,), {"source": "none"}, Features(arrays, prints))


class Standing:
    """An encoder that gives what is stored, with some noise, of texts with full stops or none."""

    def __init__(self, name: str, noise: float, stop: bool = False, dim: int = WIDTH) -> None:
        self.name, self.hash, self.dim, self._noise, self._stop = name, "cafe", dim, noise, stop

    def encode_texts(self, texts: list[str]) -> np.ndarray:
        own = [np.eye(4)[n] if text.endswith(".") == self._stop else np.full(4, 0.5)
               for n, text in enumerate(texts)]  # fmt: skip
        return np.array(own, np.float32) + self._noise * np.arange(1, 5, dtype=np.float32)


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> dict[str, Standing]:
    """The encoders whose weights are on this machine, by name."""
    there: dict[str, Standing] = {}

    def load(name: str) -> Standing:
        if name not in there:
            raise HicalmError(f"The encoder '{name}' is not cached.")
        return there[name]

    monkeypatch.setattr(Encoder, "load", load)
    return there


def test_the_encoder_that_gives_what_is_stored_takes_the_features_name(weights) -> None:
    weights["MobileCLIP-S1:datacompdr"] = Standing("S1", 0.3)
    weights["MobileCLIP-S2:datacompdr"] = Standing("S2", 0.001)
    found = open_encoder(published())
    assert found is weights["MobileCLIP-S2:datacompdr"]
    assert (found.name, found.hash) == ("mobile_clip", "published")
    assert least_cosine(published(), Standing("other", 0, dim=8)) == -1
    assert least_cosine(published(), Standing("with full stops", 0, stop=True)) == pytest.approx(1)


def test_of_encoders_that_give_something_else_the_closest_is_named(weights) -> None:
    weights["MobileCLIP-S1:datacompdr"] = Standing("S1", 0.3)
    weights["MobileCLIP-B:datacompdr"] = Standing("B", 0.1)
    found = open_encoder(published())
    assert isinstance(found, MissingEncoder) and found.name == "mobile_clip"
    with pytest.raises(HicalmError, match=r"MobileCLIP-B:datacompdr comes closest.* only 0\.\d\d"):
        found.encode_texts(["Red walls."])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("mobile_clip", "may be those of MobileCLIP-S1:datacompdr or .* are not on this machine"),
        ("clip", "may be those of ViT-B-32:laion2b_s34b_b79k, whose weights"),
        ("blip_base", "may be those of blip-hidden:Salesforce/blip-itm-base-coco or .* are not on"),
        ("nobody's", "No encoder is known by the name 'nobody's'"),
    ],
)
def test_without_weights_all_that_encodes_says_why(weights, name: str, reason: str) -> None:
    found = open_encoder(published(name))
    for encode in (found.encode_queries, found.encode_images, found.encode_words):
        with pytest.raises(HicalmError, match=reason):
            encode([])


def test_an_encoder_that_is_asked_for_must_be_right(weights) -> None:
    weights["mine"] = Standing("mine", 0.0)
    assert open_encoder(published("blip_base"), "mine").name == "blip_base"
    weights["mine"] = Standing("mine", 0.5)
    for name, reason in (("mine", "mine comes closest"), ("yours", "may be those of yours")):
        with pytest.raises(HicalmError, match=reason):
            open_encoder(published(), name)


def test_features_with_a_hash_are_not_tried(weights) -> None:
    weights["ViT-B-32:openai"] = Standing("ViT-B-32:openai", 0.5)
    assert open_encoder(published("ViT-B-32:openai", "cafe")).name == "ViT-B-32:openai"
    assert isinstance(open_encoder(published("ViT-L-14:openai", "cafe")), MissingEncoder)
    with pytest.raises(HicalmError, match="not cached"):  # the built-in one is part of this package
        open_encoder(published("builtin", "cafe"))
