"""Rooms that nobody sorted: views that look alike, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from hicalm.data.collection import Collection, Features, Museum, Room
from hicalm.data.dataset import TrainingData, in_discovered_rooms
from hicalm.data.room_discovery import discover_rooms, discovered_rooms, group_views, sort_views
from hicalm.errors import HicalmError

RED, BLUE = [1.0, 0.0], [0.0, 1.0]
VIEWS = np.array([RED, BLUE, RED, [0.9, 0.1], BLUE, [2.0, 0.0]], np.float32)


def of_one_room(rooms: tuple[Room, ...] = (Room("all", ("A flat.",), 6),)) -> Collection:
    museum = Museum("flat", "Flat", "test", (), rooms)
    return Collection("flats", "", (museum,), {"source": "none"}, Features({"view": VIEWS}, {}))


def test_views_alike_are_a_room_whatever_their_length_and_order() -> None:
    assert group_views(VIEWS, 0.5).tolist() == [0, 1, 0, 0, 1, 0]
    assert group_views(VIEWS, 0.0).tolist() == [0, 1, 0, 2, 1, 0]
    assert group_views(VIEWS, 2.0).tolist() == [0] * 6
    assert group_views(VIEWS[:1], 0.5).tolist() == [0]
    # no view of zeros is like another, and no distance is lost in rounding
    assert group_views(np.zeros((3, 2), np.float32), 0.5).tolist() == [0, 1, 2]


def test_the_average_of_all_pairs_decides() -> None:
    degrees = np.radians([0.0, 30.0, 50.0])
    views = np.stack([np.cos(degrees), np.sin(degrees)], axis=1)
    whole = (1 - np.cos(np.radians(50)) + 1 - np.cos(np.radians(30))) / 2  # of the third to a pair
    assert group_views(views, whole + 1e-6).tolist() == [0, 0, 0]
    assert group_views(views, whole - 1e-6).tolist() == [0, 1, 1]


def test_pictures_that_hardly_look_alike_are_sorted_by_what_they_have_in_common() -> None:
    assert sort_views(VIEWS, 0.5).tolist() == [0, 1, 0, 0, 1, 0]  # alike: as they look
    # nine pictures of a kind of three each, far apart but for a little that the kinds share
    apart, kinds = np.eye(9), np.repeat(np.eye(3), 3, axis=0)
    shuffled = np.array([4, 0, 8, 1, 3, 6, 2, 5, 7])
    pictures = np.concatenate([apart, 0.5 * kinds, np.full((9, 1), 2.0)], axis=1)[shuffled]
    assert group_views(pictures, 0.01).tolist() == list(range(9))
    assert sort_views(pictures, 0.01).tolist() == [0, 1, 2, 1, 0, 2, 1, 0, 2]
    assert sort_views(VIEWS[:1], 0.5).tolist() == [0]
    assert len(sort_views(np.zeros((9, 2)), 0.5)) == 9  # views without features are no mistake


def test_rooms_of_several_museums_lie_together() -> None:
    order, view_counts, room_counts = discover_rooms(VIEWS, np.array([4, 2]))
    assert order.tolist() == [0, 2, 3, 1, 4, 5]
    assert view_counts.tolist() == [3, 1, 1, 1]
    assert room_counts.tolist() == [2, 2]


def test_a_museum_of_one_room_shows_those_in_it() -> None:
    assert discovered_rooms(of_one_room(), "flat") == ((0, 2, 3, 5), (1, 4))
    known = of_one_room((Room("a", ("A.",), 2), Room("b", ("B.",), 4)))
    assert discovered_rooms(known, "flat") == ()
    assert discovered_rooms(replace(of_one_room(), features=Features({}, {})), "flat") == ()
    with pytest.raises(HicalmError, match="no museum 'house'"):
        discovered_rooms(of_one_room(), "house")


def test_paragraphs_lose_their_rooms_and_views_get_theirs() -> None:
    data = TrainingData(
        views=VIEWS, view_counts=[4, 2], room_counts=[1, 1],
        sentences=np.arange(10.0).reshape(5, 2), sentence_counts=[1, 2, 1, 1],
        paragraph_counts=[2, 2], paragraph_room=[-1, 0, -1, 1],
        phrases=np.ones((1, 2)), phrase_room=[0], phrase_id=[3],
    )  # fmt: skip
    found = in_discovered_rooms(data)
    assert found.paragraph_room.tolist() == [-1, -2, -1, -2]
    assert (found.room_counts.tolist(), found.view_counts.tolist()) == ([2, 2], [3, 1, 1, 1])
    assert found.views[3].tolist() == BLUE and not len(found.phrases)
    batch = found.batch(np.array([1]))
    assert batch.paragraph_room.tolist() == [-1, -2]
    assert batch.is_introduction.tolist() == [True, False]
