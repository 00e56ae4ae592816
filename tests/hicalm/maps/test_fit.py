"""The fit of maps, on a tiny world."""

from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import load_collection, save_collection
from hicalm.data.rows import StoredRows
from hicalm.errors import HicalmError
from hicalm.maps.fit import MapSettings, fit_maps, layout, map_quality
from hicalm.maps.map import WIDTH, load_maps, save_maps
from hicalm.models.checkpoints import save_model
from tests.hicalm.collections import encoded_world, in_discovered_rooms, levels_model, random_model


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("map")
    save_collection(encoded_world(test=3), folder / "world")
    save_model(random_model(), folder / "model")
    return folder / "world", folder / "model"


@pytest.mark.slow
def test_fitted_maps_are_saved_and_found_again(folders):
    world, model = folders
    collection = load_collection(world)
    maps = fit_maps(collection, model, MapSettings(seed=1, neighbours=5))
    save_maps(maps, world)
    loaded = load_maps(load_collection(world), model)
    assert {level: len(one.xy) for level, one in loaded.levels.items()} == {
        "museum": 3,
        "room": len(collection.view_counts),
        "view": int(collection.view_counts.sum()),
    }
    assert [len(loaded.levels[level].texts) for level in ("museum", "room", "view")] == [
        3, len(collection.view_counts), 0,
    ]  # fmt: skip
    for one in loaded.levels.values():
        assert np.ptp(one.xy, axis=0).max() == pytest.approx(WIDTH, rel=1e-4)
    assert 0 <= loaded.metrics["view"]["trustworthiness"] <= 1
    assert loaded.metrics["room"]["description_error"] >= 0
    assert loaded.structure == maps.structure and "subject" in loaded.structure.purity["view"]


@pytest.mark.slow
def test_a_sample_is_fitted_from_its_museums_alone(tmp_path, monkeypatch):
    save_collection(encoded_world(test=9), tmp_path / "world")
    save_model(random_model(), tmp_path / "model")
    world = load_collection(tmp_path / "world", store=True)
    read: list[np.ndarray] = []
    plain = StoredRows._read
    monkeypatch.setattr(
        StoredRows, "_read", lambda own, rows: read.append(rows) or plain(own, rows)
    )
    maps = fit_maps(world, tmp_path / "model", MapSettings(seed=1, neighbours=5, sample=4))
    done, own = sum(map(len, read)), world.select(maps.sample.rows.tolist())
    whole = fit_maps(own, tmp_path / "model", MapSettings(seed=1, neighbours=5))
    assert done == own.view_counts.sum() + own.sentence_counts.sum()
    for level, one in whole.levels.items():
        np.testing.assert_array_equal(maps.levels[level].xy, one.xy)
        np.testing.assert_array_equal(maps.levels[level].texts, one.texts)
    assert maps.structure == whole.structure and whole.sample is None
    save_maps(maps, tmp_path / "world")
    assert load_maps(world, tmp_path / "model").sample.rows.tolist() == maps.sample.rows.tolist()


def test_too_many_views_are_refused_unless_a_sample_is_asked_for(folders, monkeypatch):
    world, model = folders
    collection = load_collection(world)
    views = int(collection.view_counts.sum())
    monkeypatch.setattr("hicalm.maps.fit.MOST_VIEWS", views - 1)
    monkeypatch.setattr("hicalm.maps.fit.SUGGESTED_VIEWS", views)
    said = rf"{views:,} views.* of its 3 museums .* --sample 3; --sample 3 takes all\."
    with pytest.raises(HicalmError, match=said):
        fit_maps(collection, model, MapSettings())
    monkeypatch.setattr("hicalm.maps.fit.layout", lambda vectors, _: vectors[:, :2])
    assert fit_maps(collection, model, MapSettings(sample=3)).sample is None


@pytest.mark.parametrize("rooms", ["known", "discovered"])
def test_a_model_of_added_levels_has_a_map_of_each(tmp_path, monkeypatch, rooms):
    shapes = []

    def on_a_circle(vectors: np.ndarray, _: MapSettings) -> np.ndarray:
        shapes.append(vectors.shape)
        turns = np.linspace(0, 6, len(vectors))
        return np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)

    monkeypatch.setattr("hicalm.maps.fit.layout", on_a_circle)
    save_model(levels_model(), tmp_path / "model")
    known = encoded_world(test=2)
    collection = known if rooms == "known" else in_discovered_rooms(known)
    maps = fit_maps(collection, tmp_path / "model", MapSettings(seed=1))
    views, rows = int(collection.view_counts.sum()), len(collection.view_counts)
    assert shapes == [(2, 16), (rows, 16), (views, 5)]
    texts = [len(maps.levels[level].texts) for level in ("museum", "room", "view")]
    assert texts == [2, rows if rooms == "known" else 0, 0]


def clusters() -> np.ndarray:
    """Three tight bundles of directions, thirty each."""
    rng = np.random.default_rng(2)
    middles = np.eye(6)[:3].repeat(30, axis=0)
    rows = middles + rng.normal(0, 0.05, middles.shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.slow
def test_a_seed_decides_the_layout_and_neighbours_stay_together():
    vectors = clusters()
    first = layout(vectors, MapSettings(seed=3, neighbours=10))
    np.testing.assert_array_equal(first, layout(vectors, MapSettings(3, 10)))
    assert not np.allclose(first, layout(vectors, MapSettings(4, 10)))
    groups = first.reshape(3, 30, 2)
    inner = np.linalg.norm(groups - groups.mean(axis=1, keepdims=True), axis=2).max()
    middles = groups.mean(axis=1)
    assert inner < min(np.linalg.norm(middles[i] - middles[i - 1]) for i in range(3)) / 2


def test_a_few_points_lie_on_a_circle():
    xy = layout(np.eye(4, dtype=np.float32), MapSettings(seed=0))
    assert xy.shape == (4, 2)
    np.testing.assert_allclose(np.linalg.norm(xy, axis=1), WIDTH / 2, rtol=1e-5)
    assert layout(np.eye(1, dtype=np.float32), MapSettings(0)).shape == (1, 2)


def test_a_map_that_keeps_all_neighbours_is_judged_best():
    turns = np.linspace(0, np.pi, 60)
    line = np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)
    metrics = map_quality(line, line * 50, seed=0)
    assert min(metrics["trustworthiness"], metrics["continuity"]) > 0.999  # ties are broken
    assert metrics["place_error"] < 20
    shuffled = map_quality(line, np.random.default_rng(0).permutation(line) * 50, seed=0)
    assert shuffled["trustworthiness"] < 0.8 and shuffled["place_error"] > metrics["place_error"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed must be at least 0, not -1"),
        ({"neighbours": 1}, "neighbours must be at least 2, not 1"),
        ({"min_dist": 1.5}, "min_dist must be at most 1, not 1.5"),
        ({"sample": 0}, "sample must be at least 1, not 0"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(HicalmError, match=message):
        MapSettings(**options)
