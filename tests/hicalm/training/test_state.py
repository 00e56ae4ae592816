"""The state of a run that is damaged, or made to harm, is refused in a sentence with a way out."""

import os
from pathlib import Path

import pytest
import torch

from hicalm.errors import HicalmError
from hicalm.training.state import START_OVER, STATE_FILE, load_state, save_state

IDENTITY = {"settings": {"seed": 0, "rates": (0.1, None)}}


class Program:
    """Unpickling it would make a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.folder),)


def test_a_state_comes_back(tmp_path: Path) -> None:
    layer = torch.nn.Linear(2, 3)
    optimiser = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    parts = {"model": layer.state_dict(), "optimiser": optimiser.state_dict()}
    save_state(tmp_path, {"identity": IDENTITY, "history": [{"loss": 0.1}], **parts})
    state = load_state(tmp_path, IDENTITY)
    assert state["history"] == [{"loss": 0.1}]
    assert torch.equal(state["model"]["weight"], layer.weight)
    again = torch.optim.Adam(torch.nn.Linear(2, 3).parameters())
    again.load_state_dict(state["optimiser"])
    found, kept = again.state_dict(), optimiser.state_dict()
    assert found["param_groups"] == kept["param_groups"]
    assert torch.equal(found["state"][0]["exp_avg"], kept["state"][0]["exp_avg"])


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (torch.zeros(1).as_strided((60_000, 60_000), (0, 0)), "cannot be read"),
        (torch.tensor([1.0, float("nan")]), "holds numbers that are not finite"),
        (torch.tensor([1.0, float("inf")]), "holds numbers that are not finite"),
    ],
)
def test_numbers_that_are_none_are_refused(tmp_path: Path, model: torch.Tensor, why: str) -> None:
    save_state(tmp_path, {"identity": IDENTITY, "history": [], "model": {"a": [model]}})
    with pytest.raises(HicalmError, match=f"{STATE_FILE} {why}: {START_OVER}"):
        load_state(tmp_path, IDENTITY)


def test_what_is_no_state_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    torch.save({"identity": Program(made)}, tmp_path / "program")
    torch.save([1], tmp_path / "list")
    torch.save({"identity": {}, "history": []}, tmp_path / "other")
    (tmp_path / "memo").write_bytes(b"\x80\x02]r\x00\x00\x00\x10.")  # asks for 2**28 places
    (tmp_path / "cut").write_bytes((tmp_path / "list").read_bytes()[:200])
    for name, why in (
        ("program", "cannot be read"),
        ("list", "holds no state"),
        ("other", "belongs to a run with other options"),
        ("memo", "cannot be read"),
        ("cut", "cannot be read"),
    ):
        (tmp_path / name).rename(tmp_path / STATE_FILE)
        with pytest.raises(HicalmError, match=f"{why}.*--no-resume"):
            load_state(tmp_path, IDENTITY)
    assert not made.exists()
