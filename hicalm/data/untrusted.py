"""Files from others: pickles and tensors are read as data, never as programs.

A pickle can name any function of the machine to be called while it is read. Here only plain lists,
dictionaries, strings, numbers and tensors come through; everything else is refused by its name.
They are read in a process with limits, since a few bytes can ask for gigabytes. Of a zip file no
more is unpacked than is asked for.
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hicalm.data.foreign_files import read_foreign
from hicalm.errors import HicalmError

if TYPE_CHECKING:  # it takes a second to import, and a pickle of words needs none
    import torch
    from torch import Tensor

LARGEST_PICKLE = 64_000_000  # bytes; token lists and indices of the published data have kilobytes
# How a file in a zip archive may be packed: others unpack to gigabytes, however little is read.
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
SLACK = 1_000_000  # bytes of numbers that a file may hold beyond its own size


def read_pickle(path: Path) -> Any:
    """Read a pickle of lists, dictionaries, strings, numbers and tensors.

    Raises HicalmError for one that is missing, damaged, too large, or holds anything else.
    """
    path = _there(path)
    if path.stat().st_size > LARGEST_PICKLE:
        raise HicalmError(f"'{path}' is not read: it has more than {LARGEST_PICKLE:,} bytes.")
    imports = ["torch"] if b"torch" in path.read_bytes() else []
    damaged = f"'{path}' is damaged or no pickle"
    return read_foreign(path, load_pickle, damaged=damaged, imports=imports, keep=True)


def read_torch(path: Path, what: str) -> Any:
    """Read a ``.pt`` file: tensors, numbers and texts in lists and dictionaries; the rest is None.

    ``what`` says what a file is that cannot be read: "no checkpoint". Raises HicalmError for one
    that is missing or damaged, holds programs, or claims more numbers than it has.
    """
    path = _there(path)
    return read_foreign(
        path, load_torch, damaged=f"'{path}' is damaged or {what}", imports=["torch"], keep=True
    )


def read_tensors(path: Path) -> "Tensor | list[Tensor]":
    """Read a ``.pt`` file of one tensor or a list of tensors.

    Raises HicalmError for one that is missing or damaged, or holds anything else.
    """
    import torch

    value = read_torch(path, "holds no tensor")
    tensors = value if isinstance(value, list) else [value]
    if not tensors or not all(isinstance(tensor, torch.Tensor) for tensor in tensors):
        raise HicalmError(f"'{path}' must hold a tensor or a list of tensors.")
    return value


def load_pickle(path: Path) -> Any:
    """Return what ``read_pickle`` does, in the process that calls it: that of foreign files."""
    with path.open("rb") as file:
        try:
            value = _DataUnpickler(file).load()
        except HicalmError as error:
            raise HicalmError(f"'{path}' is not read: {error}.") from None
    _check_claims(path, value)
    return value


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: int) -> bytes:
    """Return the first bytes of a file in a zip archive, ``size`` or as many as it has.

    Without a size zipfile unpacks up to 2 GB at once, and then drops what is more than the archive
    says that there is. Raises BadZipFile, zlib.error or EOFError for a damaged one, and where it is
    packed in another way than ``PACKED``.
    """
    if member.compress_type not in PACKED:
        raise zipfile.BadZipFile(f"'{member.filename}' is packed in an unusual way")
    with archive.open(member) as file:
        return file.read(size)


def load_torch(path: Path) -> Any:
    """Return what ``read_torch`` does, in the process that calls it: that of foreign files."""
    import torch

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(entry.file_size > entry.compress_size for entry in archive.infolist()):
                raise ValueError("its parts are packed, as no tensors are")
    try:
        value = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise HicalmError(
            f"'{path}' is not read, because it holds more than plain tensors: {_line(error)}."
        ) from error
    _check_claims(path, value)
    return value


class _DataUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        raise HicalmError(f"it holds '{module}.{name}', and only plain data is read")


def _bytes(text: str, encoding: str) -> bytes:
    """Stand in for ``_codecs.encode``, by which older pickles write bytes."""
    if encoding != "latin1":
        raise HicalmError(f"it holds text in '{encoding}', and only plain data is read")
    return text.encode("latin1")


def _tensor(*arguments: Any) -> "Tensor":
    """Stand in for ``torch._utils._rebuild_tensor_v2``, which is torch's own and data alone."""
    import torch

    return torch._utils._rebuild_tensor_v2(*arguments)


def _tensor_from_bytes(content: bytes) -> "torch.storage.TypedStorage":
    """Stand in for ``torch.storage._load_from_bytes``, which would unpickle without limits."""
    import torch

    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


_ALLOWED = {
    ("_codecs", "encode"): _bytes,
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch.storage", "_load_from_bytes"): _tensor_from_bytes,
}


def _check_claims(path: Path, value: object) -> None:
    """Raise HicalmError for tensors that show more numbers than there are, as strides of 0 do."""
    claimed = sum(tensor.numel() * tensor.element_size() for tensor in tensors_in(value))
    if claimed > path.stat().st_size + SLACK:
        raise HicalmError(
            f"'{path}' is not read: its tensors claim {claimed:,} bytes of numbers, and the file "
            f"has {path.stat().st_size:,}."
        )


def tensors_in(value: object, seen: "set[int] | None" = None) -> "Iterator[Tensor]":
    """Yield the tensors in lists and dictionaries; ``seen`` are those that were gone through."""
    seen = set() if seen is None else seen
    if isinstance(value, dict | list | tuple) and id(value) not in seen:
        seen.add(id(value))
        for one in value.values() if isinstance(value, dict) else value:
            yield from tensors_in(one, seen)
    elif hasattr(value, "element_size"):
        yield value  # type: ignore[misc]  # only tensors have it


def _there(path: Path) -> Path:
    if not Path(path).is_file():
        raise HicalmError(f"'{path}' is missing.")
    return Path(path)


def as_rows(tensor: "Tensor", name: str) -> np.ndarray:
    """Return a feature tensor (N, D) as float16 if it was half precision, else float32.

    Raises HicalmError for another shape, no rows, or values that are no finite numbers.
    """
    if tensor.ndim != 2 or not tensor.numel():
        raise HicalmError(f"{name} has the shape {tuple(tensor.shape)} instead of (rows, width).")
    import torch

    if not tensor.is_floating_point():
        raise HicalmError(f"{name} holds {tensor.dtype} instead of floating-point numbers.")
    if not bool(torch.isfinite(tensor).all()):
        raise HicalmError(f"{name} holds NaN or infinite numbers.")
    return tensor.numpy() if tensor.dtype == torch.float16 else tensor.float().numpy()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")
