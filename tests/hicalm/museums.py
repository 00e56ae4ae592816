"""Small random museums for the tests of models, training and checkpoints."""

import numpy as np
import torch

from hicalm.data.batches import MuseumItem
from hicalm.data.dataset import TrainingData
from hicalm.models import ModelConfig

VIEW_DIM, TEXT_DIM, HIDDEN = 7, 5, 6


def tiny_config(**changes: object) -> ModelConfig:
    """Return the configuration of a model that takes no time."""
    return ModelConfig(**{"view_dim": VIEW_DIM, "text_dim": TEXT_DIM, "hidden": HIDDEN} | changes)


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
    return TrainingData(
        views=noisy(np.repeat(signal, 3, axis=0) @ to_view),
        view_counts=np.full(total, 3),
        room_counts=np.full(museums, rooms),
        sentences=np.concatenate(text),
        sentence_counts=np.array(counts),
        paragraph_counts=np.full(museums, rooms + 1),
        paragraph_room=np.array(paragraph_room),
        phrases=noisy(signal @ to_text) if phrases else None,
        phrase_room=np.arange(total) if phrases else None,
    )
