"""Training data of a collection: the right rows, and consistent counts."""

from dataclasses import replace

import numpy as np
import pytest

from hicalm.data.dataset import TrainingData, training_data
from hicalm.errors import HicalmError
from tests.hicalm.collections import ragged_collection


def test_paragraphs_know_their_rooms() -> None:
    data = training_data(ragged_collection(), False, None)
    assert data.paragraph_room.tolist() == [-1, 0, 1, -1, 2, -1, 3, 4, 5]
    assert data.view_counts.tolist() == [2, 1, 3, 1, 2, 2]
    assert data.sentences[:, 0].tolist() == list(range(13))


def numbered_data() -> TrainingData:
    """Two museums of two rooms whose only feature is the row's own number."""
    return TrainingData(
        views=np.arange(8.0).reshape(8, 1),
        view_counts=[2, 2, 3, 1],
        room_counts=[2, 2],
        sentences=np.arange(11.0).reshape(11, 1),
        sentence_counts=[1, 2, 3, 1, 2, 2],
        paragraph_counts=[3, 3],
        paragraph_room=[-1, 0, 1, -1, 2, 3],
        phrases=np.arange(100.0, 104.0).reshape(4, 1),
        phrase_room=[3, 0, 1, 2],
        phrase_id=[7, 7, 8, 9],
    )


def test_inconsistent_data_is_refused() -> None:
    data = numbered_data()
    with pytest.raises(HicalmError, match="room_counts must hold"):
        replace(data, room_counts=[2, 3])
    with pytest.raises(HicalmError, match="phrase_room must lie below"):
        replace(data, phrase_room=[0, 1, 2, 4])
