"""Arrays of .mat files from others, read in a process of their own.

What is damaged may end the process that reads it: scipy's reader trusts the types that a file names
for its parts. Only plain data come back from the process: numbers, texts, and cells of them.
"""

import faulthandler
import json
import math
import multiprocessing
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hicalm.errors import HicalmError

ENTRY_BYTES = {"double": 8, "int64": 8, "uint64": 8, "single": 4, "int32": 4, "uint32": 4}  # else 1
ANSWER, ARRAYS = "answer.json", "arrays.npz"
DEEPEST = 20  # cells in cells that come back; deeper ones are none


def read_mat(
    path: Path, keys: Sequence[str], limit: int
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Read the arrays of some keys, those that are there, and return them with all keys.

    Raises HicalmError for a file that cannot be read, or unpacks to more than ``limit`` bytes.
    """
    import scipy.io  # noqa: F401  # a forked process has it then

    forks = "fork" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork") if forks else multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        arguments = (Path(folder), Path(path), tuple(keys), limit)
        process = context.Process(target=_answer, args=arguments, daemon=True)
        process.start()
        process.join()
        answer = Path(folder) / ANSWER
        if process.exitcode or not answer.is_file():
            raise HicalmError(f"'{path}' is damaged or not a .mat file.")
        said = json.loads(answer.read_text("utf-8"))
        if "error" in said:
            raise HicalmError(said["error"])
        with np.load(Path(folder) / ARRAYS, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    return arrays | {key: _cells(cell) for key, cell in said["cells"].items()}, said["names"]


def check_size(path: Path, size: int, limit: int) -> None:
    """Raise HicalmError for arrays of more than ``limit`` bytes."""
    if size > limit:
        raise HicalmError(
            f"The arrays in '{path}' have {size:,} bytes unpacked; at most {limit:,} are read."
        )


def _answer(folder: Path, path: Path, keys: tuple[str, ...], limit: int) -> None:
    """Write what a file holds as JSON and an .npz file, or why it cannot be read."""
    _end_quietly()
    try:
        said = _read(folder, path, keys, limit)
    except HicalmError as error:
        said = {"error": str(error)}
    except NotImplementedError:  # scipy's answer to MATLAB 7.3
        sentence = (
            f"'{path}' is a MATLAB 7.3 file (HDF5), which is not read here: save it with "
            "`save -v7` in MATLAB, or with scipy.io.savemat."
        )
        said = {"error": sentence}
    except Exception as error:  # damaged files make the readers raise many unrelated types
        said = {"error": f"'{path}' is damaged or not a .mat file: {error}."}
    (folder / ANSWER).write_text(json.dumps(said), "utf-8")


def _read(folder: Path, path: Path, keys: tuple[str, ...], limit: int) -> dict[str, Any]:
    from scipy.io import loadmat, whosmat

    held = whosmat(path)
    wanted = [one for one in held if one[0] in keys]
    sizes = [math.prod(shape) * ENTRY_BYTES.get(kind, 1) for _, shape, kind in wanted]
    check_size(path, sum(sizes), limit)
    found = loadmat(path, variable_names=keys)
    arrays = {key: found[key] for key in keys if isinstance(found.get(key), np.ndarray)}
    others = {key: array for key, array in arrays.items() if array.dtype.kind not in "biufcU"}
    plain = {key: array for key, array in arrays.items() if key not in others}
    np.savez(folder / ARRAYS, allow_pickle=False, **plain)
    cells = {key: _plain(array.astype(object)) for key, array in others.items()}
    return {"names": [name for name, _, _ in held], "cells": cells}


def _plain(value: object, depth: int = 0) -> Any:
    """Return a cell as JSON has it: texts, and shapes with what is in them; the rest is null."""
    if isinstance(value, str):
        return str(value)
    if not isinstance(value, np.ndarray) or (value.size and value.dtype.kind not in "OU"):
        return None
    inner = [] if depth > DEEPEST else [_plain(part, depth + 1) for part in value.ravel()]
    return {"shape": [len(inner)] if depth > DEEPEST else list(value.shape), "cells": inner}


def _cells(value: Any) -> Any:
    """Return what ``_plain`` was given."""
    if not isinstance(value, dict):
        return value
    array = np.empty(len(value["cells"]), object)
    array[:] = [_cells(part) for part in value["cells"]]
    return array.reshape(value["shape"])


def _end_quietly() -> None:
    """Leave neither a trace on screen nor a file of the memory, however this process ends."""
    faulthandler.disable()
    try:
        import resource
    except ImportError:  # which systems other than Unix lack
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
