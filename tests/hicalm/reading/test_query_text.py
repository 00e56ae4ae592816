"""Query text: what is refused, and where rooms and sentences begin."""

import time

import pytest

from hicalm.errors import HicalmError
from hicalm.reading.query_text import LONGEST_QUERY, check_query, split_rooms

ONE_ROOM = (
    "seascapes",
    "a room with white walls",
    "in the last room a portrait",
    "a painting of a ship, then a painting of a horse",
    "a horse and a dog in a room",
    "a room with a horse and a dog in a hall",
    "landscapes in room 2",
    "portraits in the first room of the house",
    "one next to the other, a row of vases",
    "three cubist paintings, one of them a portrait",
)

TWO_ROOMS = {
    "In the first room, there are boats. In the second room, there are birds.": (
        "In the first room, there are boats.",
        "In the second room, there are birds.",
    ),
    "A first room with boats, then a room of birds.": (
        "A first room with boats",
        "a room of birds.",
    ),
    "a room of boats, then one with birds": ("a room of boats", "one with birds"),
    "a room of boats, and after that a small dark gallery with birds": (
        "a room of boats",
        "a small dark gallery with birds",
    ),
    "a cubist room followed by a room full of ships": ("a cubist room", "a room full of ships"),
    "a room of boats and another room of birds": ("a room of boats", "another room of birds"),
    "a room of boats and a room of birds": ("a room of boats", "a room of birds"),
    "There is a room with boats. There is another room with birds.": (
        "There is a room with boats.",
        "There is another room with birds.",
    ),
    "The first room is red and the second room is blue": (
        "The first room is red",
        "the second room is blue",
    ),
    "first room: boats; second room: birds": ("first room: boats", "second room: birds"),
    "Room 1: boats. Room 2: birds.": ("Room 1: boats.", "Room 2: birds."),
    "In the first room boats\nIn the second room birds": (
        "In the first room boats",
        "In the second room birds",
    ),
    "boats in the first room, birds in the second room": (
        "boats in the first room",
        "birds in the second room",
    ),
    "BOATS IN A ROOM, THEN A ROOM OF BIRDS": ("BOATS IN A ROOM", "A ROOM OF BIRDS"),
}


@pytest.mark.parametrize("query", ONE_ROOM)
def test_one_room_stays_whole(query: str) -> None:
    assert split_rooms(query) == ((query,),)


@pytest.mark.parametrize(("query", "rooms"), TWO_ROOMS.items())
def test_rooms_that_are_named_are_told_apart(query: str, rooms: tuple[str, str]) -> None:
    assert split_rooms(query) == tuple((room,) for room in rooms)


def test_three_rooms_with_their_sentences() -> None:
    query = "Start in a room of horses. It is red. Next a hall with birds, and finally a gallery."
    assert split_rooms(query) == (
        ("Start in a room of horses.", "It is red."),
        ("a hall with birds",),
        ("a gallery.",),
    )


@pytest.mark.parametrize(
    "introduction",
    ["A museum of the sea.", "The Hall of Ships has two rooms.", "There is room for all of it!"],
)
def test_an_introduction_before_two_rooms_is_left_out(introduction: str) -> None:
    query = f"{introduction} In the first room, boats. In the second room, birds."
    assert split_rooms(query) == (("In the first room, boats.",), ("In the second room, birds.",))


@pytest.mark.parametrize("query", ["قاعة فيها لوحات البحر", "有海景画的房间", "море", "θάλασσα"])
def test_every_script_is_searched(query: str) -> None:
    assert split_rooms(check_query(query)) == ((query,),)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "is empty"),
        (" \n\t\x00 ", "is empty"),
        ("?!... --- 123", "has no words"),
        ("🎨🎨", "has no words"),
        ("x" * 50_000, "50,000 characters"),
    ],
)
def test_what_cannot_be_searched_is_refused(query: str, reason: str) -> None:
    with pytest.raises(HicalmError, match=reason):
        check_query(query)


@pytest.mark.parametrize(
    "pattern",
    ["then a ", "and then ", "in the ", "a room, and ", "room \n", ".", "another one a "],
)
def test_no_text_takes_long_to_split(pattern: str) -> None:
    assert_split_in_time((pattern * LONGEST_QUERY)[: LONGEST_QUERY - 1] + "x")


@pytest.mark.parametrize("filling", [",", ", ", "\u0301\u0323", "x", "a room"])
def test_no_long_run_takes_long_to_split(filling: str) -> None:
    assert_split_in_time(("then a room" + filling * LONGEST_QUERY)[: LONGEST_QUERY - 1] + "x")


def assert_split_in_time(query: str) -> None:
    started = time.process_time()
    split_rooms(check_query(query))
    assert time.process_time() - started < 1
