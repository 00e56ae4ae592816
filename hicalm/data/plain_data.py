"""Values between two processes: a tree as JSON has it, and numbers as ``.npy`` files beside it.

Nothing but plain data can come through: nothing is unpickled, so a process that was led astray by
the file it reads can hand over wrong numbers and texts at worst.
"""

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

MOST = 20_000_000  # values in lists: what names one list many times would grow without end
_PLAIN = (bool, int, float, str, type(None))


class Packer:
    """Writes values to a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._files, self._values = Path(folder), 0, 0

    def pack(self, value: object) -> Any:
        """Return a value as JSON has it: None, truth values, numbers, texts, bytes, lists, tuples
        (sets become some) and dictionaries of these, arrays, also of values, and tensors.

        Anything else is None. Raises ValueError for too many values, and RecursionError for lists
        in too many lists.
        """
        self._values += 1
        if self._values > MOST:
            raise ValueError(f"it holds more than {MOST:,} values")
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, _PLAIN):
            return str(value) if isinstance(value, str) else value
        if isinstance(value, Mapping):
            return {"pairs": [[self.pack(key), self.pack(own)] for key, own in value.items()]}
        if isinstance(value, list):
            return [self.pack(one) for one in value]
        if isinstance(value, tuple | set | frozenset):
            return {"tuple": [self.pack(one) for one in value]}
        if isinstance(value, bytes | bytearray):
            return {"bytes": self._save(np.frombuffer(value, np.uint8))}
        if isinstance(value, np.ndarray):
            return self._array(value)
        torch = sys.modules.get("torch")  # where nobody imported it there are no tensors
        if torch is not None and isinstance(value, torch.Tensor):
            return self._tensor(value.detach(), torch)
        return None

    def _array(self, array: np.ndarray) -> dict[str, Any]:
        if array.dtype.kind in "biufcU":
            return {"array": self._save(array)}
        cells = [self.pack(cell) for cell in array.astype(object).ravel()]
        return {"cells": cells, "shape": list(array.shape)}

    def _tensor(self, tensor: Any, torch: Any) -> dict[str, Any]:
        kind = str(tensor.dtype).removeprefix("torch.")
        plain = tensor.contiguous()
        if tensor.dtype == torch.bfloat16:  # which NumPy does not have
            plain = plain.view(torch.int16)
        return {"tensor": self._save(plain.numpy()), "kind": kind}

    def _save(self, array: np.ndarray) -> int:
        self._files += 1
        np.save(self._folder / f"{self._files}.npy", array, allow_pickle=False)
        return self._files


def unpack(tree: Any, folder: Path) -> Any:
    """Return the value that ``Packer.pack`` made a tree of, with its files in ``folder``."""
    if isinstance(tree, list):
        return [unpack(one, folder) for one in tree]
    if not isinstance(tree, dict):
        return tree
    if "pairs" in tree:
        return {unpack(key, folder): unpack(own, folder) for key, own in tree["pairs"]}
    if "tuple" in tree:
        return tuple(unpack(one, folder) for one in tree["tuple"])
    if "cells" in tree:
        array = np.empty(math.prod(tree["shape"]), object)
        array[:] = [unpack(cell, folder) for cell in tree["cells"]]
        return array.reshape(tree["shape"])
    kind = next(name for name in ("array", "bytes", "tensor") if name in tree)
    numbers = np.load(Path(folder) / f"{int(tree[kind])}.npy", allow_pickle=False)
    if kind == "bytes":
        return numbers.tobytes()
    return numbers if kind == "array" else _tensor(numbers, tree["kind"])


def _tensor(numbers: np.ndarray, kind: str) -> Any:
    import torch

    tensor = torch.from_numpy(numbers)
    return tensor.view(torch.bfloat16) if kind == "bfloat16" else tensor
