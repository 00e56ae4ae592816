"""Pictures of the built-in world, rendered or shipped."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.world.generate import world_collection
from hicalm.world.world_pictures import open_pictures


def test_the_world_is_rendered_and_the_same_again() -> None:
    world = world_collection(5, {"train": 0, "validation": 0, "test": 1})
    museum = world.museums[0]
    first, again = open_pictures(world), open_pictures(world)
    picture = first.picture(museum.id, 1, 3, width=96)
    assert (picture.shape, picture.dtype) == ((72, 96, 3), np.uint8)
    assert len(np.unique(picture)) > 20
    np.testing.assert_array_equal(picture, again.picture(museum.id, 1, 3, width=96))
    assert len(first.floor_plan(museum.id).rooms) == len(museum.rooms)
    with pytest.raises(HicalmError, match="has 12 views; there is no view 13"):
        first.picture(museum.id, 0, 12)


def test_a_shipped_cover_is_used_as_it_is(tmp_path: Path) -> None:
    world = world_collection(5, {"train": 0, "validation": 0, "test": 1})
    (tmp_path / "covers").mkdir()
    (tmp_path / "covers" / f"{world.museums[0].id}.jpg").write_bytes(b"cover")
    source = open_pictures(replace(world, folder=tmp_path))
    assert source.cover(world.museums[0].id) == b"cover"
    with pytest.raises(HicalmError, match="no museum"):
        source.cover("../collection")
