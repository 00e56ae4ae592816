"""Names for the regions of a map, placed by the points themselves, at several zooms.

A *term* is a value of an attribute, or a word of the descriptions. The map is cut into square
cells, ``CELLS`` a side at the first zoom and as many times more as it is enlarged. A cell belongs
to a term where, in it and the eight around it, the term is *common*: at least half of the points
have it (``MAJORITY``), and a share at least ``TYPICAL`` times that of the whole map, so that what
most points have names nothing. Cells side by side that belong to a term are a region, of all
points in them. It is kept if the term is common among these points as well, and if it has
``MIN_POINTS`` of them or ``MIN_SHARE`` of those that a screen shows at this zoom.

From the second zoom on two terms of different attributes together can name a region, such as
"night sky · cool blues"; then at least half of its points have both. Where regions overlap, the
one with more terms comes first, then the one of more points that have terms as rare; another is
left out if half of its points or more have a name by then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import ndimage

from hicalm.errors import HicalmError
from hicalm.maps.map import WIDTH, Region, Zoom
from hicalm.maps.selection import TYPICAL
from hicalm.maps.terms import WORD, Term, term_name

ZOOMS = (1, 2, 4)  # how many times the map is enlarged
CELLS = 24  # along WIDTH at the first zoom: three of them are about as wide as a name
MAJORITY = 0.5  # of a region's points have what it is named by
MIN_POINTS = 8  # of a region, and of the nine cells that speak for one
MIN_SHARE = 0.005  # of the points of a map as large as the screen
SEPARATOR = " · "


@dataclass(frozen=True)
class _Candidate:
    terms: tuple[Term, ...]
    points: np.ndarray  # rows
    telling: float  # the points that have it, times the logarithm of how much rarer it is in all


def named_regions(xy: np.ndarray, terms: Mapping[Term, np.ndarray]) -> tuple[Zoom, ...]:
    """Return the regions of a map at each zoom that has any, those of the most points first.

    Args:
        xy: the points, float (N, 2), in units of the map: centred, WIDTH its larger side.
        terms: which points have what, bool (N,) each; a name has its terms in their order.

    Raises HicalmError for terms of other points.
    """
    for term, has in terms.items():
        if has.shape != (len(xy),):
            raise HicalmError(f"'{term_name(term)}' is known of {len(has)} points, not {len(xy)}.")
    zooms = (Zoom(zoom, _regions(xy, terms, zoom)) for zoom in ZOOMS)
    return tuple(zoom for zoom in zooms if zoom.regions)


def _regions(xy: np.ndarray, terms: Mapping[Term, np.ndarray], zoom: int) -> tuple[Region, ...]:
    least = max(MIN_POINTS, round(MIN_SHARE * len(xy) / zoom**2))
    grid = _Grid(xy, CELLS * zoom)
    found = [
        candidate
        for names, has in _names(terms, pairs=zoom > ZOOMS[0])
        if has.sum() >= MAJORITY * least
        for candidate in grid.candidates(names, has, least)
    ]
    found.sort(key=lambda candidate: (-len(candidate.terms), -candidate.telling))
    named = np.zeros(len(xy), bool)
    regions = []
    for candidate in found:
        if named[candidate.points].mean() < 0.5:
            named[candidate.points] = True
            regions.append(_region(xy, candidate))
    return tuple(sorted(regions, key=lambda region: -region.points))


def _names(
    terms: Mapping[Term, np.ndarray], pairs: bool
) -> Iterator[tuple[tuple[Term, ...], np.ndarray]]:
    yield from (((term,), has) for term, has in terms.items())
    for (first, has), (second, too) in combinations(terms.items(), 2) if pairs else ():
        if first[0] != second[0]:  # no point has two values, and words stand alone
            yield (first, second), has & too


class _Grid:
    """Points in square cells."""

    def __init__(self, xy: np.ndarray, side: int) -> None:
        cells = np.clip((xy / WIDTH + 0.5) * side, 0, side - 1).astype(int)  # centred on (0, 0)
        self._side = side
        self._cells = np.ravel_multi_index(cells.T, (side, side))
        counts = self._count(slice(None))
        self._near = _with_neighbours(counts)
        self._full = (counts > 0) & (self._near >= MIN_POINTS)

    def candidates(
        self, terms: tuple[Term, ...], has: np.ndarray, least: int
    ) -> Iterator[_Candidate]:
        """Give the regions of ``least`` points or more where it is common what some points have."""
        share = float(has.mean())
        common = max(MAJORITY, TYPICAL * share)
        belongs = self._full & (_with_neighbours(self._count(has)) >= common * self._near)
        labels, count = ndimage.label(belongs)
        of_point = labels.ravel()[self._cells]
        order = np.argsort(of_point, kind="stable")
        ends = np.cumsum(np.bincount(of_point, minlength=count + 1))
        for points in np.split(order, ends[:-1])[1:]:
            own = int(has[points].sum())
            if len(points) >= least and own >= common * len(points):
                yield _Candidate(terms, points, own * np.log(own / len(points) / share))

    def _count(self, chosen: np.ndarray | slice) -> np.ndarray:
        counts = np.bincount(self._cells[chosen], minlength=self._side**2)
        return counts.reshape(self._side, self._side)


def _with_neighbours(counts: np.ndarray) -> np.ndarray:
    """Return for each cell the count of it and the eight cells around it."""
    rows = ndimage.correlate1d(counts, [1, 1, 1], axis=0, mode="constant")
    return ndimage.correlate1d(rows, [1, 1, 1], axis=1, mode="constant")


def _region(xy: np.ndarray, candidate: _Candidate) -> Region:
    own = xy[candidate.points].astype(np.float64)
    x, y = own[np.linalg.norm(own - own.mean(axis=0), axis=1).argmin()]  # inside, however bent
    return Region(
        name=SEPARATOR.join(map(term_name, candidate.terms)),
        values={attribute: value for attribute, value in candidate.terms if attribute != WORD},
        x=round(float(x), 2),
        y=round(float(y), 2),
        points=len(candidate.points),
    )
