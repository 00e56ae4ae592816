"""Models and their runs, found in folders."""

import shutil
from pathlib import Path

import pytest

from hicalm.errors import HicalmError
from hicalm.evaluation.model_runs import find_methods
from hicalm.models.score_weights import LevelWeights


def test_models_without_levels_rank_by_the_museum_vector(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models, tmp_path / "m")
    for folder in (tmp_path / "m").iterdir():
        if folder.is_dir():
            LevelWeights().save(folder)
            LevelWeights().save(folder / "seed-0") if (folder / "seed-0").is_dir() else None
    found = {method.name: method for method in find_methods(tmp_path / "m", ())}
    assert {name for name, method in found.items() if method.by_levels} == {
        "hicalm", "several", "foreign", "wide",
    }  # fmt: skip
    assert found["hicalm-museum"].runs == found["hicalm"].runs
    assert [folder.name for folder in found["several"].runs] == ["seed-0", "seed-2", "seed-10"]
    (only,) = find_methods(None, [tmp_path / "m" / "several"])
    assert (only.name, len(only.runs)) == ("several", 3)
    with pytest.raises(HicalmError, match="Two models are called 'dan'"):
        find_methods(tmp_path / "m", [models / "dan"])
