"""Adam with moments in files is Adam."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import torch
from torch import nn

from hicalm.training import filed_adam, hicalm_training
from hicalm.training.filed_adam import FiledAdam
from hicalm.training.hicalm_training import HicalmRun
from hicalm.training.train_config import TrainConfig
from tests.hicalm.museums import planted_data, tiny_config

Make = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


def trained(make: Make) -> tuple[list[torch.Tensor], dict]:
    """Train a small network, stop, and go on from what was saved."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(20, 30), nn.ReLU(), nn.Linear(30, 5))
    inputs, saved = torch.randn(9, 20), None
    for _ in range(2):
        optimiser = make(network.parameters())
        schedule = torch.optim.lr_scheduler.StepLR(optimiser, 3, 0.5)
        if saved is not None:
            optimiser.load_state_dict(saved)
        for _ in range(5):
            network(inputs).square().sum().backward()
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
        saved = optimiser.state_dict()
    return [weight.detach() for weight in network.parameters()], saved


def test_the_numbers_are_adams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filed_adam, "LARGE", 100)  # the two matrices; biases stay in memory
    monkeypatch.setattr(filed_adam, "PIECE", 64)
    weights, saved = trained(lambda weights: torch.optim.Adam(weights, 0.01))
    filed, own = trained(lambda weights: FiledAdam(weights, 0.01, tmp_path))
    for expected, found in zip(weights, filed, strict=True):
        assert torch.equal(expected, found)
    for number, state in saved["state"].items():
        assert all(torch.equal(value, own["state"][number][name]) for name, value in state.items())
    assert list(tmp_path.iterdir()) == []  # files without a name go with the process


def test_large_models_have_their_moments_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hicalm_training, "MANY", 1_000)
    monkeypatch.setattr(filed_adam, "LARGE", 10)
    data = planted_data(8, seed=0, phrases=False)
    settings = TrainConfig.preset("published", epochs=2, batch_size=4, room_weight=0.0)

    def run() -> HicalmRun:
        return HicalmRun(data, data, tiny_config(vision="dan"), settings, tmp_path, "cpu", None)

    first = run()
    assert isinstance(first.optimiser, FiledAdam)
    first.train(progress=False)
    again = run()
    again.train(progress=False)  # takes up what was saved, with nothing left to do
    for name, value in first.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name])
    saved, found = (one.optimiser.state_dict()["state"] for one in (first, again))
    for number, state in saved.items():
        assert all(torch.equal(value, found[number][name]) for name, value in state.items())
    monkeypatch.undo()
    assert not isinstance(run().optimiser, FiledAdam)
