"""Runs of training that one process and several go through: a folder for each run, by its name."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch

from hicalm.errors import HicalmError
from hicalm.hosa.hosa_config import TrainingConfig
from hicalm.hosa.hosa_training import HosaRun
from hicalm.hosa.model import HosaConfig
from hicalm.models.processes import process_number
from hicalm.training.hicalm_training import HicalmRun
from hicalm.training.launch import processes_joined
from hicalm.training.loop import TrainingRun
from hicalm.training.train_config import TrainConfig
from tests.hicalm.hosa.planted_pairs import WIDTH, PlantedPairs
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
HOSA = "hosa"  # beside them
FAILS = "three levels, killed"  # one process is killed after the first epoch
GRADIENT = "gradient.npy"  # of the first step, in a run's folder


def made(name: str, out: Path, device: str) -> TrainingRun:
    """A model with dropout on a few museums or images, seven or six items a step."""
    if name == HOSA:
        model = HosaConfig(WIDTH, WIDTH, width=8, tube=4, dropout=0.1)
        training = TrainingConfig(epochs=3, batch_size=7)
        return HosaRun(PlantedPairs(10, 0), PlantedPairs(4, 1), model, training, out, device, {})
    preset, changes, model = RUNS[name.partition(",")[0]]
    config = TrainConfig.preset(preset, epochs=3, batch_size=7, **changes)
    data, validation = planted_data(20, seed=0), planted_data(6, seed=1)
    return HicalmRun(data, validation, tiny_config(dropout=0.1, **model), config, out, device, None)


def run(name: str, out: Path, device: str = "cpu") -> None:
    """Write the gradient of a step on seven items, and train."""
    stepped = made(name, out, device)
    stepped.losses(np.arange(7), np.random.default_rng(0))["total"].backward()
    gradients = [weight.grad for weight in stepped.model.parameters() if weight.grad is not None]
    if process_number() == 0:
        np.save(out / GRADIENT, torch.cat([one.flatten() for one in gradients]).cpu().numpy())
    made(name, out, device).train()


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
