"""Specifications: keys, values, splits, focus of rooms, and determinism."""

import json
from collections import Counter

import pytest

from hicalm.world.combinations import combination_split
from hicalm.world.specification import focus_pairs, make_museum, make_world
from hicalm.world.themes import THEMES, museum_title
from hicalm.world.vocabulary import (
    FLOORS,
    LIGHTINGS,
    NON_FIGURATIVE_STYLES,
    OBJECTS,
    PALETTES,
    STYLES,
    SUBJECTS,
    WALL_COLORS,
)
from hicalm.world.wording import share_having, shared_attributes


@pytest.fixture(scope="module")
def world():
    return make_world(7, train=120, validation=30, test=60)


def rooms_of(world):
    return [room for museum in world for room in museum["rooms"]]


def test_the_keys_are_exactly_those_of_the_ground_truth(world):
    for museum in world:
        assert set(museum) == {"id", "title", "theme", "split", "rooms"}
        for room in museum["rooms"]:
            assert set(room) == {
                "name", "wall_color", "floor", "lighting", "objects", "paintings",
            }  # fmt: skip
            for painting in room["paintings"]:
                assert set(painting) == {"subject", "style", "palette", "title", "artist"}


def test_all_values_are_in_the_vocabulary(world):
    for room in rooms_of(world):
        assert room["wall_color"] in WALL_COLORS
        assert room["floor"] in FLOORS
        assert room["lighting"] in LIGHTINGS
        assert len(room["objects"]) == len(set(room["objects"])) <= 3
        assert set(room["objects"]) <= set(OBJECTS)
        for painting in room["paintings"]:
            assert painting["style"] in STYLES
            assert painting["palette"] in PALETTES
            abstract = painting["style"] in NON_FIGURATIVE_STYLES
            assert painting["subject"] is None if abstract else painting["subject"] in SUBJECTS


def test_museums_have_5_to_8_rooms_with_3_to_8_paintings(world):
    assert {len(museum["rooms"]) for museum in world} == {5, 6, 7, 8}
    counts = [len(room["paintings"]) for room in rooms_of(world)]
    assert set(counts) == {3, 4, 5, 6, 7, 8}
    assert sum(counts) / len(counts) == pytest.approx(5, abs=0.3)


def test_museums_are_numbered_in_the_order_of_the_splits(world):
    assert [museum["split"] for museum in world] == (
        ["train"] * 120 + ["validation"] * 30 + ["test"] * 60
    )
    assert [museum["id"] for museum in world[:2]] == ["museum-00001", "museum-00002"]


def test_museums_hang_only_the_combinations_of_their_split(world):
    for museum in world:
        for room in museum["rooms"]:
            for p in room["paintings"]:
                split = combination_split(p["subject"], p["style"], p["palette"])
                assert split in ("train", museum["split"])


def test_the_same_seed_gives_the_same_world_byte_for_byte(world):
    again = make_world(7, train=120, validation=30, test=60)

    assert json.dumps(again) == json.dumps(world)
    assert json.dumps(make_museum(8, 1, "train")) != json.dumps(world[0])


def test_a_museum_does_not_depend_on_the_others(world):
    assert make_museum(7, 130, "validation") == world[129]


def test_most_rooms_have_a_focus_that_most_paintings_share(world):
    focuses = [(room, shared_attributes(room)) for room in rooms_of(world)]
    shares = [share_having(room, focus) for room, focus in focuses if focus]

    assert min(shares) >= 0.6
    assert any(share < 1 for share in shares)
    assert len(shares) / len(focuses) == pytest.approx(0.93, abs=0.04)


def test_rooms_of_one_museum_differ_in_focus(world):
    for museum in world:
        focuses = [tuple(shared_attributes(room).items()) for room in museum["rooms"]]
        assert len(set(focuses)) >= 3


def test_every_single_value_and_most_pairs_are_the_focus_of_some_room():
    rooms = rooms_of(make_world(7, train=0, validation=0, test=450))
    focuses = [shared_attributes(room) for room in rooms]
    singles = Counter(item for focus in focuses for item in focus.items())
    wanted = [("subject", s) for s in SUBJECTS] + [("style", y) for y in STYLES]

    assert min(singles[item] for item in wanted) >= 20
    assert min(singles["palette", p] for p in PALETTES) >= 50
    found = sum(any(pair.items() <= f.items() for f in focuses) for pair in focus_pairs())
    assert found >= 0.97 * len(focus_pairs())


def test_titles_of_museums_are_unique_in_a_world_of_any_size():
    titles = {museum_title(THEMES[i % len(THEMES)], i) for i in range(10_000)}

    assert len(titles) == 10_000


def test_titles_and_names_hold_no_full_stop(world):
    names = [p[key] for r in rooms_of(world) for p in r["paintings"] for key in ("title", "artist")]
    names += [museum["title"] for museum in world] + [room["name"] for room in rooms_of(world)]

    assert not any("." in name for name in names)


def test_rooms_of_one_museum_have_different_names(world):
    for museum in world:
        names = [room["name"] for room in museum["rooms"]]
        assert len(set(names)) == len(names)


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="unknown split"):
        make_museum(7, 1, "everything")
