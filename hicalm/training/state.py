"""The state of a training run on disk, from which an interrupted one goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import torch

from hicalm.data.untrusted import read_torch, tensors_in
from hicalm.errors import HicalmError
from hicalm.files import replacing

STATE_FILE = "last.pt"
START_OVER = "start over with --no-resume."


class _Writer:
    """A file to write to, and what happens after each part."""

    def __init__(self, file: IO[bytes], after: Callable[[], None]) -> None:
        self._file, self._after = file, after

    def write(self, part: Any) -> int:
        written = self._file.write(part)
        self._after()
        return written

    def flush(self) -> None:
        self._file.flush()


def save_state(folder: Path, state: dict, after: Callable[[], None] = lambda: None) -> None:
    """Write a run's state to ``folder``, to a temporary name first.

    ``after`` is called after each part of it: for tensors in files, which are in memory now.
    """
    with replacing(folder / STATE_FILE) as temporary, temporary.open("wb") as file:
        torch.save(state, _Writer(file, after))  # type: ignore[arg-type]


def load_state(folder: Path, identity: dict) -> dict:
    """Return the state that a run left in ``folder``, its tensors on the CPU.

    Raises HicalmError for a file that cannot be read, is no state, holds numbers that are not
    finite, or has another ``identity``.
    """
    path = folder / STATE_FILE
    try:
        state = read_torch(path, "no state of a run")
    except HicalmError as error:
        raise HicalmError(f"{path} cannot be read: {START_OVER}") from error
    if not isinstance(state, dict):
        raise HicalmError(f"{path} holds no state of a run: {START_OVER}")
    if not all(bool(tensor.isfinite().all()) for tensor in tensors_in(state)):
        raise HicalmError(f"{path} holds numbers that are not finite: {START_OVER}")
    if state.get("identity") != identity:
        raise HicalmError(
            f"{path} belongs to a run with other options or data: choose another folder, or "
            + START_OVER
        )
    return state
