"""The state of a training run on disk, from which an interrupted one goes on."""

from pathlib import Path

import torch

from hicalm.errors import HicalmError
from hicalm.files import replacing

STATE_FILE = "last.pt"
START_OVER = "start over with --no-resume."


def save_state(folder: Path, state: dict) -> None:
    """Write a run's state to ``folder``, to a temporary name first."""
    with replacing(folder / STATE_FILE) as temporary:
        torch.save(state, temporary)


def load_state(folder: Path, identity: dict, device: torch.device) -> dict:
    """Return the state that a run left in ``folder``; its tensors come to ``device``.

    Raises HicalmError for a file that cannot be read, is no state, or has another ``identity``.
    """
    path = folder / STATE_FILE
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise HicalmError(f"{path} cannot be read: {START_OVER}") from error
    if not isinstance(state, dict):
        raise HicalmError(f"{path} holds no state of a run: {START_OVER}")
    if state.get("identity") != identity:
        raise HicalmError(
            f"{path} belongs to a run with other options or data: choose another folder, or "
            + START_OVER
        )
    return state
