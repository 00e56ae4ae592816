"""Maps on disk, and where a query is placed on them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.maps.map import (
    NEIGHBOURS,
    TEMPERATURE,
    Column,
    LevelMap,
    Maps,
    Region,
    Structure,
    Zoom,
    level_sizes,
    load_maps,
    locate,
    save_head,
    save_maps,
    weights_hash,
)
from hicalm.maps.sample import Sample
from tests.hicalm.collections import ragged_collection

SIZES = {"museum": 3, "room": 6, "view": 11}
REGIONS = (Region("«sky»", {"theme": "«sky»"}, -1.5, 20.25, 4), Region("bells", {}, 0.0, 3.0, 2))
STRUCTURE = Structure(
    purity={"museum": {"theme": -0.1}, "room": {"theme": 0.25}, "view": {}},
    default=("room", "theme"),
    regions={"museum": (), "view": (Zoom(1, REGIONS), Zoom(4, REGIONS[:1]))},
)


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


@pytest.fixture
def collection(tmp_path) -> Collection:
    return replace(ragged_collection(), folder=tmp_path / "collection")


@pytest.fixture
def maps(collection, checkpoint) -> Maps:
    rng = np.random.default_rng(0)
    levels = {
        level: LevelMap(
            xy=rng.uniform(-50, 50, (size, 2)).astype(np.float32),
            texts=np.zeros((0 if level == "view" else size, 2), np.float32),
            columns=(
                Column("theme", ("sea", "«sky»"), rng.integers(0, 2, size).astype(np.uint8)),
                Column("rooms", (), np.full(size, 300, np.uint16)),
            ),
        )
        for level, size in SIZES.items()
    }
    metrics = {"museum": {"trustworthiness": 0.9}}
    fingerprints = weights_hash(checkpoint), "fake f00d"
    return Maps(levels, 7, {"neighbours": 15}, *fingerprints, metrics, STRUCTURE)


@pytest.fixture
def saved(maps, collection) -> Path:
    save_maps(maps, collection.folder)
    return collection.folder / "maps"


def test_maps_come_back_as_they_were_saved(maps, saved, collection, checkpoint):
    loaded = load_maps(collection, checkpoint)
    assert (loaded.seed, loaded.parameters, loaded.metrics) == (7, maps.parameters, maps.metrics)
    assert loaded.structure == STRUCTURE
    for level, one in maps.levels.items():
        again = loaded.levels[level]
        np.testing.assert_array_equal(again.xy, one.xy)
        np.testing.assert_array_equal(again.texts, one.texts)
        assert [(c.name, c.values) for c in again.columns] == [
            (c.name, c.values) for c in one.columns
        ]
        for mine, theirs in zip(one.columns, again.columns, strict=True):
            np.testing.assert_array_equal(mine.codes, theirs.codes)
    assert {path.name for path in saved.iterdir()} == {
        "map.json", "museum.safetensors", "room.safetensors", "view.safetensors",
    }  # fmt: skip


def test_nothing_is_known_of_the_structure_of_maps_of_before(saved, collection, checkpoint):
    head = json.loads((saved / "map.json").read_text())
    before = {k: v for k, v in head.items() if k not in ("purity", "default", "regions")}
    (saved / "map.json").write_text(json.dumps(before))
    assert load_maps(collection, checkpoint).structure == Structure()


def test_maps_without_a_default_come_back_without_one(maps, saved, collection, checkpoint):
    unstructured = replace(STRUCTURE, default=None)
    save_head(replace(maps, structure=unstructured), collection.folder)
    assert load_maps(collection, checkpoint).structure == unstructured


def test_the_head_alone_leaves_the_points_as_they_are(maps, saved, collection, checkpoint):
    before = {path: path.read_bytes() for path in saved.glob("*.safetensors")}
    save_head(replace(maps, structure=Structure()), collection.folder)
    assert load_maps(collection, checkpoint).structure == Structure()
    assert {path: path.read_bytes() for path in saved.glob("*.safetensors")} == before


def test_without_maps_the_command_is_named(collection, checkpoint):
    with pytest.raises(HicalmError, match="python -m hicalm map"):
        load_maps(collection, checkpoint)
    with pytest.raises(HicalmError, match="no maps yet"):
        load_maps(replace(collection, folder=None), checkpoint)


def change_json(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def change_array(path: Path, name: str, array: np.ndarray) -> None:
    save_file(load_file(path) | {name: array}, path)


def drop_array(path: Path, name: str) -> None:
    save_file({key: array for key, array in load_file(path).items() if key != name}, path)


def zoom_at(x: float) -> dict:
    return {"zoom": 1, "regions": [{"name": "a", "values": {}, "x": x, "y": 0, "points": 1}]}


@pytest.fixture
def sampled(maps, collection) -> Path:
    """Maps of the first and the last of the three museums, of 2 and 3 rooms."""
    rows = np.array([0, 2])
    sample = Sample(rows, collection.columns.keys_of(rows))
    sizes = level_sizes(collection, sample)
    assert sizes == {"museum": 2, "room": 5, "view": 8}

    def cut(one: LevelMap, size: int) -> LevelMap:
        columns = tuple(replace(column, codes=column.codes[:size]) for column in one.columns)
        return LevelMap(one.xy[:size], one.texts[:size], columns)

    levels = {level: cut(one, sizes[level]) for level, one in maps.levels.items()}
    save_maps(replace(maps, levels=levels, sample=sample), collection.folder)
    return collection.folder / "maps"


def test_maps_of_a_sample_come_back_with_its_museums(sampled, collection, checkpoint):
    loaded = load_maps(collection, checkpoint)
    assert loaded.sample.rows.tolist() == [0, 2]
    assert {level: len(one.xy) for level, one in loaded.levels.items()} == level_sizes(
        collection, loaded.sample
    )
    grown = replace(collection.select([2, 1, 0]), folder=collection.folder)
    assert load_maps(grown, checkpoint).sample.rows.tolist() == [2, 0]


def test_maps_of_all_after_those_of_a_sample_have_none(maps, sampled, collection, checkpoint):
    save_maps(maps, collection.folder)
    assert load_maps(collection, checkpoint).sample is None


def change_museums(folder: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    for level in SIZES:
        path = folder / f"{level}.safetensors"
        change_array(path, "museums", np.ascontiguousarray(change(load_file(path)["museums"])))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: change_museums(f, lambda keys: keys[:0]), "no list of keys"),
        (lambda f: change_museums(f, lambda keys: keys.astype(np.int64)), "no list of keys"),
        (lambda f: change_museums(f, lambda keys: keys.reshape(2, 1)), "no list of keys"),
        (lambda f: change_museums(f, lambda keys: keys[[0, 0]]), "one is there twice"),
        (lambda f: change_museums(f, lambda keys: keys + np.uint64(1)), "2 museums, .* lacks 2"),
        (lambda f: change_museums(f, lambda keys: keys[:1]), "2 points, but its sample .* has 1"),
        (
            lambda f: change_array(
                f / "room.safetensors", "museums", np.arange(2, dtype=np.uint64)
            ),
            "not of the same museums",
        ),
        (
            lambda f: drop_array(f / "view.safetensors", "museums"),
            "not of the same museums",
        ),
        (
            lambda f: change_array(f / "room.safetensors", "xy", np.zeros((6, 2), np.float32)),
            "room map has 6 points, but its sample of museums has 5 rooms",
        ),
    ],
)
def test_a_damaged_sample_is_refused_in_one_sentence(
    sampled, collection, checkpoint, damage, message
):
    damage(sampled)
    with pytest.raises(HicalmError, match=message) as refused:
        load_maps(collection, checkpoint)
    assert "python -m hicalm map" in str(refused.value)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "map.json").write_text("{"), "not readable JSON"),
        (lambda f: (f / "map.json").write_text("[]"), "cannot be read"),
        (lambda f: change_json(f / "map.json", format=99), "format 99, not 2"),
        (lambda f: change_json(f / "map.json", columns={}), "cannot be read"),
        (lambda f: change_json(f / "map.json", purity=[1]), "cannot be read"),
        (lambda f: change_json(f / "map.json", default={"level": "room"}), "cannot be read"),
        (
            lambda f: change_json(f / "map.json", default={"level": "room", "color": "age"}),
            "no rooms by age to open on",
        ),
        (
            lambda f: change_json(f / "map.json", default={"level": "floor", "color": "theme"}),
            "no floors by theme to open on",
        ),
        (lambda f: change_json(f / "map.json", regions={"view": [{"zoom": 1}]}), "cannot be read"),
        (
            lambda f: change_json(f / "map.json", regions={"view": [zoom_at(float("nan"))]}),
            "not readable JSON",  # which has no such number
        ),
        (lambda f: (f / "room.safetensors").unlink(), "cannot be read"),
        (lambda f: (f / "room.safetensors").write_bytes(b"x" * 40), "cannot be read"),
        (
            lambda f: change_array(f / "room.safetensors", "xy", np.zeros((5, 2), np.float32)),
            "room map has 5 points, but 'Ragged' has 6 rooms",
        ),
        (
            lambda f: change_array(
                f / "view.safetensors", "xy", np.full((11, 2), np.nan, np.float32)
            ),
            "view map is damaged",
        ),
        (
            lambda f: change_array(
                f / "view.safetensors", "column.theme", np.full(11, 9, np.uint8)
            ),
            "view map is damaged",
        ),
        (
            lambda f: change_array(f / "museum.safetensors", "texts", np.zeros((2, 2), np.float32)),
            "museum map is damaged",
        ),
        (
            lambda f: change_json(
                f / "map.json", fingerprints={"checkpoint": "x", "encoder": "other 1"}
            ),
            "encoder other 1, the collection with fake f00d",
        ),
        (
            lambda f: change_json(
                f / "map.json", fingerprints={"checkpoint": "old", "encoder": "fake f00d"}
            ),
            "other weights",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(
    saved, collection, checkpoint, damage, message
):
    damage(saved)
    with pytest.raises(HicalmError, match=message):
        load_maps(collection, checkpoint)


def test_a_checkpoint_without_weights_is_refused(tmp_path):
    with pytest.raises(HicalmError, match=r"model\.safetensors is missing"):
        weights_hash(tmp_path)


def test_a_query_like_one_point_alone_lies_on_it_without_spread():
    xy = np.array([[0, 0], [10, 0], [0, 10]], np.float32)
    (x, y), spread = locate(xy, np.array([-1, 0.99, -1], np.float32))
    assert (x, y) == pytest.approx((10, 0), abs=1e-6)
    assert spread == pytest.approx(0, abs=1e-3)


def test_a_query_equally_like_two_points_lies_between_them():
    xy = np.array([[0, 0], [10, 0]], np.float32)
    (x, y), spread = locate(xy, np.array([0.5, 0.5], np.float32))
    assert (x, y, spread) == pytest.approx((5, 0, 5))


def test_weights_follow_the_softmax():
    xy = np.array([[0, 0], [1, 0]], np.float32)
    gap = TEMPERATURE * np.log(3)  # three times the weight
    (x, _), spread = locate(xy, np.array([0.2, 0.2 + gap]))
    assert x == pytest.approx(0.75)
    assert spread == pytest.approx(np.sqrt(0.25 * 0.75**2 + 0.75 * 0.25**2))


def test_only_the_nearest_neighbours_count():
    xy = np.zeros((NEIGHBOURS + 5, 2), np.float32)
    xy[NEIGHBOURS:] = 50
    similarities = np.full(len(xy), 0.5)
    similarities[NEIGHBOURS:] = 0.4999
    assert locate(xy, similarities) == ((0.0, 0.0), 0.0)


def test_similarities_of_other_points_are_refused():
    with pytest.raises(HicalmError, match="2 points of a map cannot have 3 similarities"):
        locate(np.zeros((2, 2)), np.zeros(3))
    with pytest.raises(HicalmError, match="0 points"):
        locate(np.zeros((0, 2)), np.zeros(0))
