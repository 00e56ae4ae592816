"""Columns say of museums what their records say."""

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hicalm.data.museum_columns import MOST_TEXTS, MuseumColumns, columns_of
from hicalm.data.museums import Museum, Room

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from((0.5, 1.0, -0.0, 2.0**60, "", "a")),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(("x", "y")), inner, max_size=2)
    ),
    max_leaves=3,
)


def museum(id: str = "m", split: str = "test", **attributes: object) -> Museum:
    rooms = (Room("one", ("a sentence",), 3), Room("two", (), 2))
    return Museum(id, id.title(), split, ("hello", "again"), rooms, attributes)


def columns(**attributes: list) -> MuseumColumns:
    count = len(next(iter(attributes.values())))
    rows = [{name: own[row] for name, own in attributes.items()} for row in range(count)]
    return columns_of(museum(str(row), **own) for row, own in enumerate(rows))


@given(values=st.lists(VALUES, min_size=1, max_size=5), wanted=st.lists(VALUES, max_size=3))
def test_values_are_equal_as_they_are_in_python(values: list, wanted: list) -> None:
    found = columns(a=values).having("a", wanted)
    assert found.tolist() == [value in wanted for value in values]


def test_a_museum_without_an_attribute_has_none_of_it() -> None:
    some = columns_of([museum("1"), museum("2", a=None), museum("3", a=1), museum("4", b=2)])
    assert some.having("a", [None]).tolist() == [True, True, False, True]
    assert some.having("b", [2]).tolist() == [False, False, False, True]
    assert some.having("c", [None]).all() and not some.having("c", [1]).any()


def test_sizes_and_splits() -> None:
    some = columns_of([museum("1"), museum("2", split="train")])
    assert some.arrays["rooms"].tolist() == [2, 2]
    assert some.arrays["views"].tolist() == [3, 2, 3, 2]
    assert some.arrays["sentences"].tolist() == [2, 1, 0, 2, 1, 0]
    assert some.in_split(["train", "x"]).tolist() == [False, True]


def test_museums_are_found_by_their_ids() -> None:
    ids = [*string.ascii_lowercase, "ü" * 300, ""]
    some = columns_of(map(museum, ids))
    assert list(some.ids) == ids and some.ids[1:3] == ["b", "c"]
    np.testing.assert_array_equal(some.rows(ids), np.arange(len(ids)))
    assert some.rows(["A", "b"]).tolist() == [-1, 1]
    assert columns_of([]).rows(["a"]).tolist() == [-1]


def test_museums_of_one_id_are_counted() -> None:
    assert columns_of(map(museum, "abcab")).duplicates == 2


def test_texts_of_an_attribute_are_counted_while_they_are_few() -> None:
    many = [str(number) for number in range(MOST_TEXTS + 1)]
    some = columns(few=["a", "b"] + ["a"] * (MOST_TEXTS - 1), many=many, number=[1] * len(many))
    assert some.texts == {"few": {"a": MOST_TEXTS, "b": 1}, "number": {}}


@pytest.mark.parametrize("change", [{"id": "x"}, {"split": "train"}, {"a": 2}])
def test_the_content_is_that_of_all_that_is_known(change: dict) -> None:
    same = {"id": "m", "split": "test", "a": 1}
    one, other = columns_of([museum(**same)]), columns_of([museum(**same | change)])
    assert one.content == columns_of([museum(**same)]).content != other.content
