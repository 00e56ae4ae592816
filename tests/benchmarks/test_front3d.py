"""The benchmark on 3D-FRONT: apartments become museums whose texts fit their features."""

from pathlib import Path

import pytest

from benchmarks.front3d import (
    RECIPES,
    ZERO_SHOT_TRIED,
    read_apartments,
    run_recipe,
    table,
    zero_shot,
)
from hicalm.data.collection import save_collection
from tests.benchmarks.apartment_files import COUNTS, SPLITS, write_apartments


@pytest.fixture
def apartments(tmp_path: Path) -> Path:
    return write_apartments(tmp_path, ["One. Two. Three."] * len(SPLITS))


def test_texts_fit_the_features(apartments: Path) -> None:
    collection = read_apartments(apartments)
    sentences = collection.sentence_counts.reshape(-1, 2).sum(axis=1)
    assert sentences.tolist() == COUNTS["sentence"]
    assert collection.view_counts.tolist() == COUNTS["view"]
    assert [museum.split for museum in collection.museums][2] == "validation"
    assert collection.museums[1].paragraphs == (("One",), ("Two. Three.",))
    assert collection.museums[0].paragraphs == (("One",), ("Two", "Three.", ""))


def test_a_recipe_is_trained_and_tested(apartments: Path, tmp_path: Path) -> None:
    folder = tmp_path / "collection"
    save_collection(read_apartments(apartments), folder)
    recipe = list(RECIPES)[1]
    run = run_recipe(folder, tmp_path / "run", recipe, 0)
    assert run["test"] == {"R@1": 1.0, "R@5": 1.0, "R@10": 1.0}  # one museum, one text
    assert 1 <= run["epoch"] <= run["epochs"]
    assert recipe in table([run | {"recipe": name} for name in RECIPES])


def test_rankings_without_training_are_a_table(
    apartments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hicalm.models.zero_shot.TEXTS", 1)
    rows = zero_shot(read_apartments(apartments)).splitlines()
    assert len(rows) == 2 + 3 * (1 + len(ZERO_SHOT_TRIED) + 2)  # and two by discovered rooms
    last = "| test (1) | 0.10 / 0.00 / 0.90, rooms discovered | 100.0 / 100.0 / 100.0 |"
    assert rows[-1] == last
