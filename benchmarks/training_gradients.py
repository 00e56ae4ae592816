"""What several processes make of a step's gradient: ``torchrun --nproc-per-node 2`` with this file.

The gradient of one process on museums of a collection, in whole descriptions and with all views, is
compared with that of several processes: gathered, as `train` does it, and with each process's own
museums as its only negatives, as plain DDP would. Prints the length of the difference over that of
the gradient, for the three levels of HiCALM and for levels added up.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from hicalm.cli.options import bound_threads

bound_threads(1)
import torch
from torch import Tensor

from hicalm.data.collection import load_collection
from hicalm.data.dataset import TrainingData, training_data
from hicalm.data.home import COLLECTION
from hicalm.models import ModelConfig
from hicalm.models.processes import process_number
from hicalm.training.experiment import LEVELS_ADDED, METHODS
from hicalm.training.hicalm_training import HicalmRun
from hicalm.training.launch import asked_for, processes_joined
from hicalm.training.train_config import TrainConfig


def gradient(data: TrainingData, method: str, museums: np.ndarray) -> Tensor:
    """Return the gradient (weights,) of the loss of some museums, by all processes that joined."""
    changes = LEVELS_ADDED if method == "levels" else {}
    config = TrainConfig.preset("descriptions", **changes)
    dims = {"view_dim": data.views.shape[1], "text_dim": data.sentences.shape[1]}
    run = HicalmRun(
        data, data, ModelConfig(**dims, **METHODS[method][0]), config, Path("."), None, None
    )
    run.losses(museums, np.random.default_rng(0))["total"].backward()
    weights = [*run.model.parameters(), *run.objective.parameters()]
    return torch.cat([weight.grad.flatten() for weight in weights if weight.grad is not None])


def main() -> None:
    """Print a line for each method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", type=Path, default=COLLECTION)
    parser.add_argument("--split", default="test")
    parser.add_argument("--museums", type=int, default=64)
    options = parser.parse_args()
    data = training_data(load_collection(options.collection).split(options.split), False, None)
    museums = np.arange(min(options.museums, len(data)))
    methods = ("hicalm", "levels")
    one = {method: gradient(data, method, museums) for method in methods}
    shares = np.array_split(museums, asked_for())
    plain = {m: sum(gradient(data, m, own) for own in shares) / len(shares) for m in methods}
    with processes_joined():
        gathered = {method: gradient(data, method, museums) for method in methods}
        if process_number() == 0:
            for method in methods:
                for name, found in (("gathered", gathered), ("own negatives alone", plain)):
                    off = (found[method] - one[method]).norm() / one[method].norm()
                    print(f"{method}, {asked_for()} processes, {name}: {float(off):.2g}")


if __name__ == "__main__":
    main()
