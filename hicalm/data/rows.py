"""Rows of features that stay on disk until they are asked for.

A collection of thousands of museums has gigabytes of features, and a step of training needs a few
megabytes of them. ``StoredRows`` reads just those, with plain reads: mapped pages would count as
the process's own memory for as long as they are mapped.
"""

import os
from collections.abc import Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Self

import numpy as np
from safetensors import safe_open

from hicalm.errors import HicalmError
from hicalm.geometry import unit

BLOCK = 8192  # rows read at once
SAMPLED = 512  # rows by which others are told from them
_HEADER = 8  # bytes of a safetensors file that say how long its header is
_EXPONENT = np.uint16(0x7C00)  # of a half-precision number; all ones: no finite one
_DTYPES: dict[str, np.dtype] = {
    "F16": np.dtype(np.float16),
    "F32": np.dtype(np.float32),
    "I8": np.dtype(np.int8),
}


class StoredRows:
    """Rows (N, D) in numbered safetensors files of one tensor each; indexing reads them.

    Raises HicalmError where a file is damaged, and, when they are read, for values that are no
    finite numbers.
    """

    ndim = 2

    def __init__(self, paths: Sequence[Path], kind: str) -> None:
        self.folder, self.kind = Path(paths[0]).parent, kind
        self._paths = [Path(path) for path in paths]
        self._selected: np.ndarray | None = None  # rows of the files, in our order
        self._begins: list[int] = []
        counts, widths, types = [], set(), set()
        try:
            for path in self._paths:
                with safe_open(path, framework="np") as file:  # checks its header and length
                    stored = file.get_slice(kind)
                    rows, width = stored.get_shape()
                    counts.append(rows)
                    widths.add(width)
                    types.add(stored.get_dtype())
                with path.open("rb") as file:
                    self._begins.append(_HEADER + int.from_bytes(file.read(_HEADER), "little"))
            (width,), (type_,) = widths, types
            self.dtype = _DTYPES[type_]
        except Exception as error:  # safetensors raises an exception of its own
            raise HicalmError(
                f"The {kind} features in '{self.folder}' are damaged: {error}."
            ) from error
        self._ends = np.cumsum(counts)
        self.shape: tuple[int, int] = (int(self._ends[-1]), width)

    def __len__(self) -> int:
        return self.shape[0]

    def select(self, rows: np.ndarray) -> Self:
        """Return some of the rows (M,), in this order, still on disk."""
        chosen = object.__new__(type(self))
        chosen.__dict__ |= self.__dict__
        chosen._selected = rows if self._selected is None else self._selected[rows]
        chosen.shape = (len(rows), self.shape[1])
        return chosen

    def __getitem__(self, rows: np.ndarray | slice) -> np.ndarray:
        """Read rows: int64 (M,) or a slice -> (M, D)."""
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        elif len(rows) and not -1 < rows.min() <= rows.max() < len(self):
            raise IndexError(f"rows must lie in 0 to {len(self) - 1}")
        return self._read(rows if self._selected is None else self._selected[rows])

    def read_runs(self, firsts: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Read runs of neighbours, from their first rows (P,) on, one after the other: (Σ, D).

        Only of whole numbers in one file, where it is the fastest.
        """
        bounds = np.concatenate([[0], np.cumsum(counts)])
        found = np.empty((int(bounds[-1]), self.shape[1]), self.dtype)
        self._read_pieces(np.zeros(len(firsts), np.int64), firsts, bounds, found.data.cast("B"))
        return found

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        whole = self[:]
        return whole if dtype is None else whole.astype(dtype, copy=False)

    def _read(self, rows: np.ndarray) -> np.ndarray:
        order = np.argsort(rows, kind="stable") if (np.diff(rows) < 0).any() else None
        wanted = rows if order is None else rows[order]
        found = np.empty((len(rows), self.shape[1]), self.dtype)
        if len(rows):
            self._read_rising(wanted, found.data.cast("B"))
        if self.dtype.kind == "f":
            _check_finite(found, self.kind, self.folder)
        if order is None:
            return found
        result = np.empty_like(found)
        result[order] = found
        return result

    def _read_rising(self, rows: np.ndarray, into: memoryview) -> None:
        """Read rows that do not fall: one read for each run of neighbours in the same file."""
        shard = np.searchsorted(self._ends, rows, side="right")
        firsts = np.flatnonzero((np.diff(rows) != 1) | (np.diff(shard) != 0)) + 1
        firsts = np.concatenate([[0], firsts])
        self._read_pieces(shard[firsts], rows[firsts], np.append(firsts, len(rows)), into)

    def _read_pieces(
        self, shard: np.ndarray, firsts: np.ndarray, bounds: np.ndarray, into: memoryview
    ) -> None:
        """Read pieces of one file each (``shard`` (P,), rising), from their first rows (P,) on, to
        their bounds (P + 1,) in ``into``, in rows."""
        size, before = self.shape[1] * self.dtype.itemsize, np.concatenate([[0], self._ends])
        places = np.array(self._begins)[shard] + (firsts - before[shard]) * size
        pieces = zip(
            shard.tolist(), places.tolist(), pairwise((bounds * size).tolist()), strict=True
        )
        for number, same in groupby(pieces, key=itemgetter(0)):
            with self._paths[number].open("rb", buffering=0) as file:
                descriptor = file.fileno()
                for _, place, (first, last) in same:
                    while first < last:  # a system reads some two gigabytes at a time
                        count = os.preadv(descriptor, (into[first:last],), place)
                        if not count:
                            raise HicalmError(
                                f"The {self.kind} features in '{self.folder}' have changed while "
                                "they were read. Start again."
                            )
                        first, place = first + count, place + count


class JoinedRows:
    """Rows of several kinds side by side: (N, D), (N, A) -> (N, D + A)."""

    ndim = 2

    def __init__(self, parts: Sequence["Rows"]) -> None:
        self._parts = parts
        self.shape: tuple[int, int] = (len(parts[0]), sum(part.shape[1] for part in parts))
        self.dtype: np.dtype = np.result_type(*(part.dtype for part in parts))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: np.ndarray | slice) -> np.ndarray:
        """Read rows: int64 (M,) or a slice -> (M, D + A)."""
        return np.concatenate([part[rows] for part in self._parts], axis=1)

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        whole = self[:]
        return whole if dtype is None else whole.astype(dtype, copy=False)


Rows = np.ndarray | StoredRows | JoinedRows


def select_rows(rows: Rows, chosen: np.ndarray) -> Rows:
    """Return some rows (M,): those on disk stay there."""
    return rows.select(chosen) if isinstance(rows, StoredRows) else rows[chosen]


def spread(rows: int, most: int) -> np.ndarray:
    """Return the places of ``most`` rows at even distances, of fewer of all: int64 (M,), rising."""
    return np.linspace(0, rows - 1, min(most, rows)).round().astype(np.int64)


def sample(rows: Rows) -> bytes:
    """Return 512 of the rows (N, D) at even distances, of fewer all, by which others are told from
    them."""
    return np.ascontiguousarray(rows[spread(len(rows), SAMPLED)]).tobytes()


def mean_distance(rows: Rows) -> float:
    """Return the mean cosine distance of two of the rows (N, D), each with itself too: 0 to 2."""
    total = np.zeros(rows.shape[1])
    for start in range(0, len(rows), BLOCK):
        total += unit(rows[start : start + BLOCK]).sum(axis=0, dtype=np.float64)
    mean = total / max(len(rows), 1)
    return 1 - float(mean @ mean)  # the mean cosine of all pairs is that of their means


def _check_finite(rows: np.ndarray, kind: str, folder: Path) -> None:
    if rows.dtype == np.float16:  # whose exponents are looked at, in less than half the time
        finite = not len(rows) or int((rows.view(np.uint16) & _EXPONENT).max()) < int(_EXPONENT)
    else:  # a sum is finite only if all its terms are: many times faster than looking at each
        with np.errstate(invalid="ignore"):
            finite = bool(np.isfinite(rows.sum(dtype=np.float64)))
    if not finite:
        raise HicalmError(f"The {kind} features in '{folder}' hold values that are no numbers.")
