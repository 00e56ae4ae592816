"""What is typical of selected points."""

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.maps.map import Column
from hicalm.maps.selection import TypicalValue, typical_values

# 20 points: 5 of the sea, 10 of the sky, 5 of the land; of 3 rooms are the first five
THEME = Column("theme", ("sea", "sky", "land"), np.repeat([0, 1, 2], [5, 10, 5]).astype(np.uint8))
ROOMS = Column("rooms", (), np.repeat([3, 4], [5, 15]).astype(np.uint16))


def test_counts_and_ratio_to_all_points():
    # Four of the sea among five: 4/5 against 5/20, by chance 5 · (1/4)^4 · 3/4 + (1/4)^5 = 0.0156
    assert typical_values([THEME], [0, 1, 2, 3, 5]) == {"theme": ()}
    # All five: (1/4)^5 = 0.001
    assert typical_values([THEME], [0, 1, 2, 3, 4]) == {"theme": (TypicalValue("sea", 5, 5, 4.0),)}
    # All ten of the sky: a half of all, (1/2)^10 = 0.001
    found = typical_values([THEME], range(5, 15))
    assert found == {"theme": (TypicalValue("sky", 10, 10, 2.0),)}


def test_a_column_of_numbers_has_the_numbers_as_values():
    found = typical_values([THEME, ROOMS], range(5))
    assert found["rooms"] == (TypicalValue("3", 5, 5, 4.0),)


def test_the_value_of_the_most_points_beyond_the_expected_comes_first():
    codes = np.repeat([0, 1, 2], [6, 12, 182]).astype(np.uint8)
    found = typical_values([Column("kind", ("rare", "more", "rest"), codes)], range(18))
    # expected of 18 of 200: 0.54 and 1.08
    assert found["kind"] == (
        TypicalValue("more", 12, 12, 11.11), TypicalValue("rare", 6, 6, 11.11),
    )  # fmt: skip


def test_what_most_points_have_is_typical_of_no_selection():
    codes = np.repeat([0, 1], [70, 30]).astype(np.uint8)
    assert typical_values([Column("kind", ("usual", "rare"), codes)], range(60)) == {"kind": ()}


def test_the_order_and_repeats_play_no_part():
    expected = typical_values([THEME], [0, 1, 2, 3, 4])
    assert typical_values([THEME], np.array([4, 0, 0, 3, 2, 1, 4])) == expected


@pytest.mark.parametrize("rows", [range(20), []])
def test_nothing_is_typical_of_all_points_and_of_none(rows):
    assert typical_values([THEME, ROOMS], rows) == {"theme": (), "rooms": ()}


@pytest.mark.parametrize(("rows", "message"), [([3, 20], "not 3 to 20"), ([-1], "not -1 to -1")])
def test_points_that_are_not_there_are_refused(rows, message):
    with pytest.raises(HicalmError, match=f"the points 0 to 19, {message}"):
        typical_values([THEME], rows)
