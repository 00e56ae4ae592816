"""Files from others: pickles and tensors are read as data, never as programs.

A pickle can name any function of the machine to be called while it is read. Here only plain lists,
dictionaries, strings, numbers and tensors come through; everything else is refused by its name.
"""

import io
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hicalm.errors import HicalmError

LARGEST_PICKLE = 64_000_000  # bytes; token lists and indices of the published data have kilobytes


def _tensor_from_bytes(content: bytes) -> Any:
    """Stand in for ``torch.storage._load_from_bytes``, which would unpickle without limits."""
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def _bytes(text: str, encoding: str) -> bytes:
    """Stand in for ``_codecs.encode``, by which older pickles write bytes."""
    if encoding != "latin1":
        raise HicalmError(f"it holds text in '{encoding}', and only plain data is read")
    return text.encode("latin1")


_ALLOWED = {
    ("_codecs", "encode"): _bytes,
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
    ("torch.storage", "_load_from_bytes"): _tensor_from_bytes,
}


class _DataUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        raise HicalmError(f"it holds '{module}.{name}', and only plain data is read")


def read_pickle(path: Path) -> Any:
    """Read a pickle of lists, dictionaries, strings, numbers and tensors.

    Raises HicalmError for one that is missing, damaged, too large, or holds anything else.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_PICKLE:
            raise HicalmError(f"it has more than {LARGEST_PICKLE:,} bytes")
        with path.open("rb") as file:
            return _DataUnpickler(file).load()
    except FileNotFoundError:
        raise HicalmError(f"'{path}' is missing.") from None
    except HicalmError as error:
        raise HicalmError(f"'{path}' is not read: {error}.") from None
    except Exception as error:  # a damaged pickle raises almost anything
        raise HicalmError(f"'{path}' is damaged or no pickle: {_line(error)}.") from error


def read_tensors(path: Path) -> Tensor | list[Tensor]:
    """Read a ``.pt`` file of one tensor or a list of tensors.

    Raises HicalmError for one that is missing or damaged, or holds anything else.
    """
    path = Path(path)
    try:
        value = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise HicalmError(f"'{path}' is missing.") from None
    except pickle.UnpicklingError as error:
        raise HicalmError(
            f"'{path}' is not read, because it holds more than plain tensors: {_line(error)}."
        ) from error
    except Exception as error:  # a damaged archive raises almost anything
        raise HicalmError(f"'{path}' is damaged or holds no tensor: {_line(error)}.") from error
    tensors = value if isinstance(value, list) else [value]
    if not tensors or not all(isinstance(tensor, Tensor) for tensor in tensors):
        raise HicalmError(f"'{path}' must hold a tensor or a list of tensors.")
    return value


def as_rows(tensor: Tensor, name: str) -> np.ndarray:
    """Return a feature tensor (N, D) as float16 if it was half precision, else float32.

    Raises HicalmError for another shape, no rows, or values that are no finite numbers.
    """
    if tensor.ndim != 2 or not tensor.numel():
        raise HicalmError(f"{name} has the shape {tuple(tensor.shape)} instead of (rows, width).")
    if not tensor.is_floating_point():
        raise HicalmError(f"{name} holds {tensor.dtype} instead of floating-point numbers.")
    if not bool(torch.isfinite(tensor).all()):
        raise HicalmError(f"{name} holds NaN or infinite numbers.")
    return tensor.numpy() if tensor.dtype == torch.float16 else tensor.float().numpy()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")
