"""How well attributes separate on a map, and what it opens on."""

from dataclasses import replace

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.maps import structure
from hicalm.maps.map import Column, LevelMap
from hicalm.maps.structure import find_structure, purities
from tests.hicalm.collections import ragged_collection

NO_TEXTS = np.zeros((0, 2), np.float32)


def one_map(xy: np.ndarray, **codes: list[int]) -> LevelMap:
    columns = [Column(n, ("a", "b"), np.array(own, np.uint8)) for n, own in codes.items()]
    return LevelMap(np.asarray(xy, np.float32), NO_TEXTS, tuple(columns))


def two_heaps(each: int) -> np.ndarray:
    return np.repeat([[-50.0, 0], [50, 0]], each, axis=0) + np.arange(2 * each)[:, None] * 1e-3


def test_neighbours_that_always_agree_and_neighbours_by_chance():
    # Heaps of 16: the 15 nearest of a point are the others of its heap.
    halves, turns = [0] * 16 + [1] * 16, [0, 1] * 16
    found = purities(one_map(two_heaps(16), heap=halves, turn=turns), np.arange(32), seed=0)
    # heap: p = 1. turn: 7 of 15 neighbours agree, of all others 15 of 31: (7/15 - 15/31) / (16/31)
    assert found == {"heap": 1.0, "turn": round((7 / 15 - 15 / 31) / (16 / 31), 3)}


def test_neighbours_of_the_same_museum_play_no_part():
    # Four points in a row: a museum of the first two, and of the last two.
    xy = [[-50, 0], [-49, 0], [49, 0], [50, 0]]
    museums = np.array([0, 0, 1, 1])
    # By museum the value differs from that of all others; all pairs between museums are neighbours.
    assert purities(one_map(xy, own=[0, 0, 1, 1]), museums, seed=0) == {"own": 0.0}
    # Of the 8 pairs 4 agree, which is chance.
    assert purities(one_map(xy, other=[0, 1, 0, 1]), museums, seed=0) == {"other": 0.0}


def test_large_maps_are_judged_by_some_points(monkeypatch):
    monkeypatch.setattr(structure, "MAX_POINTS", 4)
    one = one_map(two_heaps(16), heap=[0] * 16 + [1] * 16)
    assert purities(one, np.arange(32), seed=0) == {"heap": 1.0}


def test_a_single_museum_or_value_and_numbers_separate_nothing():
    xy = two_heaps(2)
    assert purities(one_map(xy, any=[0, 0, 1, 1]), np.zeros(4, int), seed=0) == {"any": 0.0}
    assert purities(one_map(xy, any=[1, 1, 1, 1]), np.arange(4), seed=0) == {"any": 0.0}
    numbers = LevelMap(xy, NO_TEXTS, (Column("rooms", (), np.ones(4, np.uint16)),))
    assert purities(numbers, np.arange(4), seed=0) == {}


def test_museums_of_other_points_are_refused():
    with pytest.raises(HicalmError, match="4 points of a map cannot have 3 museums"):
        purities(one_map(two_heaps(2), any=[0, 0, 1, 1]), np.arange(3), seed=0)


def many_museums(count: int = 32):
    """Return a collection of museums with a room of three views, half of them told of bells."""
    plain = ragged_collection()
    room = plain.museums[1].rooms[0]
    told = [replace(room, paragraph=(text,)) for text in ("Bells.", "The sea.")]
    museums = tuple(
        replace(plain.museums[1], id=f"m{n}", rooms=(told[n >= 10],), introduction=())
        for n in range(count)
    )
    features = replace(plain.features, arrays={})
    return replace(plain, museums=museums, features=features)


def test_a_collection_opens_on_what_is_purest():
    heap, turn = [0] * 16 + [1] * 16, [0, 1] * 16
    of_views = np.repeat(np.arange(32), 3)
    levels = {
        "museum": one_map(two_heaps(16), turn=turn),
        "room": one_map(two_heaps(16), turn=turn, heap=heap),
        "view": one_map(two_heaps(16)[of_views], turn=np.array(turn)[of_views].tolist()),
    }
    found = find_structure(levels, many_museums(), seed=0)
    assert found.default == ("room", "heap")
    assert found.purity["room"]["heap"] == 1.0 and found.purity["museum"]["turn"] < 0
    assert [r.name for r in found.regions["room"][0].regions] == ["heap: a", "heap: b"]


def test_without_attributes_words_name_regions_and_nothing_is_the_default():
    xy = np.repeat([[-50.0, 0], [50, 0]], [10, 22], axis=0)
    levels = {level: LevelMap(xy, NO_TEXTS, ()) for level in ("museum", "room")}
    levels["view"] = LevelMap(np.repeat(xy, 3, axis=0), NO_TEXTS, ())
    found = find_structure(levels, many_museums(), seed=0)
    assert found.default is None
    assert found.purity == {"museum": {}, "room": {}, "view": {}}
    for level, points in (("museum", 10), ("room", 10), ("view", 30)):
        regions = found.regions[level][0].regions
        assert [(r.name, r.values, r.points) for r in regions] == [("bells", {}, points)]
