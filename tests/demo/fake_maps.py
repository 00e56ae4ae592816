"""Maps of the stand-in collection: themes far apart, rooms near their museum, views near them."""

from typing import Any

import numpy as np

from hicalm.data.collection import Museum, Room
from hicalm.maps.map import WIDTH, Column, LevelMap, Maps

SEED = 4
DECADES = tuple(f"the {10 * decade}s" for decade in range(180, 193))  # more than there are hues


def fake_maps(collection: Any) -> Maps:
    """Return maps of all levels: columns theme, rooms, decade, and floor (rooms and views)."""
    rng = np.random.default_rng(SEED)
    museums = collection.museums
    themes = sorted({_theme(museum) for museum in museums})
    floors = sorted({_floor(room) for museum in museums for room in museum.rooms})
    theme = np.array([themes.index(_theme(museum)) for museum in museums], np.uint8)
    rooms = np.array([len(museum.rooms) for museum in museums])
    views = np.array([room.views for museum in museums for room in museum.rooms])
    floor = [floors.index(_floor(room)) for museum in museums for room in museum.rooms]
    turn = 2 * np.pi * theme / len(themes)
    middles = 28 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    museum_xy = middles + rng.uniform(-12, 12, (len(museums), 2))
    room_xy = np.repeat(museum_xy, rooms, axis=0) + rng.normal(0, 2.5, (rooms.sum(), 2))
    view_xy = np.repeat(room_xy, views, axis=0) + rng.normal(0, 0.5, (views.sum(), 2))

    def level(xy: np.ndarray, owner: np.ndarray, texts: bool, room: np.ndarray | None) -> LevelMap:
        columns = [
            Column("theme", tuple(themes), theme[owner]),
            Column("rooms", (), rooms[owner].astype(np.uint16)),
            Column("decade", DECADES, (owner % len(DECADES)).astype(np.uint8)),
        ]
        if room is not None:
            columns.append(Column("floor", tuple(floors), np.array(floor, np.uint8)[room]))
        xy = np.clip(xy, -WIDTH / 2, WIDTH / 2).astype(np.float32)
        near = xy + rng.normal(0, 1, xy.shape).astype(np.float32)
        return LevelMap(xy, near if texts else near[:0], tuple(columns))

    of_museum, of_room = np.arange(len(museums)), np.arange(len(views))
    museum_of_room = np.repeat(of_museum, rooms)
    return Maps(
        levels={
            "museum": level(museum_xy, of_museum, True, None),
            "room": level(room_xy, museum_of_room, True, of_room),
            "view": level(
                view_xy, np.repeat(museum_of_room, views), False, np.repeat(of_room, views)
            ),
        },
        seed=SEED,
        parameters={"method": "invented"},
        checkpoint="fake",
        encoder="fake",
        metrics={"museum": {"trustworthiness": 0.9, "continuity": 0.8}},
    )


def _theme(museum: Museum) -> str:
    return museum.attributes.get("theme", "none")


def _floor(room: Room) -> str:
    return room.attributes.get("floor", "none")
