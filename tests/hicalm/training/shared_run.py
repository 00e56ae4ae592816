"""Runs of training that one process and several go through: a folder for each run, by its name."""

import os
import signal
import sys
from pathlib import Path

import torch

from hicalm.errors import HicalmError
from hicalm.training.hicalm_training import HicalmRun, train
from hicalm.training.launch import processes_joined
from hicalm.training.train_config import TrainConfig
from tests.hicalm.museums import planted_data, tiny_config

ADDED = {"museum_weight": 0.0, "room_weight": 0.0, "view_weight": 0.0, "score_weight": 1.0}
# name -> preset, changes of it, and the model's
RUNS: dict[str, tuple[str, dict, dict]] = {
    "three levels": ("explorer", {"view_weight": 0.5}, {}),
    "hinge": ("published", {}, {"merge": "max-sum"}),
    "levels and their sum": ("explorer", {"score_weight": 1.0}, {}),
    "details": (
        "descriptions",
        ADDED,
        {"text": "attention", "vision": "attention", "detail": 4},
    ),
    "museums alone": ("explorer", {"room_weight": 0.0, "view_weight": 0.0}, {"vision": "mvcnn-sa"}),
}
FAILS = "three levels, killed"  # one process is killed after the first epoch


def run(name: str, out: Path, device: str = "cpu") -> dict:
    """Train a model with dropout on a few museums, seven or six a step; returns its metrics."""
    preset, changes, model = RUNS[name.partition(",")[0]]
    config = TrainConfig.preset(preset, epochs=3, batch_size=7, **changes)
    data, validation = planted_data(20, seed=0), planted_data(6, seed=1)
    return train(data, validation, tiny_config(dropout=0.1, **model), config, out, device=device)


def die(run: HicalmRun, metrics: object) -> None:
    """End the second process as a machine that fails does."""
    if os.environ["RANK"] == "1":
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    folder, device = Path(sys.argv[1]), sys.argv[2]
    torch.set_num_threads(1)
    try:
        with processes_joined():
            for path in sorted(folder.iterdir()):
                if path.name == FAILS:
                    HicalmRun.log_epoch = die
                run(path.name, path, device)
    except HicalmError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
