"""Several processes train what one trains: the same curve, taken up by either, ending together."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist
from safetensors.numpy import load_file

from benchmarks.start_up import free_port
from hicalm.data.collection import save_collection
from hicalm.errors import HicalmError
from hicalm.training import hicalm_training, launch, loop
from hicalm.training.launch import processes_joined
from hicalm.training.sampling import Sampler
from hicalm.training.train_config import TrainConfig
from tests.hicalm.collections import encoded_world
from tests.hicalm.commands import run as run_command
from tests.hicalm.interruption import interrupted_after
from tests.hicalm.museums import planted_data, tiny_config
from tests.hicalm.training.shared_run import FAILS, GRADIENT, HOSA, RUNS, run

ROOT = Path(__file__).parents[3]
WORKER = "tests.hicalm.training.shared_run"
# Sums in another order differ in the last of seven digits, and nine steps of Adam raise that: up to
# 5e-5 was seen. Where each process has its own negatives alone, losses differ by tens of percent.
TOLERANCE = 1e-3
GRADIENT_TOLERANCE = 1e-5  # of its length, which then differs by a tenth


def started(*arguments: object, **variables: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
    )  # fmt: skip


def ended_well(process: subprocess.Popen[str]) -> str:
    """What a process that printed nothing said of its progress."""
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert not output
    return errors


def torchrun(processes: int, *arguments: object) -> str:
    launcher = ["torch.distributed.run", "--master-addr", "127.0.0.1", "--master-port", free_port()]
    return ended_well(started(*launcher, "--nproc-per-node", processes, "-m", *arguments))


@contextmanager
def beside_another(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Let this process be the first of two; gives the second, which goes through the folder."""
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": "2"}
    other = started(WORKER, folder, "cpu", RANK="1", **meeting)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (meeting | {"RANK": "0"}).items():
            patch.setenv(name, value)
        yield other


def curve(folder: Path) -> list[float]:
    """The loss of every epoch."""
    metrics = json.loads((folder / "metrics.json").read_text())
    return [epoch["loss"]["total"] for epoch in metrics["history"]]


def assert_alike(folder: Path, expected: Path, tolerance: float, gradients: float) -> None:
    """Compare the first gradients and the curves of runs, of which a folder has some."""
    for one in expected.iterdir():
        found, wanted = (np.load(path / one.name / GRADIENT) for path in (folder, expected))
        assert np.linalg.norm(found - wanted) < gradients * np.linalg.norm(wanted), one.name
        np.testing.assert_allclose(
            curve(folder / one.name), curve(one), rtol=tolerance, err_msg=one.name
        )


@pytest.mark.slow
def test_two_processes_have_the_gradient_and_curve_of_one(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for name in (*RUNS, HOSA):
        run(name, one / name)
        (two / name).mkdir(parents=True)
    with beside_another(two) as other, processes_joined():
        for folder in sorted(two.iterdir()):
            run(folder.name, folder)
    ended_well(other)
    assert_alike(two, one, TOLERANCE, GRADIENT_TOLERANCE)


@pytest.mark.slow
def test_the_documented_command_trains_by_two_processes_as_by_one_and_goes_on_where_one_stopped(
    tmp_path, monkeypatch
):
    world, one, two = (tmp_path / name for name in ("world", "one", "two"))
    save_collection(encoded_world(train=9, validation=4, test=0), world)
    options = ("--preset", "descriptions", "--no-art", "--epochs", 2, "--batch-size", 4)
    command = ("train", world, *options, "--threads", 1, "--seeds", 2, "--out")
    alone = started("hicalm", *command, one)
    with interrupted_after(1):
        if run_command(monkeypatch, *command, two) == 130:  # which it ends with where interrupted
            raise KeyboardInterrupt
    ended_well(alone)
    shown = re.findall(r"\d/2", torchrun(2, "hicalm", *command, two))
    assert shown[0] == "1/2"  # of the first run, of which one process had done an epoch
    assert shown.count("0/2") == 1  # of the second: the first process alone shows its progress
    for name in ("seed-0", "seed-1"):
        assert_same_best(two / name, one / name)


def assert_same_best(folder: Path, expected: Path) -> None:
    """Compare the curves of two runs, and their best epochs and models."""
    np.testing.assert_allclose(curve(folder), curve(expected), rtol=TOLERANCE)
    found, wanted = (
        json.loads((path / "metrics.json").read_text())["best"] for path in (folder, expected)
    )
    measured = found.keys() - {"loss", "training_seconds", "seconds"}
    assert {key: found[key] for key in measured} == {key: wanted[key] for key in measured}
    weights, others = (load_file(path / "model.safetensors") for path in (folder, expected))
    assert weights.keys() == others.keys()
    for key, weight in weights.items():
        off = np.linalg.norm(weight - others[key])
        assert off <= TOLERANCE * np.linalg.norm(others[key]), key


@pytest.mark.slow
def test_a_process_that_dies_ends_the_other_in_a_sentence_and_one_process_goes_on(tmp_path):
    folder = tmp_path / "two" / FAILS
    folder.mkdir(parents=True)
    ended = pytest.raises(HicalmError, match="Another process of this training has ended")
    with beside_another(folder.parent) as other, ended, processes_joined():
        run(FAILS, folder)
    dist.destroy_process_group()
    assert other.wait(timeout=60) == -9
    other.communicate()
    run(FAILS, folder)
    run("three levels", tmp_path / "one")
    np.testing.assert_allclose(curve(folder), curve(tmp_path / "one"), rtol=TOLERANCE)


@pytest.mark.cuda
@pytest.mark.slow
def test_each_gpu_has_a_process_and_all_have_the_gradient_and_curve_of_one(tmp_path):
    gpus = min(torch.cuda.device_count(), 3)  # as many images are in a step
    if gpus < 2:
        pytest.skip("there is one GPU, and NCCL takes one for each process")
    for name in (*RUNS, HOSA):
        (tmp_path / "all" / name).mkdir(parents=True)
        run(name, tmp_path / "one" / name, "cuda")
    torchrun(gpus, WORKER, tmp_path / "all", "cuda")
    # in bfloat16, whose eight bits differ sooner
    assert_alike(tmp_path / "all", tmp_path / "one", 0.02, 0.2)


def test_the_shares_of_a_batch_are_the_batch():
    config = TrainConfig.preset("explorer")
    sampler = Sampler(planted_data(9, seed=0), config)
    whole, *shares = (
        sampler.draw(np.arange(9), np.random.default_rng(0), part, parts)
        for part, parts in ((0, 1), (0, 4), (1, 4), (2, 4), (3, 4))
    )
    for name in ("views", "view_counts", "room_counts", "sentences", "paragraph_counts",
                 "is_introduction", "room_sentences", "room_sentence_counts"):  # fmt: skip
        joined = torch.cat([getattr(share, name) for share in shares])
        assert torch.equal(joined, getattr(whole, name)), name
    first_rooms = np.cumsum([0] + [len(share.view_counts) for share in shares])
    described = [
        share.described_room + first for share, first in zip(shares, first_rooms[:-1], strict=True)
    ]
    assert torch.equal(torch.cat(described), whole.described_room)
    assert all(torch.equal(share.same_room, whole.same_room) for share in shares)


def test_what_several_processes_cannot_train_is_refused(tmp_path, monkeypatch):
    data, config = planted_data(8, seed=0), TrainConfig.preset("published", batch_size=3)

    def make(**model: object) -> hicalm_training.HicalmRun:
        return hicalm_training.HicalmRun(
            data, data, tiny_config(**model), config, tmp_path, "cpu", None
        )

    monkeypatch.setattr(hicalm_training, "process_count", lambda: 3)
    monkeypatch.setattr(loop, "process_count", lambda: 3)
    with pytest.raises(HicalmError, match="train it without torchrun"):
        make(vision="dan")
    with pytest.raises(HicalmError, match="A step of 2 items cannot be shared by 3 processes"):
        make()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(HicalmError, match="--nproc-per-node 2 at most"):
        launch._take_gpu()


@pytest.mark.parametrize(
    "command", [("world", "new"), ("hash", "train", "new"), ("hosa", "evaluate", "new")]
)
def test_other_commands_are_not_for_torchrun(command, monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert run_command(monkeypatch, *command) == 2
    assert "start this without torchrun" in capsys.readouterr().err
    monkeypatch.setenv("RANK", "1")
    assert run_command(monkeypatch, *command) == 2
    assert not capsys.readouterr().err
