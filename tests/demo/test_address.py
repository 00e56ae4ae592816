"""Addresses: reading, writing, and shrugging at what is odd."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.address import DEFAULT_TOP, MAX_TOP, Address, format_address, parse_address
from hicalm.retrieval.stages import RANK, RERANK, STAGES


def test_a_full_address_is_read_field_by_field():
    address = parse_address(
        "?q=red+rooms&top=24&min_rooms=5&max_rooms=7&filter.theme=harbours&filter.theme=gardens"
        "&museum=museum-01650&room=3&view=12&against=museum-01700&show=map&on.level=room"
    )
    assert address == Address(
        query="red rooms",
        top=24,
        min_rooms=5,
        max_rooms=7,
        allowed=(("theme", ("harbours", "gardens")),),
        museum="museum-01650",
        room=2,
        view=11,
        against="museum-01700",
        page="map",
        options=(("level", "room"),),
    )
    assert address.filters == {"theme": ["harbours", "gardens"], "rooms": (5, 7)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Address()),
        ("?", Address()),
        ("?unknown=1&__theme=dark", Address()),
        ("?top=-3&room=x&min_rooms=1e3", Address()),
        ("?top=0", Address(top=1)),
        ("?top=999999", Address(top=MAX_TOP)),
        ("?museum=../../etc/passwd", Address()),
        ("?museum=<b>&image=a%00b", Address()),
        ("?like=museum-00001/0/1", Address()),
        ("?like=museum-00001/3/12", Address(like=("museum-00001", 2, 11))),
        ("?show=admin&on.=1&on.x1=2&against=a%2Fb&view=0x2", Address()),
        ("?q=first&q=second", Address(query="first")),
        ("?q=hosres&as=typed", Address(query="hosres", as_typed=True)),
        ("?q=hosres&as=mended", Address(query="hosres")),
        ("?" + "&".join(f"a{i}=1" for i in range(500)), Address()),
    ],
)
def test_invalid_parts_are_ignored(text, expected):
    assert parse_address(text) == expected


def test_the_first_page_and_defaults_are_short():
    assert format_address(Address()) == "?"
    assert format_address(Address(query="a b", top=DEFAULT_TOP)) == "?q=a+b"


def test_opening_and_leaving_a_museum_keeps_the_search():
    found = Address(query="ships", top=24, min_rooms=6)
    opened = found.open("museum-00002", 4)
    assert format_address(opened) == "?q=ships&top=24&min_rooms=6&museum=museum-00002&room=5"
    assert opened.results() == found
    assert opened.more_like("museum-00002", 4, 0) == Address(
        like=("museum-00002", 4, 0), top=24, min_rooms=6
    )


def test_pages_of_a_search_lead_back_to_it():
    found = Address(query="ships", top=24)
    compared = found.open("museum-00002", 1, 3).compare("museum-00002", "museum-00005")
    assert format_address(compared) == "?q=ships&top=24&museum=museum-00002&against=museum-00005"
    drawn = compared.turn_to("map", level="room", color="")
    assert format_address(drawn) == "?q=ships&top=24&show=map&on.level=room"
    assert drawn.option("level") == "room" and drawn.option("color", "theme") == "theme"
    assert compared.results() == drawn.results() == found


@given(
    query=st.text(),
    top=st.integers(1, MAX_TOP),
    room=st.none() | st.integers(0, 50),
    values=st.lists(st.text(min_size=1), min_size=1, unique=True),
)
def test_writing_and_reading_again_gives_the_same_address(query, top, room, values):
    address = Address(
        query=query,
        top=top,
        museum="museum-00001",
        room=room,
        allowed=(("theme", tuple(values)),),
    )
    assert parse_address(format_address(address)) == address


def test_fields_too_long_for_every_link_are_ignored():
    long = "x" * 3_000
    address = parse_address(f"?q={long}&filter.theme=sea&filter.theme={long}&on.lasso={long}")
    assert address.query == long
    assert address.allowed == (("theme", ("sea",)),) and address.options == ()


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("shortlist,rank,rerank", STAGES),
        ("rerank,shortlist", STAGES),  # ranking is always among them, and the order is fixed
        ("rank", (RANK,)),
        ("rerank,<b>,rerank", (RANK, RERANK)),
        ("", ()),
        ("everything", ()),
    ],
)
def test_stages_are_read_in_their_order_and_what_is_unknown_is_ignored(field, expected):
    address = parse_address(f"?q=red&stages={field}")
    assert address.stages == expected
    assert parse_address(format_address(address)) == address


def test_stages_stay_with_a_search_and_are_unsaid_by_default():
    found = Address(query="red", stages=(RANK, RERANK))
    assert found.open("museum-00001", 2).results() == found
    assert format_address(found) == "?q=red&stages=rank%2Crerank"
    assert "stages" not in format_address(Address(query="red"))


def test_an_address_keeps_its_token():
    address = parse_address("?collection=abcdefgh12&q=red")
    assert address.collection == "abcdefgh12"
    assert (
        format_address(address.open("one", 2)) == "?collection=abcdefgh12&q=red&museum=one&room=3"
    )
    assert parse_address("?collection=../../etc").collection == ""


def test_a_long_text_is_kept_and_named_by_a_key():
    text = "a room with red walls, " * 800
    address = Address(text, museum="museum-1", top=6)
    shown = format_address(address)
    assert len(shown) < 80 and parse_address(shown) == address
    assert format_address(address.open("museum-2")) != shown
    gone = parse_address("?text=" + "0" * 24 + "&top=6")
    assert gone == Address(gone="0" * 24, top=6) and gone.searches
    assert format_address(gone) == "?text=" + "0" * 24 + "&top=6"
    assert format_address(gone.more_like("museum-1", 0, 0)) == "?like=museum-1/1/1&top=6"
