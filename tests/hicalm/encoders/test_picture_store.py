from pathlib import Path

import numpy as np
import pytest

from hicalm.encoders.picture_store import NONE, PictureStore, WorldIndex
from hicalm.errors import HicalmError
from hicalm.world.render import VIEWS_PER_ROOM, build_room
from hicalm.world.vocabulary import FLOORS, LIGHTINGS, OBJECTS, PALETTES, STYLES, SUBJECTS
from hicalm.world.vocabulary import WALL_COLORS as WALLS


def test_offsets_count_rooms_and_paintings(index: WorldIndex) -> None:
    first, second = index.specifications
    assert index.room_offsets.tolist() == [
        0,
        len(first["rooms"]),
        len(first["rooms"]) + len(second["rooms"]),
    ]
    counts = [len(room["paintings"]) for museum in (first, second) for room in museum["rooms"]]
    assert np.diff(index.painting_offsets).tolist() == counts


def test_painting_labels_are_the_specification(index: WorldIndex) -> None:
    paintings = [painting for room in index.rooms for painting in room["paintings"]]
    labels = index.painting_labels()
    assert len(labels) == len(paintings)
    for (subject, style, palette), painting in zip(labels, paintings, strict=True):
        assert (None if subject == NONE else SUBJECTS[subject]) == painting["subject"]
        assert STYLES[style] == painting["style"]
        assert PALETTES[palette] == painting["palette"]


def test_room_labels_are_the_specification(index: WorldIndex) -> None:
    for label, room in zip(index.room_labels(), index.rooms, strict=True):
        looks = (WALLS[label[0]], FLOORS[label[1]], LIGHTINGS[label[2]])
        assert looks == (room["wall_color"], room["floor"], room["lighting"])
        assert {name for name, there in zip(OBJECTS, label[3:], strict=True) if there} == set(
            room["objects"]
        )


def test_views_name_their_largest_paintings_first(rendered: PictureStore) -> None:
    rooms = np.arange(len(rendered.views)) // VIEWS_PER_ROOM
    counts = np.diff(rendered.index.painting_offsets)[rooms]
    assert (rendered.seen < counts[:, None]).all()
    assert (np.diff(rendered.shares, axis=1) <= 0).all()
    nothing = rendered.seen == NONE
    assert (rendered.shares[nothing] == 0).all()
    assert (rendered.shares[~nothing] > 0).all()
    assert (rendered.angles[~nothing] < 90).all()


def test_views_show_what_the_scene_says(rendered: PictureStore) -> None:
    scene = build_room(7, rendered.index.specifications[0], 1)
    for view in range(VIEWS_PER_ROOM):
        expected = [painting for painting, *_ in scene.visible_paintings(view)][:3]
        row = VIEWS_PER_ROOM + view
        assert [seen for seen in rendered.seen[row] if seen != NONE] == expected


def test_rendering_goes_on_where_it_stopped(rendered: PictureStore, tmp_path: Path) -> None:
    """Two parts make the same bytes as one run, and what is done is never rendered again."""
    store = PictureStore(tmp_path, rendered.index)
    store.render(7, part=0, parts=2)
    assert store.done.tolist() == [1, 0]
    kept = int(rendered.index.room_offsets[1]) * VIEWS_PER_ROOM
    store.views[0] = 0
    again = PictureStore(tmp_path, rendered.index)
    again.render(7)
    assert again.done.tolist() == [1, 1]
    assert not again.views[0].any()
    np.testing.assert_array_equal(again.views[kept:], rendered.views[kept:])
    np.testing.assert_array_equal(again.paintings, rendered.paintings)
    np.testing.assert_array_equal(again.seen, rendered.seen)


def test_pictures_of_another_world_are_refused(rendered: PictureStore) -> None:
    other = WorldIndex.of(rendered.index.specifications[:1])
    with pytest.raises(HicalmError, match="pictures of another world"):
        PictureStore(rendered.folder, other)
