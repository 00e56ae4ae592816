"""What is typical of some points of a map: the values that they have more often than the others.

A value is *typical* of a selection if its share there is at least ``TYPICAL`` times its share of
all points, and so many points with it would come together by chance less than once in a hundred
times (a binomial test: as many points, each drawn from all of them).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hicalm.errors import HicalmError
from hicalm.maps.map import Column

TYPICAL = 1.5  # times its share of all points
CHANCE = 0.01  # probability from which a count is taken for chance


@dataclass(frozen=True)
class TypicalValue:
    """A value that is typical of a selection.

    ``count`` of the selected points have it, ``total`` of all points; ``ratio`` says how many times
    its share of the selection is its share of all (at least ``TYPICAL``).
    """

    value: str
    count: int
    total: int
    ratio: float


def typical_values(
    columns: Sequence[Column], selected: Sequence[int] | np.ndarray
) -> dict[str, tuple[TypicalValue, ...]]:
    """Return by column what is typical of some points, the most telling values first.

    Those are the ones of the most points beyond what was to be expected. A column has no values
    where nothing is typical; the values of a column of numbers are the numbers themselves.

    Args:
        columns: those of a level's map, codes (N,).
        selected: rows of points, integers 0 to N - 1, in any order; one given twice counts once.

    Raises HicalmError for a row that the map does not have.
    """
    rows = np.unique(np.asarray(selected, np.int64))
    for column in columns:
        if len(rows) and not 0 <= rows[0] <= rows[-1] < len(column.codes):
            raise HicalmError(
                f"The map has the points 0 to {len(column.codes) - 1}, not {rows[0]} to {rows[-1]}."
            )
    return {column.name: _typical(column, rows) for column in columns}


def _typical(column: Column, rows: np.ndarray) -> tuple[TypicalValue, ...]:
    from scipy.special import bdtrc  # its import takes a quarter of a second

    totals = np.bincount(column.codes)
    counts = np.bincount(column.codes[rows], minlength=len(totals))
    expected = len(rows) * totals / max(1, len(column.codes))
    found = [
        code
        for code in np.flatnonzero(counts)
        if counts[code] >= TYPICAL * expected[code]
        and bdtrc(counts[code] - 1, len(rows), totals[code] / len(column.codes)) < CHANCE
    ]
    found.sort(key=lambda code: expected[code] - counts[code])
    return tuple(
        TypicalValue(
            value=column.values[code] if column.values else str(code),
            count=int(counts[code]),
            total=int(totals[code]),
            ratio=round(float(counts[code] / expected[code]), 2),
        )
        for code in found
    )
