"""What is structured in the maps of a collection: which attribute separates where, and regions.

The *purity* of an attribute on a map says how well its values lie apart. Of the ``NEIGHBOURS``
nearest points of every point, those of other museums are looked at; of the same museum they share
much whatever the map is like. With p the share of these pairs of neighbours that have the same
value, and c the share of all pairs of points of different museums that have it,

    purity = (p - c) / (1 - c)

is 1 where neighbours always agree and 0 where they agree as often as by chance. Maps of more than
``MAX_POINTS`` points are judged by as many of them, drawn with the maps' seed, among all others.
Numbers have no purity, since neighbours may come close and yet not agree.

The *default*, to open on, is the level and attribute of the highest purity.
"""

from collections.abc import Mapping

import numpy as np
from scipy.spatial import cKDTree

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS
from hicalm.maps.map import LevelMap, Structure
from hicalm.maps.regions import named_regions
from hicalm.maps.terms import attribute_terms, word_terms

NEIGHBOURS = 15  # of a point, as many as the fit of a map looks at
MAX_POINTS = 50_000


def find_structure(levels: Mapping[str, LevelMap], collection: Collection, seed: int) -> Structure:
    """Return the purities, the default and the regions of a collection's maps, by level.

    Regions are named by attributes, the purest first, or by words of the descriptions on a map
    where no attribute names any. Raises HicalmError for maps of another collection.
    """
    rooms = np.repeat(np.arange(len(collection.museums)), collection.room_counts)
    museums = (np.arange(len(collection.museums)), rooms, np.repeat(rooms, collection.view_counts))
    purity, regions = {}, {}
    for level, owners in zip(LEVELS, museums, strict=True):
        one = levels[level]
        own = purity[level] = purities(one, owners, seed)
        columns = sorted((c for c in one.columns if c.values), key=lambda c: -own[c.name])
        regions[level] = named_regions(one.xy, attribute_terms(columns)) or named_regions(
            one.xy, word_terms(collection, level)
        )
    return Structure(purity, _purest(purity), regions)


def purities(one: LevelMap, museums: np.ndarray, seed: int) -> dict[str, float]:
    """Return the purity of each attribute on a map, at most 1, with three decimals.

    Args:
        one: the map, xy (N, 2).
        museums: the museum (row) of each point, integers (N,).
        seed: what is drawn with, where the map is large.

    It is 0 where no neighbours are of different museums, or where all values are the same. Raises
    HicalmError for museums of other points.
    """
    if museums.shape != (len(one.xy),):
        raise HicalmError(f"{len(one.xy)} points of a map cannot have {len(museums)} museums")
    drawn = np.random.default_rng(seed).permutation(len(one.xy))[:MAX_POINTS]
    count = min(NEIGHBOURS + 1, len(one.xy))  # the point itself is among them, of its own museum
    near = cKDTree(one.xy).query(one.xy[drawn], [*range(1, count + 1)])[1]
    place, neighbour = np.nonzero(museums[near] != museums[drawn][:, None])
    points, others = drawn[place], near[place, neighbour]
    return {
        column.name: _purity(column.codes, points, others, museums)
        for column in one.columns
        if column.values
    }


def _purity(codes: np.ndarray, points: np.ndarray, others: np.ndarray, of: np.ndarray) -> float:
    chance = _chance(codes, of)
    if not len(points) or chance == 1:
        return 0.0
    return round((float((codes[points] == codes[others]).mean()) - chance) / (1 - chance), 3)


def _chance(codes: np.ndarray, museums: np.ndarray) -> float:
    """Return the share of pairs of points of different museums that have the same code."""
    inside = museums.astype(np.int64) * (int(codes.max()) + 1) + codes
    pairs = _same(np.zeros_like(museums)) - _same(museums)
    return (_same(codes) - _same(inside)) / pairs if pairs else 1.0


def _same(labels: np.ndarray) -> int:
    """Return how many ordered pairs, each with itself among them, have the same label."""
    return int((np.unique(labels, return_counts=True)[1].astype(np.int64) ** 2).sum())


def _purest(purity: Mapping[str, Mapping[str, float]]) -> tuple[str, str] | None:
    """Return the level and attribute of the highest purity, the first of equals; None where none
    is above chance."""
    ranked = [(value, level, name) for level, own in purity.items() for name, value in own.items()]
    best = max(ranked, key=lambda one: one[0], default=(0.0, "", ""))
    return best[1:] if best[0] > 0 else None
