"""What each level adds: paragraphs are found in texts, rooms in views, and both recipes run."""

from pathlib import Path

import pytest

from benchmarks.front3d import read_apartments
from benchmarks.front3d_levels import (
    RECIPES,
    apartments,
    paired_table,
    rank,
    recall_table,
    train_recipe,
)
from tests.benchmarks.apartment_files import write_apartments

TEXTS = [
    "A house. It has rooms. Regarding the kitchen, it has a table. The second bedroom has a bed.",
    "A house. It has one room.",
    "A house. Regarding the hall, it has a lamp. It has a chair.",
    "A house. It is small.",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_apartments(tmp_path, TEXTS)


def test_paragraphs_begin_with_their_rooms(folder: Path) -> None:
    data = apartments(read_apartments(folder), "train")
    assert data.paragraph_counts.tolist() == [3, 2]
    assert data.sentence_counts.tolist() == [2, 1, 1, 1, 1]
    assert data.paragraph_room.tolist() == [-1, -2, -2, -1, -2]
    assert data.room_counts.tolist() == [2, 5]  # no two random views are alike


def test_both_recipes_are_trained_ranked_and_compared(folder: Path, tmp_path: Path) -> None:
    collection = read_apartments(folder)
    data = {s: apartments(collection, s) for s in ("train", "validation", "test")}
    encoder = collection.features.fingerprints["view"].label
    runs = []
    for recipe in RECIPES:
        found = train_recipe(data, encoder, recipe, 0, tmp_path / recipe)
        found |= rank(data, recipe, tmp_path / recipe)
        assert found["ranks"]["test"]["all"] == [1]  # one museum, one text
        assert sum(found["weights"].values()) == pytest.approx(1)
        runs.append({"recipe": recipe, "seed": 0, **found})
    assert "| levels, without room | 100.0 ± 0.0" in recall_table(runs)
    assert "| all | attention, all | +0.0 (+0.0 to +0.0)" in paired_table(runs)
