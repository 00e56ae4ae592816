"""Arrays of ``.npy`` files, mapped once their header is known to be true."""

import math
from pathlib import Path
from tokenize import TokenError
from typing import IO, Literal

import numpy as np

from hicalm.errors import HicalmError

NUMBERS = "biuf"  # NumPy's letters for truth values, whole numbers and floating point
MAX_DIMENSIONS = 32  # of an array; numpy's own limit depends on its version
# What numpy raises for a header that is none: it parses it as a Python literal
_HEADER_ERRORS = (ValueError, KeyError, TypeError, SyntaxError, TokenError, MemoryError)


def map_array(path: Path, kinds: str = NUMBERS, mode: Literal["r", "r+", "c"] = "r") -> np.ndarray:
    """Return the array of a file, which stays there; ``mode`` is that of ``np.memmap``.

    Raises HicalmError for a file that is no .npy file, shorter than its header says, or of another
    type than ``kinds`` (NumPy's letters); Python objects, which are pickles, are not loaded. Raises
    OSError.
    """
    with path.open("rb") as file:
        shape, _, dtype = read_header(file, path, kinds)
        there = path.stat().st_size - file.tell()
    wanted = math.prod(shape) * dtype.itemsize
    if there < wanted:
        raise HicalmError(
            f"'{path}' is truncated: an array {shape} has {wanted} bytes, but {there} are there."
        )
    if not wanted:  # which cannot be mapped
        return np.zeros(shape, dtype)
    found: np.ndarray = np.load(path, mmap_mode=mode, allow_pickle=False)
    return found


def read_header(
    file: IO[bytes], path: Path, kinds: str = "f"
) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return the shape, whether it lies in Fortran's order, and the type of an array in a file.

    Raises HicalmError for what is no header, no shape of an array, or of another type.
    """
    try:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = read(file)
    except _HEADER_ERRORS as error:
        raise HicalmError(f"'{path}' is damaged or no .npy file of numbers.") from error
    # numpy lets any integer pass as a size, True and negative ones too
    sound = all(type(size) is int and size >= 0 for size in shape)
    if not sound or len(shape) > MAX_DIMENSIONS:
        raise HicalmError(f"'{path}' is damaged: {shape} is no shape of an array.")
    if dtype.hasobject:
        raise HicalmError(
            f"'{path}' holds Python objects, which are not loaded: save it as an array of numbers."
        )
    if dtype.kind not in kinds:
        wanted = {"f": "floating-point", "iu": "whole"}.get(kinds, "plain")
        raise HicalmError(f"'{path}' must hold {wanted} numbers, not {dtype}.")
    return shape, fortran, dtype
