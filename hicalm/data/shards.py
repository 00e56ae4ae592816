"""Arrays in numbered safetensors files, written as they come and read as one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from hicalm.errors import HicalmError

SHARD_BYTES = 8_000_000  # a file stays below the hub's 10 MB for plain git


class ShardWriter:
    """Writes rows of one kind to ``kind-000.safetensors``, ``kind-001...`` of about equal size.

    Each file is written to a temporary name first. ``close`` writes the rest and removes files of
    an older, longer array.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder, self._kind = Path(folder), kind
        self._waiting: list[np.ndarray] = []
        self._names: list[str] = []

    def append(self, rows: np.ndarray) -> None:
        """Add rows (N, D) of one dtype and width; at most a file's worth of them is kept."""
        self._waiting.append(rows)
        while sum(rows.nbytes for rows in self._waiting) > SHARD_BYTES:
            whole = np.concatenate(self._waiting)
            fit = max(1, SHARD_BYTES // whole[:1].nbytes)
            if fit >= len(whole):
                break
            self._write(whole[:fit])
            self._waiting = [whole[fit:]]

    def close(self) -> None:
        """Write what is left. Call it once, behind the last rows."""
        if self._waiting:
            self._write(np.concatenate(self._waiting))
            self._waiting = []
        remove_shards(self._folder, self._kind, keep=self._names)

    def _write(self, rows: np.ndarray) -> None:
        path = self._folder / f"{self._kind}-{len(self._names):03d}.safetensors"
        temporary = path.with_name(path.name + ".tmp")
        save_file({self._kind: np.ascontiguousarray(rows)}, temporary)
        temporary.replace(path)
        self._names.append(path.name)


def save_shards(folder: Path, kind: str, array: np.ndarray) -> None:
    """Write an array (N, D), and remove what an older one left."""
    writer = ShardWriter(folder, kind)
    writer.append(array)
    writer.close()


def remove_shards(folder: Path, kind: str, keep: Sequence[str] = ()) -> None:
    """Remove the files of a kind whose names are not in ``keep``."""
    for path in Path(folder).glob(f"{kind}-*.safetensors"):
        if path.name not in keep:
            path.unlink()


def load_shards(folder: Path, kind: str) -> np.ndarray | None:
    """Return the array of a kind (N, D), or None where there is none.

    Raises HicalmError for damaged files and values that are no finite numbers.
    """
    shards = sorted(Path(folder).glob(f"{kind}-*.safetensors"))
    if not shards:
        return None
    try:
        array = np.concatenate([load_file(shard)[kind] for shard in shards])
    except Exception as error:  # safetensors raises an exception of its own
        raise HicalmError(f"The {kind} features in '{folder}' are damaged: {error}.") from error
    if not np.isfinite(array).all():
        raise HicalmError(f"The {kind} features in '{folder}' hold values that are no numbers.")
    return array
