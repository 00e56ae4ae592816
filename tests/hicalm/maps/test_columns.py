"""What points can be coloured by."""

from dataclasses import replace

import numpy as np

from hicalm.maps.columns import NO_SUBJECT, OUT_OF_SIGHT, UNKNOWN, level_columns
from hicalm.world.world_pictures import WorldPictures
from tests.hicalm.collections import encoded_world, ragged_collection


def words(columns, name: str) -> list[str]:
    column = next(one for one in columns if one.name == name)
    return [column.values[code] for code in column.codes]


def test_a_museums_attributes_go_down_to_its_rooms_and_views():
    plain = ragged_collection()
    themes = ("sea", "sky", "sea")
    museums = [
        replace(m, attributes={"theme": t}) for m, t in zip(plain.museums, themes, strict=True)
    ]
    columns = level_columns(replace(plain, museums=tuple(museums)))
    assert words(columns["museum"], "theme") == ["sea", "sky", "sea"]
    assert words(columns["room"], "theme") == ["sea"] * 2 + ["sky"] + ["sea"] * 3
    assert words(columns["view"], "theme") == ["sea"] * 3 + ["sky"] * 3 + ["sea"] * 5
    assert [column.name for column in columns["view"]] == ["theme", "rooms"]  # one floor for all
    assert columns["room"][-1].codes.tolist() == [2, 2, 1, 3, 3, 3]


def test_the_ground_truth_gives_the_most_frequent_and_the_largest_painting_in_sight():
    world = encoded_world(test=2)
    columns = level_columns(world)
    truth = world.specifications[1]
    first_room = len(world.specifications[0]["rooms"])
    styles = [painting["style"] for painting in truth["rooms"][0]["paintings"]]
    found = words(columns["room"], "style")[first_room]
    assert styles.count(found) == max(map(styles.count, styles))
    scene = WorldPictures(world).scene(truth["id"], 0)
    first_view = int(world.view_counts[:first_room].sum())
    for view in range(12):
        seen = scene.visible_paintings(view)
        painting = truth["rooms"][0]["paintings"][seen[0][0]] if seen else None
        for kind in ("style", "subject", "palette"):
            expected = (painting[kind] or NO_SUBJECT) if painting else OUT_OF_SIGHT
            assert words(columns["view"], kind)[first_view + view] == expected
    assert {"wall_color", "floor", "lighting"} <= {column.name for column in columns["room"]}


def test_a_category_has_one_code_at_every_level():
    columns = level_columns(encoded_world(test=3))
    for name in ("theme", "style", "palette"):
        values = {
            column.values for level in columns.values() for column in level if column.name == name
        }
        assert len(values) <= 1
    assert all(
        column.codes.dtype in (np.uint8, np.uint16)
        for level in columns.values()
        for column in level
    )


def test_attributes_that_are_missing_or_no_words_stand_in_nobodys_way():
    plain = ragged_collection()
    attributes = (
        {"theme": "sea", "rooms": "many", "tags": ["a", "b"]},
        {"theme": None, "rooms": "few"},
        {},
    )
    museums = [replace(m, attributes=own) for m, own in zip(plain.museums, attributes, strict=True)]
    columns = level_columns(replace(plain, museums=tuple(museums)))["museum"]
    assert [column.name for column in columns] == ["theme", "rooms"]
    assert words(columns, "theme") == ["sea", UNKNOWN, UNKNOWN]
    assert columns[-1].codes.tolist() == [2, 1, 3]  # numbers of rooms, not the attribute
