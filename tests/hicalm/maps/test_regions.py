"""Names of regions, on maps of a few heaps of points."""

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.maps.map import Region
from hicalm.maps.regions import MIN_POINTS, named_regions

SEA, SKY, BLUE = ("subject", "sea"), ("subject", "sky"), ("palette", "blue")
WALL = ("wall_color", "blue")


def heaps(*places: tuple[float, float], points: int = 20) -> np.ndarray:
    """Return points that lie on top of each other in some places."""
    return np.repeat(np.array(places, np.float32), points, axis=0)


def some(*counts: int, points: int = 20) -> np.ndarray:
    """Return which points have something: the first ``counts`` of each heap."""
    return np.concatenate([np.arange(points) < count for count in counts])


def names(zoom) -> list[tuple[str, int]]:
    return [(region.name, region.points) for region in zoom.regions]


CORNERS = ((-45, -45), (45, -45), (-45, 45), (45, 45))


def test_a_heap_is_named_by_what_at_least_half_of_its_points_have():
    xy = heaps(*CORNERS)
    zooms = named_regions(xy, {SEA: some(10, 0, 0, 0), SKY: some(0, 9, 0, 0)})
    assert [zoom.zoom for zoom in zooms] == [1, 2, 4]
    for zoom in zooms:  # ten of twenty, and not nine
        assert zoom.regions == (Region("sea", {"subject": "sea"}, -45, -45, 20),)


def test_what_most_points_of_the_map_have_names_nothing():
    xy = heaps(*CORNERS)
    assert named_regions(xy, {SEA: some(20, 20, 20, 0)}) == ()  # of 3 in 4 points
    # of 2 in 4 points: all of two heaps are twice as many, and 14 of 20 less than 1.5 times
    assert names(named_regions(xy, {SEA: some(20, 20, 0, 0)})[0]) == [("sea", 20), ("sea", 20)]
    assert named_regions(xy, {SEA: some(14, 14, 12, 0)}) == ()


def test_two_terms_name_a_region_from_the_second_zoom_on():
    xy = heaps(*CORNERS)
    sea, blue = some(20, 0, 0, 0), some(10, 0, 20, 0)
    first, second, _ = named_regions(xy, {SEA: sea, BLUE: blue})
    assert names(first) == [("sea", 20), ("blue", 20)]
    assert names(second) == [("sea · blue", 20), ("blue", 20)]
    assert second.regions[0].values == {"subject": "sea", "palette": "blue"}
    # Half have one, and half the other, but only nine have both.
    both = named_regions(xy, {SEA: some(12, 0, 0, 0), BLUE: ~some(3, 20, 20, 20)})[1]
    assert names(both) == [("blue", 20)]


def test_the_terms_of_a_name_keep_their_order():
    xy = heaps(*CORNERS)
    has = some(20, 0, 0, 0)
    assert names(named_regions(xy, {WALL: has, SEA: has})[1]) == [("blue walls · sea", 20)]
    assert names(named_regions(xy, {SEA: has, WALL: has})[1]) == [("sea · blue walls", 20)]


def test_words_stand_alone():
    xy = heaps(*CORNERS)
    terms = {("", "harbour"): some(20, 0, 0, 0), ("", "ships"): some(15, 0, 0, 0)}
    for zoom in named_regions(xy, terms):
        assert zoom.regions == (Region("harbour", {}, -45, -45, 20),)


def test_a_region_goes_on_where_cells_touch_and_its_name_stands_on_its_middle_point():
    row = [(x, 0.0) for x in np.arange(-20, 21, 4)]  # cells of about 4.2 units
    xy = heaps(*row, *CORNERS, (48, 0), (-48, 0), (0, 48), (0, -48), (30, 30), (-30, 30), (30, -30))
    has = some(*[20] * len(row), *[0] * 11)
    zoom = named_regions(xy, {SEA: has})[0]
    assert zoom.regions == (Region("sea", {"subject": "sea"}, 0, 0, 220),)


def test_few_points_are_no_region():
    xy = heaps(*CORNERS, points=MIN_POINTS - 1)
    assert named_regions(xy, {SEA: some(7, 0, 0, 0, points=7)}) == ()
    xy = heaps(*CORNERS, points=MIN_POINTS)
    assert names(named_regions(xy, {SEA: some(8, 0, 0, 0, points=8)})[0]) == [("sea", 8)]


def test_a_region_at_the_first_zoom_has_a_half_percent_of_the_points_and_a_sixteenth_at_the_last():
    xy = np.concatenate([heaps(*CORNERS, points=1000), heaps((0, 0), points=16)])
    has = np.arange(len(xy)) >= 4000  # 16 points; 0.5 % of 4,016 are 20
    assert [zoom.zoom for zoom in named_regions(xy, {SEA: has})] == [2, 4]


def test_without_points_or_terms_there_are_no_regions():
    assert named_regions(np.zeros((0, 2), np.float32), {SEA: np.zeros(0, bool)}) == ()
    assert named_regions(heaps(*CORNERS), {}) == ()


def test_terms_of_other_points_are_refused():
    with pytest.raises(HicalmError, match="'blue walls' is known of 3 points, not 80"):
        named_regions(heaps(*CORNERS), {WALL: np.ones(3, bool)})
