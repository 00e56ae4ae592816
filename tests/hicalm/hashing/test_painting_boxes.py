"""Paintings of the built-in world as objects of its views."""

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.hashing.painting_boxes import PaintingBoxes
from hicalm.hashing.view_pairs import room_of, view_pairs
from hicalm.world.world_pictures import open_pictures
from tests.hicalm.collections import encoded_world, ragged_collection


def test_paintings_lie_in_their_boxes():
    world = encoded_world(test=1)
    pairs = view_pairs(world, "test").select([0, 1])
    source = PaintingBoxes(world, pairs.names)
    for item, picture in enumerate(source.pictures()):
        assert picture.shape == (240, 320, 3)
        museum, room, view = room_of(pairs.names[item])
        quads = [
            s[1] for s in open_pictures(world).scene(museum, room).visible_paintings(view, 320)
        ]
        boxes = source.boxes(item, picture)
        assert len(boxes) == len(quads)
        np.testing.assert_allclose(boxes[0, :2], quads[0].min(axis=0))
        np.testing.assert_allclose(boxes[0, 2:], quads[0].max(axis=0))


def test_other_collections_know_no_paintings():
    with pytest.raises(HicalmError, match="'Ragged' needs other objects"):
        PaintingBoxes(ragged_collection(), [])
