"""Maps of the stand-in collection: themes far apart, rooms near their museum, views near them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from demo.listed import items_of
from hicalm.data.collection import Museum, Room
from hicalm.maps.map import WIDTH, Column, LevelMap, Maps
from hicalm.maps.sample import Sample

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


def sampled_maps(collection: Any, rows: Sequence[int] = tuple(range(1, 24, 2))) -> Maps:
    """Return the points of ``fake_maps`` of some museums, as maps of a sample."""
    whole, shown = fake_maps(collection), np.array(rows)
    sample = Sample(shown, collection.columns.keys_of(shown))

    def cut(level: str, one: LevelMap) -> LevelMap:
        kept = np.isin(items_of(collection, level)[:, 0], sample.rows)
        columns = [replace(column, codes=column.codes[kept]) for column in one.columns]
        return LevelMap(one.xy[kept], one.texts[kept[: len(one.texts)]], tuple(columns))

    levels = {level: cut(level, one) for level, one in whole.levels.items()}
    return replace(whole, levels=levels, sample=sample)


def _theme(museum: Museum) -> str:
    return museum.attributes.get("theme", "none")


def _floor(room: Room) -> str:
    return room.attributes.get("floor", "none")
