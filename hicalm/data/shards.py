"""Arrays in numbered safetensors files, written as they come and read row by row."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from hicalm.data.rows import Rows, StoredRows
from hicalm.files import replacing, to_json

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
        with replacing(path) as temporary:
            save_file({self._kind: np.ascontiguousarray(rows)}, temporary)
        self._names.append(path.name)


def save_shards(folder: Path, kind: str, rows: Rows) -> None:
    """Write rows (N, D), which may not be those of the folder itself."""
    writer = ShardWriter(folder, kind)
    at_once = max(1, SHARD_BYTES // (rows.shape[1] * rows.dtype.itemsize))
    for start in range(0, len(rows), at_once):
        writer.append(rows[start : start + at_once])
    writer.close()


def rows_header(name: str, shape: tuple[int, int], dtype: type[np.generic]) -> bytes:
    """Return how a safetensors file of one array begins; its rows follow."""
    kinds: dict[type[np.generic], str] = {np.float16: "F16", np.float32: "F32", np.int8: "I8"}
    size = shape[0] * shape[1] * np.dtype(dtype).itemsize
    tensor = {"dtype": kinds[dtype], "shape": [*shape], "data_offsets": [0, size]}
    found = to_json({name: tensor}).encode()
    found += b" " * (-len(found) % 8)
    return len(found).to_bytes(8, "little") + found


def remove_shards(folder: Path, kind: str, keep: Sequence[str] = ()) -> None:
    """Remove the files of a kind whose names are not in ``keep``."""
    for path in Path(folder).glob(f"{kind}-*.safetensors"):
        if path.name not in keep:
            path.unlink()


def load_shards(folder: Path, kind: str) -> StoredRows | None:
    """Return the rows of a kind (N, D), which stay on disk, or None where there are none.

    Raises HicalmError for damaged files, and when they are read for values that are no numbers.
    """
    shards = sorted(Path(folder).glob(f"{kind}-*.safetensors"), key=_number)
    return StoredRows(shards, kind) if shards else None


def _number(path: Path) -> int:
    digits = path.stem.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0
