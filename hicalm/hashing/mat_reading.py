"""Arrays of .mat files from others: numbers, texts, and cells of them.

scipy's reader trusts the types that a file names for its parts, and may end the process.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hicalm.data.foreign_files import MEMORY, read_foreign
from hicalm.errors import HicalmError

ENTRY_BYTES = {"double": 8, "int64": 8, "uint64": 8, "single": 4, "int32": 4, "uint32": 4}  # else 1
MOST_UNPACKED = 1_100  # bytes out of a packed one: what deflate can do


def read_mat(
    path: Path, keys: Sequence[str], limit: int
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Read the arrays of some keys, those that are there, and return them with all keys.

    Raises HicalmError for a file that cannot be read, or unpacks to more than ``limit`` bytes.
    """
    path = Path(path)
    claimed = min(limit, MOST_UNPACKED * path.stat().st_size) if path.is_file() else 0
    memory = MEMORY + 3 * claimed  # unpacked, as an array, and copied
    damaged = f"'{path}' is damaged or not a .mat file"
    arrays, names = read_foreign(
        path,
        load_mat,
        list(keys),
        limit,
        damaged=damaged,
        memory=memory,
        imports=["scipy.io"],
        keep=True,
        apart=True,
    )
    return arrays, names


def check_size(path: Path, size: int, limit: int) -> None:
    """Raise HicalmError for arrays of more than ``limit`` bytes."""
    if size > limit:
        raise HicalmError(
            f"The arrays in '{path}' have {size:,} bytes unpacked; at most {limit:,} are read."
        )


def load_mat(path: Path, keys: Sequence[str], limit: int) -> tuple[dict[str, Any], list[str]]:
    """Return what ``read_mat`` does, in the process that calls it: never call it for a foreign
    file in this one. Raises HicalmError as it does, and whatever scipy raises."""
    from scipy.io import loadmat, whosmat

    try:
        held = whosmat(path)
    except NotImplementedError:  # scipy's answer to MATLAB 7.3
        raise HicalmError(
            f"'{path}' is a MATLAB 7.3 file (HDF5), which is not read here: save it with "
            "`save -v7` in MATLAB, or with scipy.io.savemat."
        ) from None
    wanted = [one for one in held if one[0] in keys]
    sizes = [math.prod(shape) * ENTRY_BYTES.get(kind, 1) for _, shape, kind in wanted]
    check_size(path, sum(sizes), limit)
    found = loadmat(path, variable_names=keys)
    arrays = {key: found[key] for key in keys if isinstance(found.get(key), np.ndarray)}
    return arrays, [name for name, _, _ in held]
