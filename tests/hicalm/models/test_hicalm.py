"""The encoders: a plain-loop reference, raggedness, permutation and widths."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from hicalm.data.batches import ViewBatch
from hicalm.errors import HicalmError
from hicalm.models import HiCALM, make_model
from hicalm.models.competitors import COMPETITORS
from hicalm.models.pooling import make_pooling
from tests.hicalm.museums import (
    HIDDEN,
    TEXT_DIM,
    VIEW_DIM,
    MuseumItem,
    collate,
    query_batch,
    random_item,
    tiny_config,
)

VARIANTS = [
    {"text": "rnn", "vision": "rnn"},
    {"text": "avg", "vision": "avg"},
    {"text": "monornn", "vision": "monornn"},
    {"kind": "flat"},
    {"text": "attention", "vision": "attention"},
]
ITEMS = [random_item(seed, rooms) for seed, rooms in enumerate((3, 1, 5, 2))]


def build(changes: dict) -> nn.Module:
    torch.manual_seed(1)
    model = make_model(tiny_config(**changes)).eval()
    model.fit_standardisation(torch.randn(50, VIEW_DIM) * 3 + 1, torch.randn(50, TEXT_DIM) - 2)
    return model


def encode(model: nn.Module, items: list[MuseumItem]) -> list[Tensor]:
    batch = collate(items)
    with torch.no_grad():
        return [*model.encode_text(batch), *model.encode_vision(batch)]


def looped_gru(gru: nn.GRU, rows: Tensor) -> Tensor:
    """The mean of the final states of one sequence (n, D), by PyTorch's own GRU: (H,)."""
    return gru(rows.unsqueeze(1))[1].mean(dim=0)[0]


def reference(model: HiCALM, item: MuseumItem) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Encode one museum room by room in plain loops."""
    vision, text = model.vision, model.text
    rooms = []
    for views in item.rooms:
        seen = [torch.relu(vision.view_layer(vision.standardise(view))) for view in views]
        rooms.append(torch.relu(vision.room_layer(sum(seen) / len(seen))))
    paragraphs = [item.introduction, *item.paragraphs]
    told = [looped_gru(text.paragraph_layer.gru, text.standardise(rows)) for rows in paragraphs]
    if model.config.vision == "avg":
        vision_museum = vision.museum_layer.linear(sum(rooms) / len(rooms))
        text_museum = sum(told) / len(told)
    else:
        vision_museum = looped_gru(vision.museum_layer.gru, torch.stack(rooms))
        text_museum = looped_gru(text.museum_layer.gru, torch.stack(told))
    return text_museum, torch.stack(told[1:]), vision_museum, torch.stack(rooms)


@pytest.mark.parametrize("changes", VARIANTS[:3])
def test_equals_plain_loops(changes: dict) -> None:
    model = build(changes)
    with torch.no_grad():
        expected = [torch.cat(level) for level in zip(*_references(model), strict=True)]
    for result, wanted in zip(encode(model, ITEMS)[:4], expected, strict=True):
        torch.testing.assert_close(result, wanted, atol=1e-5, rtol=0)


def _references(model: HiCALM) -> list[tuple[Tensor, ...]]:
    results = [reference(model, item) for item in ITEMS]
    return [(text[None], rooms, vision[None], seen) for text, rooms, vision, seen in results]


@pytest.mark.parametrize("changes", VARIANTS)
def test_a_museum_alone_equals_itself_in_a_batch(changes: dict) -> None:
    model = build(changes)
    single = [encode(model, [item]) for item in ITEMS]
    for level, together in enumerate(encode(model, ITEMS)):
        separately = torch.cat([result[level] for result in single])
        torch.testing.assert_close(together, separately, atol=1e-5, rtol=0)


@pytest.mark.parametrize("changes", VARIANTS)
def test_permuting_museums_permutes_embeddings(changes: dict) -> None:
    model, order = build(changes), [2, 0, 3, 1]
    text, _, vision, *_ = encode(model, ITEMS)
    permuted_text, _, permuted_vision, *_ = encode(model, [ITEMS[i] for i in order])
    torch.testing.assert_close(permuted_text, text[order], atol=1e-6, rtol=0)
    torch.testing.assert_close(permuted_vision, vision[order], atol=1e-6, rtol=0)


@pytest.mark.parametrize("changes", VARIANTS)
def test_a_view_alone_is_a_room_of_one_view(changes: dict) -> None:
    model, item = build(changes), ITEMS[0]
    views = torch.cat(list(item.rooms))
    one_each = ViewBatch(
        views=views,
        view_counts=torch.ones(len(views), dtype=torch.long),
        room_counts=torch.tensor([len(views)]),
    )
    with torch.no_grad():
        rooms = model.encode_vision(one_each).room
        torch.testing.assert_close(model.encode_vision(collate([item])).view_room, rooms)


def test_museums_alone_are_encoded_as_with_the_other_levels() -> None:
    model, batch = build(VARIANTS[-1]), collate(ITEMS)
    with torch.no_grad():
        museum = model.encode_vision(batch).museum
        torch.testing.assert_close(model.encode_museums(batch), museum)


@pytest.mark.parametrize("vision", COMPETITORS)
def test_what_has_no_image_level_is_refused(vision: str) -> None:
    model, rows = make_model(tiny_config(vision=vision, view_dim=8)), torch.randn(2, HIDDEN)
    counts, present = torch.tensor([2]), torch.ones(1, 2, dtype=torch.bool)
    for use in (
        lambda: model.subset_views(torch.randn(2, 8)),
        lambda: model.encode_room_subsets(rows, present),
        lambda: model.encode_museum_subsets(rows, counts, present),
    ):
        with pytest.raises(HicalmError, match=f"'{vision}' has no image level, so what a room"):
            use()


def test_the_smallest_museum_and_a_query_without_introduction() -> None:
    model = build({})
    item = MuseumItem([torch.randn(1, VIEW_DIM)], [torch.randn(1, TEXT_DIM)])
    assert [tuple(level.shape) for level in encode(model, [item])] == [(1, 6)] * 6
    query = query_batch(item.paragraphs)
    torch.testing.assert_close(model.encode_text(query).museum, encode(model, [item])[0])


def test_rooms_without_a_paragraph_are_allowed() -> None:
    item = MuseumItem([torch.randn(2, VIEW_DIM)] * 3, [torch.randn(2, TEXT_DIM)], described=[2])
    batch = collate([ITEMS[1], item])
    assert batch.paragraph_room.tolist() == [-1, 0, 3]
    text = build({}).encode_text(batch)
    assert (tuple(text.museum.shape), tuple(text.room.shape)) == ((2, 6), (2, 6))


def test_wrong_options_and_widths_are_refused() -> None:
    with pytest.raises(HicalmError, match="reads view features of width 9"):
        build({}).__class__(tiny_config(view_dim=9)).encode_vision(collate(ITEMS))
    with pytest.raises(HicalmError, match="choose one of"):
        tiny_config(text="lstm")
    with pytest.raises(HicalmError, match="choose one of"):
        make_pooling("lstm", 3, 3)
    with pytest.raises(HicalmError, match="need attention on both sides"):
        tiny_config(detail=4, text="attention")
    with pytest.raises(HicalmError, match="for 'flat', not 'hicalm'"):
        HiCALM(tiny_config(kind="flat"))


@pytest.mark.parametrize(
    "changes",
    [
        *VARIANTS,
        {"merge": "max"},
        {"merge": "mean-sum"},
        *({"vision": name} for name in COMPETITORS if name != "vsformer"),
    ],
)
@settings(max_examples=15)
@given(
    rooms=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    introduction=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_ragged_museums_are_what_they_are_alone(
    changes: dict, rooms: list[int], introduction: bool, seed: int
) -> None:
    model = build(changes)
    items = [random_item(seed + place, n, introduction) for place, n in enumerate(rooms)]
    together = encode(model, items)
    single = [torch.cat(level) for level in zip(*(encode(model, [i]) for i in items), strict=True)]
    for whole, parts in zip(together, single, strict=True):
        torch.testing.assert_close(whole, parts, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        museums = model.encode_museums(collate(items))
    torch.testing.assert_close(museums, together[2], rtol=1e-5, atol=1e-6)
