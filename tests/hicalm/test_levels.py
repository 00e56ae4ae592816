"""The names of a score's parts."""

from hicalm.levels import LEVELS, PARTS, PLAN, WORDS, parts_of


def test_parts_come_in_one_order_and_only_those_that_are_there() -> None:
    assert (*LEVELS, WORDS, PLAN) == PARTS
    assert parts_of({WORDS: 0.0, "museum": 0.1}, {"view": 0.2}) == ("museum", "view", WORDS)
    assert parts_of() == ()
