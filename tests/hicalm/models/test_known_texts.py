"""Texts of training beside a checkpoint: kept as they are, and refused where they are damaged."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.models.checkpoints import content_hash, load_model, publish_model, save_model
from hicalm.models.known_texts import KNOWN_TEXTS, STORED, KnownTexts
from hicalm.models.score_weights import LevelWeights
from tests.hicalm.collections import random_model

ROWS = np.eye(6, 16, dtype=np.float32)
KNOWN = KnownTexts(ROWS[:2], ROWS[:3], ROWS, np.array([1, 2]), np.array([2, 4]), np.ones(3))


def test_a_checkpoint_and_its_copy_keep_them(tmp_path: Path) -> None:
    run, copy = tmp_path / "run", tmp_path / "copy"
    save_model(random_model(), run)
    assert load_model(run).known_texts is None
    before = content_hash(run)
    KNOWN.save(run)
    assert content_hash(run) != before  # other scores, another checkpoint
    publish_model(run, copy)
    found = load_model(copy).known_texts
    for name in STORED:
        np.testing.assert_array_equal(vars(found)[name], vars(KNOWN)[name])
    np.testing.assert_allclose(found.weights, LevelWeights().description)


@pytest.mark.parametrize(
    "changes",
    [
        {"museum": ROWS[:2, :9]},
        {"museum": ROWS[:0], "room_counts": np.zeros(0), "sentence_counts": np.zeros(0)},
        {"sentence": ROWS[:5]},
        {"room": np.full((3, 16), np.nan, np.float32)},
        {"room_counts": np.array([3, 0])},
        {"room_counts": np.array([4, -1])},
    ],
)
def test_damaged_ones_are_refused(tmp_path: Path, changes: dict) -> None:
    replace(KNOWN, **changes).save(tmp_path)
    with pytest.raises(HicalmError, match="Train the model again"):
        KnownTexts.load(tmp_path, (16, 16, 16))
    (tmp_path / KNOWN_TEXTS).write_bytes(b"damaged")
    with pytest.raises(HicalmError, match="does not hold the texts of training"):
        KnownTexts.load(tmp_path, (16, 16, 16))
