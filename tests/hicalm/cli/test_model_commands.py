"""``python -m hicalm train`` hands its options on."""

from pathlib import Path

import pytest

from tests.hicalm.commands import run


def test_options_of_the_published_scripts_change_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple] = []
    monkeypatch.setattr(
        "hicalm.training.experiment.train_seeds", lambda *given: asked.append(given)
    )
    options = ("--room-loss-weight", 0.5, "--score-loss-weight", 0.2, "--batch-size", 32,
               "--learning-rate", 0.01)  # fmt: skip
    command = ("train", tmp_path, "--out", tmp_path / "run", "--preset", "published")
    assert run(monkeypatch, *command, *options, "--criterion", "R@5") == 0
    assert run(monkeypatch, *command, "--no-resume") == 0
    assert [given[-1] for given in asked] == [True, False]  # whether it goes on
    assert [given[4] for given in asked] == [
        {"seed": 0, "batch_size": 32, "learning_rate": 0.01, "room_weight": 0.5,
         "score_weight": 0.2,
         "criterion": "R@5"},
        {"seed": 0},
    ]  # fmt: skip
