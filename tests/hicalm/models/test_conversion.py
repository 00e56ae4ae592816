"""Checkpoints of the published code give the same numbers here.

``golden`` holds six museums in the published layout, published checkpoints with random weights, and
what the published code makes of them: all museums in one batch, and each alone.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.data.collection import Collection, load_collection
from hicalm.errors import HicalmError
from hicalm.importers.features import import_published
from hicalm.importers.published_layouts import find_layout
from hicalm.models.checkpoints import load_model, save_model
from hicalm.models.conversion import convert_checkpoint
from hicalm.models.hicalm import QUIRKS
from hicalm.retrieval.embed import embed_collection, save_embeddings

GOLDEN = Path(__file__).parents[1] / "golden"
KINDS = sorted(path.name for path in (GOLDEN / "tiny").iterdir())
# Ours -> theirs; a kind without one of these levels has no such key.
NAMES = {
    "text_museum": "text_museum",
    "text_room": "text_room",
    "view_room": "vis_room",
    "view_museum": "vis_museum",
}
CLOSE = 1e-5


@pytest.fixture(scope="module")
def museums(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    out = tmp_path_factory.mktemp("imported") / "collection"
    import_published(find_layout("museums3k", GOLDEN / "data6_tiny"), out, progress=False)
    return load_collection(out)


def checkpoint(kind: str) -> Path:
    return GOLDEN / "tiny" / kind / "ckpt.pt"


def converted(kind: str, **options: object) -> torch.nn.Module:
    merge = kind.split("_")[1] if kind.startswith("merge") else "none"
    return convert_checkpoint(checkpoint(kind), merge, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_embeddings_are_those_of_the_published_code(kind: str, museums: Collection) -> None:
    own = embed_collection(converted(kind), museums, batch_size=6)
    theirs = np.load(GOLDEN / "tiny" / kind / "out_batch6.npz")
    compared = [name for name in NAMES if NAMES[name] in theirs]
    assert {"text_museum", "view_museum"} <= set(compared)
    for name in compared:
        np.testing.assert_allclose(own[name], theirs[NAMES[name]], atol=CLOSE, rtol=0)
    if "vis_image_padded" in theirs:
        for number, padded in enumerate(theirs["vis_image_padded"]):
            views = slice(*own["view_offsets"][own["room_offsets"][[number, number + 1]]])
            length = views.stop - views.start
            np.testing.assert_allclose(own["view"][views], padded[:length], atol=CLOSE, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_each_museum_alone_is_as_published(kind: str, museums: Collection) -> None:
    own = embed_collection(converted(kind), museums, batch_size=1)
    theirs = np.load(GOLDEN / "tiny" / kind / "out_single.npz")
    for number in range(6):
        for name in ("text_museum", "view_museum"):
            expected = theirs[f"{number}_{NAMES[name]}"].reshape(-1)
            np.testing.assert_allclose(own[name][number], expected, atol=CLOSE, rtol=0)


def test_the_flat_model_of_the_evaluation_script(museums: Collection) -> None:
    model = converted("flat_art", without=("padded-views",))
    own = embed_collection(model, museums, batch_size=6)
    theirs = np.load(GOLDEN / "tiny" / "flat_art" / "out_batch6_evalscript.npz")
    np.testing.assert_allclose(own["view_museum"], theirs["vis_museum"], atol=CLOSE, rtol=0)


@pytest.mark.parametrize(
    ("kind", "quirk", "key"),
    [
        ("hier_rnn_art", "zeroed-last-sentence", "text_museum"),
        ("hier_avg_noart", "padded-rooms", "view_museum"),
        ("merge_max_art", "padded-rooms", "view_museum"),
        ("flat_art", "padded-views", "view_museum"),
        ("merge_mean_art", "padded-rooms", "view_museum"),
    ],
)
def test_a_quirk_can_be_left_out_and_matters(
    kind: str, quirk: str, key: str, museums: Collection
) -> None:
    with_it, without = converted(kind), converted(kind, without=(quirk,))
    assert quirk in with_it.config.quirks and quirk not in without.config.quirks
    first, second = (embed_collection(model, museums, 6)[key] for model in (with_it, without))
    assert np.abs(first - second).max() > 1e-3
    single = embed_collection(without, museums, 1)[key]
    np.testing.assert_allclose(second, single, atol=CLOSE)  # a batch then plays no part


@pytest.mark.parametrize("kind", KINDS)
def test_a_converted_model_is_saved_and_loaded(
    kind: str, museums: Collection, tmp_path: Path
) -> None:
    model = converted(kind)
    save_model(model, tmp_path)
    again = load_model(tmp_path)
    assert again.config == model.config
    first, second = (embed_collection(one, museums, 4) for one in (model, again))
    assert set(first) == set(second)
    for name, vectors in first.items():
        np.testing.assert_array_equal(vectors, second[name])


def test_embeddings_are_written_whole(museums: Collection, tmp_path: Path) -> None:
    vectors = embed_collection(converted("hier_rnn_art"), museums)
    save_embeddings(vectors, tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz") as file:
        assert set(file) == set(vectors) == {
            "text_museum", "text_room", "view", "view_room", "view_museum", "room_offsets",
            "view_offsets",
        }  # fmt: skip
        assert file["room_offsets"].tolist() == [0, 7, 14, 21, 27, 35, 42]
        assert file["view_offsets"][-1] == len(file["view"]) == 504
    assert [path.name for path in tmp_path.iterdir()] == ["out.npz"]
    with pytest.raises(HicalmError, match="--batch-size must be at least 1, not 0"):
        embed_collection(converted("hier_rnn_art"), museums, 0)


def test_what_is_no_published_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ckpt.pt"
    with pytest.raises(HicalmError, match="There is no checkpoint"):
        convert_checkpoint(path)
    path.write_bytes(checkpoint("hier_rnn_art").read_bytes()[:999])
    with pytest.raises(HicalmError, match="damaged or no checkpoint"):
        convert_checkpoint(path)
    states = torch.load(checkpoint("hier_rnn_art"), weights_only=True)
    image, text = states["best_model_0"], states["best_model_1"]
    for value, reason in (
        ({"best_model_0": image}, "must hold the weights best_model_0 and best_model_1"),
        ([image, text], "must hold the weights"),
        ({"best_model_0": {}, "best_model_1": text}, "image encoder in .* none of the published"),
        ({"best_model_0": image, "best_model_1": {}}, "text encoder in .* none of the published"),
        (
            {"best_model_0": image | {"extra.weight": torch.ones(1)}, "best_model_1": text},
            r"weight that is not known: extra\.weight",
        ),
        (
            {"best_model_0": image | {"trf_photo.bias": torch.ones(3)}, "best_model_1": text},
            "does not fit a rnn model",
        ),
        ({"best_model_0": image, "best_model_1": text, "run": print}, "more than plain tensors"),
    ):
        torch.save(value, path)
        with pytest.raises(HicalmError, match=reason):
            convert_checkpoint(path)


def test_a_merge_by_the_mean_can_take_the_mean_itself(museums: Collection) -> None:
    quirks = ("padded-rooms", "twelvefold-mean")
    twelvefold, plain = (
        embed_collection(converted("merge_mean_art", without=without), museums)["view_museum"]
        for without in (quirks[:1], quirks)
    )
    np.testing.assert_allclose(twelvefold[:, :16], 12 * plain[:, :16], rtol=1e-5)
    np.testing.assert_array_equal(twelvefold[:, 16:], plain[:, 16:])


def test_older_names_give_the_same_model(museums: Collection, tmp_path: Path) -> None:
    image, text = torch.load(checkpoint("flat_art"), weights_only=True).values()
    older = {
        name.replace("trf.", "trf_photo.").replace("fc.", "trf_mean."): weight
        for name, weight in image.items()
    }
    assert {"trf_photo.weight", "trf_mean.weight"} < set(older)
    prefixed = [{f"module.{n}": weight for n, weight in state.items()} for state in (image, text)]
    expected = embed_collection(converted("flat_art"), museums)
    for states in (
        {"best_model_0": older, "best_model_1": text},
        {"trf_photo": image, "trf_mean": text},
        dict(zip(("best_model_0", "best_model_1"), prefixed, strict=True)),
    ):
        torch.save(states, tmp_path / "ckpt.pt")
        found = embed_collection(convert_checkpoint(tmp_path / "ckpt.pt"), museums)
        for name, vectors in expected.items():
            np.testing.assert_array_equal(found[name], vectors)


@pytest.mark.parametrize(("state", "value"), [(0, float("nan")), (1, float("inf"))])
def test_a_failed_training_is_refused(state: int, value: float, tmp_path: Path) -> None:
    states = torch.load(checkpoint("hier_rnn_art"), weights_only=True)
    broken = states[f"best_model_{state}"]
    next(reversed(broken.values())).view(-1)[0] = value
    torch.save(states, tmp_path / "ckpt.pt")
    with pytest.raises(
        HicalmError, match=r"holds NaN or infinite numbers in .*its training failed"
    ):
        convert_checkpoint(tmp_path / "ckpt.pt")


def test_unknown_quirks_and_merges_are_refused() -> None:
    with pytest.raises(HicalmError, match=rf"Unknown quirks odd: .*{next(iter(QUIRKS))}"):
        converted("hier_rnn_art", without=("odd",))
    with pytest.raises(HicalmError, match="Unknown merge 'both'"):
        convert_checkpoint(checkpoint("hier_rnn_art"), "both")
    with pytest.raises(HicalmError, match="both sides have them"):
        convert_checkpoint(checkpoint("flat_art"), "max")
