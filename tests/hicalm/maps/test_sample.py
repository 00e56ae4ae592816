"""Which museums a sample has, and how they are found again."""

import numpy as np
import pytest

from hicalm.data.museum_columns import key_of
from hicalm.errors import HicalmError
from hicalm.maps.sample import Sample, shown_museums
from tests.hicalm.collections import encoded_world, ragged_collection


def test_a_sample_is_drawn_by_its_seed_in_the_order_of_the_collection():
    collection = encoded_world(test=12)
    first = Sample.draw(collection, 5, seed=1)
    assert sorted(set(first.rows.tolist())) == first.rows.tolist() and len(first.rows) == 5
    assert Sample.draw(collection, 5, seed=1).rows.tolist() == first.rows.tolist()
    drawn = {row for seed in range(40) for row in Sample.draw(collection, 5, seed).rows.tolist()}
    assert drawn == set(range(12))
    assert first.keys.tolist() == [key_of(collection.museums[row].id) for row in first.rows]


def test_of_no_more_museums_all_are_shown():
    collection = ragged_collection()
    assert Sample.draw(collection, 3, seed=0) is None is Sample.draw(collection, 9, seed=0)
    assert shown_museums(collection, None) is collection


def test_a_sample_is_found_again_in_another_order():
    collection = encoded_world(test=6)
    sample = Sample.draw(collection, 3, seed=0)
    turned = collection.select([*reversed(range(6))])
    found = Sample.find(turned, sample.keys)
    assert found.rows.tolist() == (5 - sample.rows).tolist()
    own, same = shown_museums(collection, sample), shown_museums(turned, found)
    assert [museum.id for museum in own.museums] == [museum.id for museum in same.museums]
    np.testing.assert_array_equal(own.features.get("view"), same.features.get("view"))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (np.zeros(0, np.uint64), "no list of keys"),
        (np.zeros((2, 2), np.uint64), "no list of keys"),
        (np.arange(2), "no list of keys"),
        (np.zeros(2, np.uint64), "one is there twice"),
        (np.array([key_of("museum-1"), 7, 8], np.uint64), r"of 3 museums, of which 'Ragged' lacks"),
    ],
)
def test_what_names_no_museums_is_refused(keys, message):
    with pytest.raises(HicalmError, match=message):
        Sample.find(ragged_collection(), keys)
