"""Training on small files: a planted signal is learned, resumed and repeated to the figure."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from hicalm.cli import main
from hicalm.errors import HicalmError
from hicalm.hosa import hosa_evaluation as evaluate
from hicalm.hosa.hosa_checkpoints import load_hosa, save_hosa
from hicalm.hosa.hosa_config import Experiment, read_experiment
from hicalm.hosa.hosa_evaluation import evaluate_run, run_data
from hicalm.hosa.hosa_training import train_experiment
from hicalm.hosa.model import HosaModel
from tests.hicalm.hosa.benchmark import write_benchmark, write_configuration, write_split
from tests.hicalm.interruption import interrupted_after


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_benchmark(tmp_path_factory.mktemp("benchmark"))


@pytest.fixture
def experiment(folder: Path, tmp_path: Path) -> Experiment:
    whole = read_experiment(write_configuration(tmp_path / "small.yaml", folder))
    return replace(whole, training=replace(whole.training, epochs=3))


def metrics_of(metrics: dict) -> list[dict]:
    return [{k: v for k, v in epoch.items() if "seconds" not in k} for epoch in metrics["history"]]


@pytest.mark.parametrize("changes", [{}, {"tube": 1}, {"gru": True, "tube": 3, "width": 33}])
def test_a_planted_signal_is_learned(
    changes: dict[str, object], experiment: Experiment, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    experiment = replace(experiment, model=replace(experiment.model, **changes))
    metrics = train_experiment(experiment, out, progress=False)
    assert metrics["best"]["rsum"] == 6
    results = evaluate_run(out, run_data(out))
    assert results["i2t"]["R@1"] == results["t2i"]["R@1"] == 1
    assert json.loads((out / "metrics.json").read_text()) == metrics
    untrained = HosaModel(load_hosa(out).config)
    save_hosa(untrained, out)
    assert evaluate_run(out, run_data(out))["rsum"] < 4  # the files alone do not give it away


def test_equal_seeds_and_interrupted_runs_give_equal_metrics(
    experiment: Experiment, tmp_path: Path
) -> None:
    experiment = replace(experiment, training=replace(experiment.training, epochs=2))
    whole = train_experiment(experiment, tmp_path / "whole", progress=False)
    with interrupted_after(1):
        train_experiment(experiment, tmp_path / "parts", progress=False)
    parts = train_experiment(experiment, tmp_path / "parts", progress=False)
    assert metrics_of(parts) == metrics_of(whole)
    one, other = (load_hosa(tmp_path / name).state_dict() for name in ("whole", "parts"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    reseeded = replace(experiment, training=replace(experiment.training, seed=1))
    different = train_experiment(reseeded, tmp_path / "other", progress=False)
    assert metrics_of(different) != metrics_of(whole)


def test_logs_for_tensorboard(experiment: Experiment, tmp_path: Path) -> None:
    metrics = train_experiment(experiment, tmp_path / "run", progress=False)
    events = EventAccumulator(str(tmp_path / "run" / "logs"))
    events.Reload()
    rsums = [event.value for event in events.Scalars("validation/rsum")]
    assert rsums == pytest.approx([epoch["rsum"] for epoch in metrics["history"]])
    losses = [event.value for event in events.Scalars("loss")]
    assert len(losses) == 3 * 16  # steps of 500 texts in batches of at most 32
    assert np.mean(losses[-16:]) == pytest.approx(metrics["history"][-1]["loss"]["total"], rel=1e-5)


def test_a_run_goes_on_with_the_same_options_only(experiment: Experiment, tmp_path: Path) -> None:
    with interrupted_after(1):
        train_experiment(experiment, tmp_path, progress=False)
    other = replace(experiment, training=replace(experiment.training, margin=0.3))
    with pytest.raises(HicalmError, match="other options or data"):
        train_experiment(other, tmp_path, progress=False)
    with interrupted_after(1):
        train_experiment(other, tmp_path, progress=False, resume=False)
    torch.save([1], tmp_path / "last.pt")
    with pytest.raises(HicalmError, match="holds no state of a run"):
        train_experiment(experiment, tmp_path, progress=False)
    (tmp_path / "last.pt").write_bytes(b"nothing")
    with pytest.raises(HicalmError, match="cannot be read"):
        train_experiment(experiment, tmp_path, progress=False)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """The exit status of `python -m hicalm hosa ...`."""
    monkeypatch.setattr("sys.argv", ["hicalm", "hosa", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit_:
        main()
    return exit_.value.code


def test_the_command_line_from_files_to_metrics(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config, out = write_configuration(tmp_path / "c.yaml", Path("nowhere")), tmp_path / "run"
    arguments = ("train", "--config", config, "--out", out)
    assert run(monkeypatch, *arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: There is no file 'nowhere/train_caps.txt'")
    assert run(monkeypatch, *arguments, "--data", folder, "--tube", 2, "--seed", 3) == 0
    assert json.loads(capsys.readouterr().out)["rsum"] == 6
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["model"]["tube"], metrics["training"]["seed"]) == (2, 3)

    assert run(monkeypatch, "evaluate", out, "--json", tmp_path / "figures.json") == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "image to text  R@1 100.0  R@5 100.0  R@10 100.0"
    assert printed[2] == "rsum 600.0  (20 images, 100 texts, 1 fold)"
    assert json.loads((tmp_path / "figures.json").read_text())["rsum"] == 6

    assert run(monkeypatch, "evaluate", out, "--size", "1k") == 2
    assert "20 images, which are no folds of 1000" in capsys.readouterr().err
    assert run(monkeypatch, "evaluate", out, "--size", "2k") == 2
    assert "Unknown size '2k': choose 1k or 5k" in capsys.readouterr().err
    monkeypatch.setattr(evaluate, "SIZES", {"1k": 4})
    assert run(monkeypatch, "evaluate", out, "--size", "1k") == 0
    assert "(20 images, 100 texts, 5 folds)" in capsys.readouterr().out
    assert run(monkeypatch, "evaluate", out, "--split", "dev") == 0


def test_runs_that_cannot_be_evaluated(experiment: Experiment, tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match=r"is no run of .* data.json is missing"):
        run_data(tmp_path)
    once = replace(experiment, training=replace(experiment.training, epochs=1))
    train_experiment(once, tmp_path, progress=False)
    write_split(tmp_path / "wide", "test", 2)
    wide = replace(run_data(tmp_path), folder=str(tmp_path / "wide"), regions=5)
    with pytest.raises(HicalmError, match=r"shape \(N, 5, 16\)"):
        evaluate_run(tmp_path, wide)
    (tmp_path / "vocabulary.json").write_text('["a"]')
    with pytest.raises(HicalmError, match="has 3 numbers and the model"):
        evaluate_run(tmp_path, wide)
    (tmp_path / "data.json").write_text("{")
    with pytest.raises(HicalmError, match="not readable JSON"):
        run_data(tmp_path)
