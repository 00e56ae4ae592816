"""Nodes, scores and weights: against cross-attention and the algebra written out, pair by pair."""

from functools import partial

import pytest
import torch
from torch import Tensor, nn

from hicalm.errors import HicalmError
from hicalm.hosa import matching
from hicalm.hosa import model as model_module
from hicalm.hosa.model import HosaConfig, HosaModel
from hicalm.hosa.nodes import join_nodes
from hicalm.hosa.tproduct import t_product, t_transpose, to_frequencies, to_tubes
from tests.hicalm.hosa.algebra import t_identity

REGIONS, WORDS = torch.tensor([7, 3, 1, 5, 6]), torch.tensor([2, 6, 1, 3])


def small(**changes: object) -> HosaModel:
    torch.manual_seed(0)
    options = {"region_dim": 12, "word_dim": 10, "width": 24, "tube": 4} | changes
    return HosaModel(HosaConfig(**options)).double().eval()


def features() -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.randn(5, 7, 12).double(), torch.randn(4, 6, 10).double()


def unit(rows: Tensor) -> Tensor:
    return nn.functional.normalize(rows, dim=-1)


def cross_attention_scores(model: HosaModel, regions: Tensor, words: Tensor) -> Tensor:
    """Plain cross-attention with one head, one pair after the other, nothing padded."""

    def with_global(rows: Tensor) -> Tensor:
        return unit(torch.cat([rows.mean(dim=0, keepdim=True), rows]))

    def side(queries: Tensor, keys: Tensor) -> Tensor:
        weights = torch.softmax(queries @ keys.T / config.temperature, dim=1)
        cosine = (unit(queries) * unit(weights @ keys)).sum(dim=1)
        return config.global_weight * cosine[0] + (1 - config.global_weight) * cosine[1:].mean()

    config, rows = model.config, []
    for image, count in zip(regions, REGIONS, strict=True):
        keys = with_global(model.region_layer(image[:count]))
        row = []
        for text, length in zip(words, WORDS, strict=True):
            both = model.word_layer(text[None, :length])[0][0]
            queries = with_global((both[:, : config.width] + both[:, config.width :]) / 2)
            share = config.image_weight
            row.append((1 - share) * side(queries, keys) + share * side(keys, queries))
        rows.append(torch.stack(row))
    return torch.stack(rows)


def test_tubes_of_length_one_are_ordinary_cross_attention() -> None:
    model = small(tube=1, global_weight=0.3, image_weight=0.4)
    regions, words = (rows.requires_grad_() for rows in features())
    wanted = cross_attention_scores(model, regions, words)
    found = model.scores(model.encode_regions(regions, REGIONS), model.encode_words(words, WORDS))
    torch.testing.assert_close(found, wanted)
    weight = torch.randn(5, 4).double()
    inputs = [regions, words, *model.region_layer.parameters(), *model.word_layer.parameters()]
    by_hand = torch.autograd.grad((wanted * weight).sum(), inputs)
    by_model = torch.autograd.grad((found * weight).sum(), inputs)
    torch.testing.assert_close(by_model, by_hand)


@pytest.mark.parametrize("tube", [1, 2, 3, 4, 8])
def test_scores_are_those_of_the_algebra(tube: int) -> None:
    """Weights, reconstruction and cosine by t-products, one pair after the other."""

    def side(queries: Tensor, keys: Tensor) -> Tensor:
        queries, keys = to_tubes(queries, tube), to_tubes(keys, tube)
        similarity = to_frequencies(t_product(queries, t_transpose(keys))).real
        weights = torch.fft.irfft(torch.softmax(similarity / 0.1, dim=1), n=tube, dim=-1)
        total = t_identity(1, tube, torch.float64)[0, 0]
        torch.testing.assert_close(weights.sum(dim=1), total.expand(len(queries), -1))
        cosine = nn.functional.cosine_similarity(
            queries.flatten(1), t_product(weights, keys).flatten(1)
        )
        return 0.5 * cosine[0] + 0.5 * cosine[1:].mean()

    model = small(tube=tube)
    regions, words = features()
    regions, words = model.encode_regions(regions, REGIONS), model.encode_words(words, WORDS)
    found = model.scores(regions, words)
    for i in range(5):
        for j in range(4):
            keys, queries = regions[i].vectors[0], words[j].vectors[0]
            wanted = 0.5 * side(queries, keys) + 0.5 * side(keys, queries)
            torch.testing.assert_close(found[i, j], wanted)


def test_weights_of_words_on_regions() -> None:
    model = small(gru=False)
    regions, words = features()
    regions, words = model.encode_regions(regions, REGIONS), model.encode_words(words, WORDS)
    weights, cosines = model.attend(regions[1], words[3])
    assert weights.shape == (3, 3) and cosines.shape == (3,)
    assert (weights >= 0).all() and (cosines.abs() <= 1).all()
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(3).double())
    by_text, _ = matching.both_cosines(
        matching.Side(regions[1], 4), matching.Side(words[3], 4), 4, 0.1
    )
    torch.testing.assert_close(cosines, by_text[0, 0, 1:])
    with pytest.raises(HicalmError, match="expected 1 image and 1 text, not 5 and 1"):
        model.attend(regions, words[0])


def test_a_word_looks_at_the_region_that_is_like_it() -> None:
    model = small(gru=False, region_dim=10, temperature=0.01)
    model.region_layer.load_state_dict(model.word_layer.state_dict())
    things = torch.randn(1, 4, 10).double()
    regions, words = model.encode_regions(things), model.encode_words(things[:, [2, 0]])
    weights, cosines = model.attend(regions, words)
    assert weights.argmax(dim=1).tolist() == [2, 0] and weights.max(dim=1).values.min() > 0.9
    assert cosines.min() > 0.95


@pytest.mark.parametrize("options", [{}, {"gru": False}, {"vocabulary": 9, "tube": 3}])
def test_padding_and_blocks_change_nothing(
    options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = small(**options)
    regions, words = features()
    if "vocabulary" in options:
        words = torch.randint(1, 9, (4, 6))
    encoded = model.encode_regions(regions, REGIONS), model.encode_words(words, WORDS)
    whole = model.scores(*encoded)
    for i, count in enumerate(REGIONS):
        regions[i, count:] = float("nan")  # not even this is read
    one_by_one = join_nodes(
        [model.encode_words(w[None, :c]) for w, c in zip(words, WORDS, strict=True)]
    )
    torch.testing.assert_close(one_by_one.vectors, encoded[1].vectors)
    monkeypatch.setattr(matching, "BLOCK", 1)
    in_blocks = model.scores(model.encode_regions(regions, REGIONS), one_by_one)
    torch.testing.assert_close(in_blocks, whole)


def test_many_regions_are_rebuilt_and_few_compared_to_the_same_scores() -> None:
    model = small(width=4, gru=False)  # slices of 2 numbers: longer products cost more
    regions, words = model.encode_regions(features()[0]), model.encode_words(features()[1])
    side = matching.Side(regions, 4)
    assert side.slices.shape[-2] > side.slices.shape[-1]
    _, cosines = model.attend(regions[0], words[0])
    by_text, _ = matching.both_cosines(side, matching.Side(words, 4), 4, 0.1)
    torch.testing.assert_close(by_text[0, 0, 1:], cosines)


def test_the_global_node_starts_as_the_mean_and_learns() -> None:
    model = small(gru=False, tube=1)
    regions, words = features()
    nodes = model.encode_regions(regions, REGIONS)
    local = model.region_layer(regions[1, :3])
    torch.testing.assert_close(nodes.vectors[1, 0], unit(local.mean(dim=0)))
    model.scores(nodes, model.encode_words(words, WORDS)).diagonal().sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in model.parameters())
    assert model.region_pool.weight.grad.abs().max() > 0


def test_equal_nodes_and_opposite_nodes_have_finite_gradients() -> None:
    model = small(gru=False, region_dim=10)
    model.region_layer.load_state_dict(model.word_layer.state_dict())
    nn.init.zeros_(model.region_layer.bias)
    row = torch.randn(10).double()
    rows = torch.stack([row, -row, torch.zeros(10).double()])[None].requires_grad_()
    score = model.scores(model.encode_regions(rows), model.encode_words(rows))
    score.sum().backward()
    assert torch.isfinite(score).all() and torch.isfinite(rows.grad).all()


def test_half_precision_in_the_layers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What CUDA does in bfloat16, done on the CPU: nodes and scores stay in single precision."""
    model = small(tube=8).float()
    inputs = [rows.half() for rows in features()]  # as features are often kept
    single = model.scores(model.encode_regions(inputs[0]), model.encode_words(inputs[1]))
    half = partial(torch.autocast, "cpu", torch.bfloat16)
    monkeypatch.setattr(model_module, "_autocast", lambda device: half())
    nodes = model.encode_regions(inputs[0]), model.encode_words(inputs[1])
    scores = model.scores(*nodes)
    assert {rows.vectors.dtype for rows in nodes} | {scores.dtype} == {torch.float32}
    torch.testing.assert_close(scores, single, atol=0.05, rtol=0)
    scores.sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in model.parameters())


def test_nothing_to_compare_has_no_scores() -> None:
    model, (regions, words) = small(), features()
    regions, words = model.encode_regions(regions), model.encode_words(words)
    assert model.scores(regions, words[:0]).shape == (5, 0)
    assert model.scores(regions[:0], words).shape == (0, 4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"width": 10}, "10 must be a multiple of the tubes' length 4"),
        ({"tube": 0}, "tube must be at least 1"),
        ({"temperature": 0.0}, "temperature must be above 0, not 0.0"),
        ({"global_weight": 1.5}, "global_weight must be at most 1, not 1.5"),
    ],
)
def test_wrong_options(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(HicalmError, match=sentence):
        small(**options)


def test_wrong_features() -> None:
    model, (regions, words) = small(), features()
    with pytest.raises(HicalmError, match=r"regions must have the shape \(N, n, 12\)"):
        model.encode_regions(regions[..., :11])
    with pytest.raises(HicalmError, match=r"counts of regions must lie in 1..7, not in 0..8"):
        model.encode_regions(regions, torch.tensor([0, 8, 1, 1, 1]))
    with pytest.raises(HicalmError, match="4 items have"):
        model.encode_words(words, torch.tensor([1, 2]))
    with pytest.raises(HicalmError, match="below 9"):
        small(vocabulary=9).encode_words(torch.tensor([[1, 9]]))
