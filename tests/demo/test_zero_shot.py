"""Without training on the command line and in the app: maps, vectors, metrics and their files."""

import json
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demo import text
from demo.maps import map_routes
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.data.collection import (
    Collection,
    Features,
    Museum,
    Room,
    load_collection,
    save_collection,
)
from hicalm.data.home import ZERO_SHOT
from hicalm.levels import LEVELS
from hicalm.maps.map import load_maps
from hicalm.models import zero_shot
from hicalm.search.zero_shot_searcher import zero_shot_searcher
from tests.demo.fake_page import open_page
from tests.hicalm.collections import FakeEncoder
from tests.hicalm.commands import run

SAID = ("horses in a dim room", "seascapes on red walls", "a blue room of portraits")


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Collection:
    """Three museums of one room, whose view is what its sentence says."""
    monkeypatch.setattr(zero_shot, "TEXTS", 2)
    encoder = FakeEncoder()
    museums = tuple(
        Museum(f"m{n}", f"M{n}", "test", (f"A museum called M{n}.",), (Room("R", (said,), 1),))
        for n, said in enumerate(SAID)
    )
    texts = [
        text for museum in museums for text in (*museum.introduction, museum.rooms[0].paragraph[0])
    ]
    arrays = {"view": encoder.encode_texts(SAID), "sentence": encoder.encode_texts(texts)}
    prints = dict.fromkeys(arrays, encoder.fingerprint)
    made = Collection("Small", "", museums, {"source": "none"}, Features(arrays, prints))
    save_collection(made, tmp_path / "small")
    return load_collection(tmp_path / "small")


def test_commands_and_pages_work_without_training(
    collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = collection.folder
    assert run(monkeypatch, "map", folder, "--checkpoint", ZERO_SHOT) == 0
    assert load_maps(collection, Path(ZERO_SHOT)).checkpoint == ZERO_SHOT
    vectors = tmp_path / "vectors.npz"
    options = ("--checkpoint", ZERO_SHOT, "--collection", folder)
    assert run(monkeypatch, "embed", *options, "--out", vectors) == 0
    with np.load(vectors) as found:
        assert found["view"].shape == found["text_museum"].shape == (3, 8)
        assert np.isfinite(found["view_room"]).all()
    metrics = tmp_path / "metrics.json"
    assert run(monkeypatch, "evaluate", *options, "--json", metrics) == 0
    assert json.loads(metrics.read_text())["methods"][ZERO_SHOT]

    searcher = zero_shot_searcher(collection, FakeEncoder())
    warmup = Warmup(lambda: searcher, None, lambda own: load_maps(own, Path(ZERO_SHOT))).start()
    warmup.wait(10)
    workspace = ServedWorkspace(warmup)
    client = TestClient(FastAPI(routes=map_routes(workspace)))
    for level in LEVELS:
        address = f"?q=red+walls&show=map&on.level={level}"
        page = open_page(workspace, address)
        assert page["page"] == "map" and text.UNEXPECTED not in page["html"]
        best = client.get(f"/map-points.json{address}").json()[0]
        assert best["museum_id"] == "m1"
