import numpy as np
import pytest
import torch

from hicalm.encoders.attributes import (
    KINDS,
    PAINTING_KINDS,
    ROOM_KINDS,
    anchors,
    kind_slices,
)
from hicalm.encoders.picture_store import NONE
from hicalm.encoders.recipe.gates import GATES, evaluate_gates, facing_views, unseen_paintings
from hicalm.world.combinations import combination_split
from hicalm.world.render import VIEWS_PER_ROOM

SIZE = (24, 32)


class Oracle(torch.nn.Module):
    """Embeds a coded picture as the sum of its attributes' anchors, each ``shift`` values off."""

    def __init__(self, coded, shift: int) -> None:
        super().__init__()
        self.coded, self.shift = coded, shift

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        art, look = self.coded.decode(batch)
        slices, embeddings = kind_slices(), torch.zeros(len(batch), anchors().shape[1])
        for kind, labels in zip(PAINTING_KINDS + ROOM_KINDS, [*art.T, *look.T], strict=True):
            columns = slices[kind].start + (labels + self.shift) % len(KINDS[kind])
            known = torch.from_numpy((labels != NONE).astype(np.float32))
            embeddings += anchors()[columns] * known[:, None]
        return embeddings


@pytest.mark.parametrize(("shift", "expected"), [(0, 1.0), (1, 0.0)])
def test_accuracy_of_the_truth_and_of_its_neighbour(coded, shift: int, expected: float) -> None:
    result = evaluate_gates(Oracle(coded, shift), coded.store, [1], "validation", SIZE)
    assert result["count"]["paintings"] > 0
    for source, kinds in GATES.items():
        assert result[source] == {kind: expected for kind in kinds}


def test_no_more_than_the_asked_paintings_are_measured(coded) -> None:
    result = evaluate_gates(Oracle(coded, 0), coded.store, [0], "train", SIZE, max_paintings=5)
    assert result["count"]["paintings"] == 5


def test_unseen_paintings_belong_to_the_split(coded) -> None:
    index = coded.store.index
    paintings = [painting for room in index.rooms for painting in room["paintings"]]
    rows = unseen_paintings(coded.store, [0, 1], "validation")
    splits = [combination_split(p["subject"], p["style"], p["palette"]) for p in paintings]
    assert rows.tolist() == [row for row, split in enumerate(splits) if split == "validation"]


def test_facing_view_is_the_one_near_the_axis(coded) -> None:
    store = coded.store
    second_room = int(store.index.painting_offsets[1])
    assert facing_views(store, np.array([0, second_room + 1])).tolist() == [0, VIEWS_PER_ROOM + 1]
    store.seen[11, 0], store.shares[11, 0], store.angles[11, 0] = 0, 0.9, 40  # large but aslant
    assert facing_views(store, np.array([0])).tolist() == [0]
