"""Small random museums for the tests of models, training and checkpoints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from hicalm.data.batches import INTRODUCTION, Batch, TextBatch
from hicalm.data.dataset import TrainingData
from hicalm.models import ModelConfig

VIEW_DIM, TEXT_DIM, HIDDEN = 7, 5, 6


def tiny_config(**changes: object) -> ModelConfig:
    """Return the configuration of a model that takes no time."""
    return ModelConfig(**{"view_dim": VIEW_DIM, "text_dim": TEXT_DIM, "hidden": HIDDEN} | changes)


@dataclass(frozen=True)
class MuseumItem:
    """One museum's features, before they are put in a batch."""

    rooms: Sequence[Tensor]  # for each room its views (V_r, D_v)
    paragraphs: Sequence[Tensor]  # for each described room its sentences (S_r, D_t)
    introduction: Tensor | None = None  # (S, D_t)
    described: Sequence[int] | None = None  # room of each paragraph; None: 0, 1, 2, ...


def collate(items: Sequence[MuseumItem]) -> Batch:
    """Put museums one after the other in a flat batch."""
    paragraphs, paragraph_room, first_room = [], [], 0
    for item in items:
        described = range(len(item.paragraphs)) if item.described is None else item.described
        if item.introduction is not None:
            paragraphs.append(item.introduction)
            paragraph_room.append(INTRODUCTION)
        paragraphs.extend(item.paragraphs)
        paragraph_room.extend(first_room + room for room in described)
        first_room += len(item.rooms)
    rooms = [room for item in items for room in item.rooms]
    room_index = torch.tensor(paragraph_room, dtype=torch.long)
    return Batch(
        views=torch.cat(rooms).float(),
        view_counts=torch.tensor([len(room) for room in rooms]),
        room_counts=torch.tensor([len(item.rooms) for item in items]),
        sentences=torch.cat(paragraphs).float(),
        sentence_counts=torch.tensor([len(paragraph) for paragraph in paragraphs]),
        paragraph_counts=torch.tensor(
            [len(item.paragraphs) + (item.introduction is not None) for item in items]
        ),
        is_introduction=room_index == INTRODUCTION,
        paragraph_room=room_index,
    )


def query_batch(paragraphs: Sequence[Tensor]) -> TextBatch:
    """Return one query of paragraphs, each (sentences, D_t), without an introduction."""
    return TextBatch(
        sentences=torch.cat(list(paragraphs)).float(),
        sentence_counts=torch.tensor([len(paragraph) for paragraph in paragraphs]),
        paragraph_counts=torch.tensor([len(paragraphs)]),
        is_introduction=torch.zeros(len(paragraphs), dtype=torch.bool),
    )


def random_item(seed: int, rooms: int, introduction: bool = True) -> MuseumItem:
    """Return a museum with 1 to 4 views and 1 to 5 sentences a room."""
    rng = torch.Generator().manual_seed(seed)

    def features(most: int, width: int) -> torch.Tensor:
        rows = int(torch.randint(1, most + 1, (1,), generator=rng))
        return torch.randn(rows, width, generator=rng)

    return MuseumItem(
        rooms=[features(4, VIEW_DIM) for _ in range(rooms)],
        paragraphs=[features(5, TEXT_DIM) for _ in range(rooms)],
        introduction=features(3, TEXT_DIM) if introduction else None,
    )


def planted_data(museums: int, seed: int, rooms: int = 3, phrases: bool = True) -> TrainingData:
    """Return museums whose views and sentences are the same hidden room signal, plus noise."""
    rng = np.random.default_rng(seed)
    map_rng = np.random.default_rng(99)  # one mapping for every split
    to_view = map_rng.standard_normal((8, VIEW_DIM))
    to_text = map_rng.standard_normal((8, TEXT_DIM))
    signal = rng.standard_normal((museums * rooms, 8))

    def noisy(rows: np.ndarray) -> np.ndarray:
        return (rows + 0.02 * rng.standard_normal(rows.shape)).astype(np.float32)

    total = museums * rooms
    # paragraphs: an introduction of one sentence (noise), then two sentences a room
    text, paragraph_room, counts = [], [], []
    for museum in range(museums):
        text.append(noisy(np.zeros((1, TEXT_DIM))))
        paragraph_room.append(-1)
        counts.append(1)
        for room in range(museum * rooms, (museum + 1) * rooms):
            text.append(noisy(np.repeat(signal[room : room + 1] @ to_text, 2, axis=0)))
            paragraph_room.append(room)
            counts.append(2)
    data = TrainingData(
        views=noisy(np.repeat(signal, 3, axis=0) @ to_view),
        view_counts=np.full(total, 3),
        room_counts=np.full(museums, rooms),
        sentences=np.concatenate(text),
        sentence_counts=np.array(counts),
        paragraph_counts=np.full(museums, rooms + 1),
        paragraph_room=np.array(paragraph_room),
    )
    if not phrases:
        return data
    return replace(data, phrases=noisy(signal @ to_text), phrase_room=np.arange(total))
