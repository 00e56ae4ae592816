"""What a collection knows, as words to click on where a search found nothing."""

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

from demo import text
from demo.address import Address
from hicalm.data.collection import Collection
from hicalm.data.pictures import NO_PICTURES, is_world
from hicalm.retrieval.words import load_stop_words, words_of

MOST_WORDS = 24  # of descriptions
MOST_EXAMPLES = 6
MOST_COUNTED = 5_000  # museums whose words are counted
NO_EXAMPLES = frozenset({"room", "rooms", "gallery", "hall", "museum", "called", "discovered"})
SHORTEST = 4  # letters of a word of descriptions


class WordGroup(NamedTuple):
    """Words of a kind, each with the search for it."""

    name: str
    words: list[tuple[str, Address]]


def known_words(collection: Collection, address: Address) -> list[WordGroup]:
    """Return the words of a collection by kind: attributes of the built-in world, else the most
    frequent words of the descriptions; none where there are no descriptions."""
    if is_world(collection):
        groups = _attributes()
    else:
        groups = [(text.OWN_WORDS, [(word, word) for word in frequent_words(collection)])]
    search = replace(address.results(), as_typed=False)
    return [
        WordGroup(name, [(shown, replace(search, query=query)) for shown, query in words])
        for name, words in groups
        if words
    ]


def _attributes() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the values of every kind, each with the query that asks for it."""
    from hicalm.encoders.attributes import KINDS  # here: it loads torch

    return [
        (
            text.KIND_NAMES.get(kind, kind),
            [(value, text.KIND_QUERIES.get(kind, "{}").format(value)) for value in values],
        )
        for kind, values in KINDS.items()
    ]


def has_pictures(collection: Collection) -> bool:
    """Tell whether views have pictures: published features have none."""
    return getattr(collection, "pictures", {}).get("source") != NO_PICTURES


def examples_of(collection: Collection) -> list[str]:
    """Return queries to try: those of the built-in world, or a sentence of a room here and there.

    Such a sentence can be searched by even where no encoder reads free words.
    """
    if is_world(collection):
        return [example.query for example in text.EXAMPLES]
    museums = collection.museums
    chosen = museums[:: max(1, len(museums) // MOST_EXAMPLES)][:MOST_EXAMPLES]
    rooms = [museum.rooms[number % len(museum.rooms)] for number, museum in enumerate(chosen)]
    return list(dict.fromkeys(room.paragraph[-1] for room in rooms if room.paragraph))


def own_examples(collection: Collection) -> list[str]:
    """Return queries to try on a visitor's collection: what its rooms are called, then words of its
    descriptions; none of names that say nothing, such as "Room 2"."""
    rooms = [room.name for museum in collection.museums for room in museum.rooms]
    titles = {museum.title for museum in collection.museums}
    telling = [name for name in rooms if name not in titles and set(words_of(name)) - NO_EXAMPLES]
    words = [word for word in frequent_words(collection) if word not in NO_EXAMPLES]
    return list(dict.fromkeys([*telling, *words]))[:MOST_EXAMPLES]


def frequent_words(collection: Collection) -> list[str]:
    """Return the words that most museums' descriptions have, the most frequent first.

    Of many museums, those of every second, every third and so on are counted.
    """
    return collection.kept("frequent_words", lambda: _frequent_words(collection))


def _frequent_words(collection: Collection) -> list[str]:
    stop_words, counts = load_stop_words(), Counter[str]()
    for museum in collection.museums[:: 1 + len(collection.museums) // MOST_COUNTED]:
        sentences = [
            *museum.introduction,
            *(one for room in museum.rooms for one in room.paragraph),
        ]
        counts.update({word for sentence in sentences for word in words_of(sentence)})
    usual = (word for word, _ in counts.most_common() if len(word) >= SHORTEST)
    return [word for word in usual if word not in stop_words][:MOST_WORDS]
