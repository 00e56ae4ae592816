"""Padded views against plain loops over ragged rooms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hicalm.matching.view_table import ViewTable

counts_of_views = st.lists(st.integers(0, 13), min_size=1, max_size=6).filter(any)


def plain_statistics(views: np.ndarray) -> list[float]:
    """Return the statistics of one column of one room's views (V,)."""
    if not len(views):
        return [0.0] * 5
    falling = sorted(views.tolist(), reverse=True)

    def best(share: float) -> float:
        taken = max(round(share * len(falling)), 1)
        return sum(falling[:taken]) / taken

    return [falling[0], best(0.25), best(0.5), best(1.0), falling[-1]]


def whole(table: ViewTable) -> np.ndarray:
    """Return the statistics of all columns."""
    return table.statistics(table.of_columns(np.arange(table.values.shape[2])))


def rooms_of(values: np.ndarray, counts: list[int]) -> list[np.ndarray]:
    return np.split(values, np.cumsum(counts)[:-1])


def expected(rooms: list[np.ndarray]) -> np.ndarray:
    return np.array([[plain_statistics(column) for column in room.T] for room in rooms])


def test_a_room_of_twelve_views_by_hand() -> None:
    # 1 to 12: the best three are 12, 11 and 10, the best six 12 to 7.
    table = ViewTable.of(np.arange(1, 13, dtype=np.float32)[:, None], np.array([12]))
    assert whole(table).tolist() == [[[12, 11, 9.5, 6.5, 1]]]


def test_negative_values_are_not_mistaken_for_padding() -> None:
    table = ViewTable.of(np.array([[-3], [-1], [-2]], np.float32), np.array([1, 2]))
    assert whole(table).tolist() == [[[-3] * 5], [[-1, -1, -1, -1.5, -2]]]


@settings(derandomize=True, max_examples=60)
@given(counts_of_views, st.integers(0, 999))
def test_statistics_are_those_of_plain_loops(counts: list[int], seed: int) -> None:
    values = np.random.default_rng(seed).standard_normal((sum(counts), 3)).astype(np.float32)
    table = ViewTable.of(values, np.array(counts))
    found = whole(table)
    np.testing.assert_allclose(found, expected(rooms_of(values, counts)), atol=1e-5)
    assert found.dtype == np.float32
    assert table.there.tolist() == [count > 0 for count in counts]
    assert np.array_equal(table.values[table.present], values)


@settings(derandomize=True, max_examples=60)
@given(counts_of_views, st.integers(0, 999))
def test_some_views_are_a_room_of_those_views(counts: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.standard_normal((sum(counts), 2)).astype(np.float32)
    table = ViewTable.of(values, np.array(counts))
    present = random.random((3, *table.present.shape)) < 0.5  # padding too
    numbers = np.tile(np.arange(len(counts)), 3)
    copies = table.with_views(numbers, present.reshape(len(numbers), -1))
    rooms = [
        room[kept[: len(room)]]
        for chosen in present
        for room, kept in zip(rooms_of(values, counts), chosen, strict=True)
    ]
    np.testing.assert_allclose(whole(copies), expected(rooms), atol=1e-5)
    assert len(copies) == len(rooms) and copies.values is table.values
    assert copies.there.tolist() == [len(room) > 0 for room in rooms]


def test_columns_and_other_values_of_the_same_views() -> None:
    values = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
    table = ViewTable.of(values, np.array([2, 3]))
    chosen = table.of_columns(np.array([3, 1]))
    assert np.array_equal(chosen, table.values[:, :, [3, 1]])
    assert np.array_equal(table.statistics(chosen), whole(table)[:, [3, 1]])


def test_rooms_alone_and_rooms_of_rooms() -> None:
    values = np.random.default_rng(0).standard_normal((8, 2)).astype(np.float32)
    table = ViewTable.of(values, np.array([2, 3, 0, 3]))
    assert np.array_equal(whole(table.rooms(slice(1, 4))), whole(table)[1:4])
    # The last room twice, once without its first view; then of these the second alone.
    present = np.array([[True, True, True], [False, True, True]])
    some = table.with_views(np.array([3, 3]), present)
    assert np.array_equal(whole(some)[:1], whole(table)[3:])
    alone = some.rooms(slice(1, 2))
    expected_room = expected([values[6:]])
    np.testing.assert_allclose(whole(alone), expected_room, atol=1e-6)
    again = alone.with_views(np.array([0, 0]), np.array([[True] * 3, [True, True, False]]))
    np.testing.assert_allclose(whole(again)[:1], expected_room, atol=1e-6)
    np.testing.assert_allclose(whole(again)[1:], expected([values[6:7]]), atol=1e-6)


@pytest.mark.parametrize("counts", [[], [0, 0]])
def test_no_views_at_all(counts: list[int]) -> None:
    table = ViewTable.of(np.zeros((0, 3), np.float32), np.array(counts, int))
    assert not table.there.any()
    assert np.array_equal(whole(table), np.zeros((len(counts), 3, 5)))
