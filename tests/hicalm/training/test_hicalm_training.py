"""What a GPU changes: where a step's numbers lie and how many bits they have."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hicalm.data.batches import TensorFields
from hicalm.models.processes import RowDropout
from tests.hicalm.training.shared_run import HOSA, RUNS, made

# Of the gradient's length: bfloat16 has eight bits. Emulated on a CPU, up to .085 was seen.
TOLERANCE = 0.2


def gradient(name: str, folder: Path, device: str, results: list[Tensor]) -> np.ndarray:
    """Return the gradient of a step without dropout; notes what its layers gave."""
    run = made(name, folder / device, device)
    for layer in run.model.modules():
        if isinstance(layer, RowDropout):
            layer.p = 0.0  # a GPU draws others
        if isinstance(layer, nn.Linear):
            layer.register_forward_hook(lambda _, given, result: results.append(result.detach()))
    loss = run.losses(np.arange(7), np.random.default_rng(0))["total"]
    loss.backward()
    assert loss.dtype == torch.float32 and loss.device.type == device
    found = [weight.grad for weight in run.model.parameters() if weight.grad is not None]
    assert all(one.dtype == torch.float32 and one.device.type == device for one in found)
    return torch.cat([one.flatten() for one in found]).cpu().numpy()


@pytest.mark.cuda
@pytest.mark.parametrize("name", [*RUNS, HOSA])
def test_a_gpu_computes_the_gradient_of_the_cpu_in_bfloat16(name: str, tmp_path: Path) -> None:
    layers: dict[str, list[Tensor]] = {"cpu": [], "cuda": []}
    expected, found = (gradient(name, tmp_path, device, layers[device]) for device in layers)
    assert np.linalg.norm(found - expected) < TOLERANCE * np.linalg.norm(expected)
    assert {one.dtype for one in layers["cpu"]} == {torch.float32}
    assert torch.bfloat16 in {one.dtype for one in layers["cuda"]}


@pytest.mark.cuda
def test_batches_go_to_a_gpu_from_pinned_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[bool, bool]] = []
    to = TensorFields.to

    def noting(self: TensorFields, device: torch.device, non_blocking: bool = False) -> object:
        pinned = all(getattr(self, name).is_pinned() for name in vars(self))
        sent.append((pinned, non_blocking))
        return to(self, device, non_blocking)

    monkeypatch.setattr(TensorFields, "to", noting)
    run = made("three levels", tmp_path, "cuda")
    run.losses(np.arange(7), np.random.default_rng(0))
    assert sent == [(True, True)]
