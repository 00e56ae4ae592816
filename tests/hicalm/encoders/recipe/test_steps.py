"""What the trainings of encoders share."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hicalm.encoders.attributes import anchors, attribute_columns
from hicalm.encoders.picture_store import PictureStore
from hicalm.encoders.recipe import steps, train_object_expert
from hicalm.encoders.recipe.steps import read_attributes
from hicalm.encoders.recipe.train_object_expert import ObjectExpertConfig
from hicalm.world.relevance import LabelledQuery, Predicate
from tests.hicalm.encoders.conftest import SEED


def test_attributes_are_read_from_the_nearest_anchor() -> None:
    columns, directions = attribute_columns(), anchors().numpy()
    horse, bird, red = (
        directions[columns[pair]]
        for pair in (("subject", "horse"), ("subject", "bird"), ("wall_color", "red"))
    )
    queries = [
        LabelledQuery("", "validation", Predicate(subject="horse", wall_color="red")),
        LabelledQuery("", "validation", Predicate(subject="horse")),
    ]
    shares = read_attributes(np.stack([horse + red, bird]), queries)
    assert shares == {"subject": 0.5, "wall_color": 1.0}


def test_objects_are_measured_where_pictures_are(
    rendered: PictureStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "open_store", lambda _: rendered)
    monkeypatch.setattr(steps, "WORLD_SEED", SEED)
    for name, museums in (("TRAIN", [0]), ("VALIDATION", [1]), ("TEST", [])):
        monkeypatch.setattr(steps, name, np.array(museums, np.int64))
    config = partial(ObjectExpertConfig, steps=2, batch=8)
    monkeypatch.setattr(train_object_expert, "ObjectExpertConfig", config)
    metrics = steps.train_objects(tmp_path / "pictures", tmp_path / "out")
    assert list(metrics) == ["validation"]
    assert json.loads((tmp_path / "out" / "metrics.json").read_text()) == metrics
