"""A plan as chips: what they say, and that each change is a query that reads as meant."""

from demo.address import Address, format_address, parse_address
from demo.asked import Asked, asked, limits
from hicalm.reading.plan_reading import read_plan

QUERY = "two rooms of portraits, then a garden, no horses anywhere, at most six rooms"


def chips(query: str, known: dict[str, float] | None = None) -> Asked | None:
    return asked(read_plan(query), Address(query=query), known or {})


def searched(part: Asked, name: str) -> str:
    change = part.change(name)
    assert change is not None
    return change.address.query


def test_what_is_one_phrase_or_a_description_has_no_chips():
    assert chips("horses") is None
    assert chips("One. Two. Three. " * 30) is None
    assert asked(None, Address(), {}) is None
    assert chips("at most five rooms") is None


def test_a_plan_becomes_chips():
    whole = chips(QUERY)
    assert whole is not None and whole.kind == "any"
    order, absent = whole.parts
    count, garden = order.parts
    assert (order.kind, count.kind, garden.kind) == ("then", "count", "phrase")
    assert count.label == "two rooms of" and count.parts[0].text == "portraits"
    assert (absent.kind, absent.text, absent.label) == ("not", "horses", "not in the museum")


def test_changes_are_queries_that_read_as_the_changed_plan():
    whole = chips(QUERY)
    assert whole is not None
    order, absent = whole.parts
    count, garden = order.parts
    rest = ", and no horses anywhere in the museum, at most six rooms in total"
    assert searched(garden, "remove") == f"at least two rooms of portraits{rest}"
    assert (
        searched(count, "more") == f"first at least three rooms of portraits, then a garden{rest}"
    )
    assert searched(count, "fewer") == f"first portraits, then a garden{rest}"
    assert searched(order, "any order").startswith("at least two rooms of portraits in one room")
    assert searched(absent, "remove").endswith("a garden, at most six rooms in total")
    wanted = searched(absent, "wanted")
    assert "horses" in wanted and "no horses" not in wanted
    assert not count.parts[0].changes  # it is taken away with its count


def test_rooms_are_shared_or_not():
    same, apart = chips("horses and boats in the same room"), chips("horses, and elsewhere boats")
    assert same is not None and apart is not None
    assert same.label == "same room" and apart.label == "different rooms"
    assert searched(same, "different rooms") == "horses in one room, and boats in another room"
    assert searched(apart, "same room") == "horses and boats in the same room"
    assert searched(apart, "in order") == "first horses, then boats"


def test_limits_are_filters_that_can_be_removed():
    address = Address(query=QUERY, top=24, museum="museum-00001", room=2)
    (limit,) = limits(read_plan(QUERY), address)
    assert limit.text == "at most six rooms" and limit.address is not None
    assert "six rooms" not in limit.address.query
    assert (limit.address.top, limit.address.museum) == (24, "")
    (alone,) = limits(read_plan("a museum with at most five rooms"), Address())
    assert alone.address is None
    assert limits(read_plan("horses"), Address()) == [] == limits(None, Address())


def test_unknown_phrases_are_marked():
    whole = chips("first horses, then dinosaurs", {"horses": 0.9, "dinosaurs": 0.1})
    assert whole is not None
    assert [part.known for part in whole.parts] == [True, False]


def test_the_whole_state_is_in_the_address():
    whole = chips("first horses, then boats")
    assert whole is not None
    change = whole.change("any order")
    assert change is not None and change.words == "In any order"
    assert parse_address(format_address(change.address)) == change.address
