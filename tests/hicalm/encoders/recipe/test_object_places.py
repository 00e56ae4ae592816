"""Where objects are in views: against the plan of a room."""

import numpy as np
import pytest

from hicalm.encoders.recipe import object_places
from hicalm.encoders.recipe.object_places import object_columns
from hicalm.world.layout import Placement, RoomLayout
from hicalm.world.vocabulary import OBJECTS

COLUMN, BENCH = OBJECTS.index("column"), OBJECTS.index("bench")


def placed(monkeypatch: pytest.MonkeyPatch, *places: Placement) -> np.ndarray:
    """Return the columns of a room with a visitor at the middle of 6 x 6 metres."""
    eye = np.array([3.0, 1.6, 3.0])
    layout = RoomLayout(6.0, 6.0, 3.0, eye, (), (), places)
    monkeypatch.setattr(object_places, "room_layout", lambda *_: layout)
    return object_columns(0, {}, 0, 10)


def test_an_object_ahead_is_in_the_middle_of_the_first_view(monkeypatch) -> None:
    columns = placed(monkeypatch, Placement("column", 3.1, 6.0, 0.0))[:, COLUMN]
    assert columns.shape == (12, 10)
    assert np.flatnonzero(columns[0] == 1).tolist() == [5]  # a little to the right
    assert np.isnan(columns[0, 4]) and (columns[0, [0, 1, 2, 7, 8, 9]] == 0).all()
    assert np.flatnonzero((columns == 1).any(1)).tolist() == [0, 1, 11]  # 30 degrees on each side
    assert (columns[1] == 1).argmax() < 5 < (columns[11] == 1).argmax()
    assert (columns[6] == 0).all()  # behind the visitor


def test_what_lies_below_the_frame_is_not_shown(monkeypatch) -> None:
    near = placed(monkeypatch, Placement("bench", 3.0, 4.2, 0.0))[:, BENCH]
    far = placed(monkeypatch, Placement("bench", 3.0, 6.0, 0.0))[:, BENCH]
    assert not (near == 1).any() and np.isnan(near[0]).any()
    assert (far[0] == 1).any()


def test_an_empty_room_shows_nothing(monkeypatch) -> None:
    columns = placed(monkeypatch)
    assert columns.shape == (12, len(OBJECTS), 10)
    assert not columns.any()
