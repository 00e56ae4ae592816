"""What a collection knows: attributes of the built-in world, else the words of descriptions."""

from dataclasses import replace
from types import SimpleNamespace

from demo.address import Address
from demo.vocabulary import MOST_EXAMPLES, MOST_WORDS, frequent_words, known_words, own_examples
from tests.demo.fakes import FakeSearcher


def test_the_built_in_world_knows_its_attributes():
    world = SimpleNamespace(pictures={"source": "world"}, museums=())
    groups = known_words(world, Address(query="dinosaurs", as_typed=True, museum="museum-1"))
    names = ["Subjects", "Styles", "Palettes", "Walls", "Floors", "Light", "Objects"]
    assert [group.name for group in groups] == names
    word, address = groups[3].words[0]
    assert word == "white" and address == Address(query="a room with white walls")


def test_another_collection_knows_the_words_of_its_descriptions():
    collection = replace(FakeSearcher(museums=12).collection, pictures={})
    words = frequent_words(collection)
    assert "carpet" in words and len(words) <= MOST_WORDS
    assert "the" not in words and "museum" not in words
    (group,) = known_words(collection, Address(query="dinosaurs"))
    assert group.words[0][1].query == words[0]


def test_a_collection_without_descriptions_knows_nothing():
    collection = replace(FakeSearcher(museums=2).collection, pictures={})
    bare = tuple(
        replace(
            museum, introduction=(), rooms=tuple(replace(r, paragraph=()) for r in museum.rooms)
        )
        for museum in collection.museums
    )
    assert known_words(replace(collection, museums=bare), Address()) == []


def test_examples_are_rooms_with_telling_names_then_words():
    collection = replace(FakeSearcher(museums=2).collection, pictures={})
    rooms = [room.name for museum in collection.museums for room in museum.rooms]
    assert own_examples(collection) == list(dict.fromkeys(rooms))[:MOST_EXAMPLES]

    def named(name):
        return tuple(
            replace(museum, rooms=tuple(replace(r, name=name) for r in museum.rooms))
            for museum in collection.museums
        )

    words = own_examples(replace(collection, museums=named("Room 2")))
    assert words == frequent_words(collection)[:MOST_EXAMPLES] and "Room 2" not in words
    assert own_examples(replace(collection, museums=named("kitchen")))[0] == "kitchen"
