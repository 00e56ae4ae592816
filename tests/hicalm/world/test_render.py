"""Rendered views: shapes, determinism, where paintings appear and how large they are."""

import copy

import numpy as np
import pytest

from hicalm.world import vocabulary
from hicalm.world.render import VIEWS_PER_ROOM, build_room

SCALE = 36  # pixels per metre, small for speed
SHAPES = ((1.0, 1.0), (0.8, 1.0), (1.0, 0.8))


def flat_painter(painting: dict, seed: int, size: int) -> np.ndarray:
    """Paint one colour, with an aspect that the seed chooses."""
    height, width = (round(share * size) for share in SHAPES[seed % len(SHAPES)])
    return np.full((height, width, 3), painting.get("colour", (128, 128, 128)), np.uint8)


def museum(count: int, number: int = 1, **room) -> dict:
    """Make a museum of three alike rooms with ``count`` paintings each."""
    painting = {"subject": None, "style": "op art", "palette": "greens", "title": "", "artist": ""}
    looks = {"wall_color": "white", "floor": "marble", "lighting": "bright", "objects": []}
    rooms = [
        {"name": "Room", **looks, **room, "paintings": [dict(painting) for _ in range(count)]}
        for _ in range(3)
    ]
    return {"id": f"museum-{number}", "title": "", "theme": "", "split": "test", "rooms": rooms}


@pytest.mark.parametrize("width,supersample", [(160, 1), (160, 2), (480, 1)])
def test_a_view_is_a_4_to_3_picture(width, supersample):
    picture = build_room(1, museum(4), 0, SCALE, flat_painter).render(3, width, supersample)
    assert picture.shape == (width * 3 // 4, width, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("floor", vocabulary.FLOORS)
@pytest.mark.parametrize("lighting", vocabulary.LIGHTINGS)
def test_the_same_seed_gives_the_same_bytes(floor, lighting):
    room = {"floor": floor, "lighting": lighting, "objects": list(vocabulary.OBJECTS)}
    views = [
        build_room(5, museum(3, **room), 1, SCALE, flat_painter).render(7, 160) for _ in range(2)
    ]
    assert np.array_equal(*views)
    other = build_room(6, museum(3, **room), 1, SCALE, flat_painter).render(7, 160)
    assert not np.array_equal(views[0], other)


@pytest.mark.parametrize("count", range(3, 9))
def test_a_faced_painting_is_whole_and_large(count):
    for number in range(10):
        scene = build_room(2, museum(count, number), 1, 12, flat_painter)
        for painting in range(count):
            seen = scene.visible_paintings(scene.facing_view(painting), 480)
            quad, share, angle = next(rest for index, *rest in seen if index == painting)
            assert angle < 15
            assert share >= (0.17 if count <= 6 else 0.11)
            assert (quad >= 0).all() and (quad <= [480, 360]).all()


def test_a_red_painting_appears_at_its_reported_place():
    specification = museum(5)
    for target in range(5):
        red = copy.deepcopy(specification)
        red["rooms"][1]["paintings"][target]["colour"] = (255, 0, 0)
        scene = build_room(1, red, 1, SCALE, flat_painter)
        view = scene.facing_view(target)
        quad = next(
            quad for index, quad, *_ in scene.visible_paintings(view, 320) if index == target
        )
        inside = quad.mean(axis=0) + 0.85 * (quad - quad.mean(axis=0))
        picture = scene.render(view, 320)
        for x, y in [quad.mean(axis=0), *inside]:
            pixel = picture[int(y), int(x)].astype(int)
            assert pixel[0] > 150 and pixel[1:].max() < 60


def test_every_wall_colour_looks_different():
    pictures = {
        colour: build_room(1, museum(3, wall_color=colour), 1, SCALE, flat_painter).render(0, 160)
        for colour in vocabulary.WALL_COLORS
    }
    corner = {colour: picture[40:60, :].mean(axis=(0, 1)) for colour, picture in pictures.items()}
    for first in corner:
        for second in corner:
            if first != second:
                assert np.abs(corner[first] - corner[second]).max() > 8


def test_objects_change_some_views_and_paintings_none_of_the_geometry():
    bare = build_room(1, museum(4), 1, SCALE, flat_painter)
    full = build_room(1, museum(4, objects=["sculpture"]), 1, SCALE, flat_painter)
    changed = [
        not np.array_equal(bare.render(view, 160), full.render(view, 160))
        for view in range(VIEWS_PER_ROOM)
    ]
    assert 1 <= sum(changed) < VIEWS_PER_ROOM


def test_a_room_the_museum_lacks_is_an_index_error():
    with pytest.raises(IndexError):
        build_room(1, museum(3), 3, SCALE, flat_painter)
