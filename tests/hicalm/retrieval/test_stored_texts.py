"""Texts of a collection are found by their names and words."""

import numpy as np
import pytest

from hicalm.data.collection import Collection, Features, Museum, Room
from hicalm.retrieval.stored_texts import StoredTexts, WordsNotRead


def museum(name: str, *paragraphs: tuple[str, ...], title: str = "") -> Museum:
    rooms = tuple(Room(f"Room {n}", own, 1) for n, own in enumerate(paragraphs[1:], 1))
    return Museum(name, title or name, "test", paragraphs[0], rooms)


MUSEUMS = (
    museum(
        "Museum1-2", ("A museum.",), ("Red walls.", "Ships in storms."), ("Red walls.", "Cats.")
    ),
    museum("Museum2-1", ("A house of red.",), ("Blue walls, 3 doors.",)),
    museum("a", ("One.",), ("Two.",), title="Same"),
    museum("b", ("Three.",), ("Four.",), title="Same"),
)


@pytest.fixture
def texts() -> StoredTexts:
    views = np.zeros((5, 2), np.float32)
    return StoredTexts(Collection("c", "", MUSEUMS, {}, Features({"view": views}, {})))


def rows(texts: StoredTexts, words: str) -> list[list[int]]:
    place = texts.find(words)
    return [] if place is None else [list(own) for _, own in texts.paragraphs(place)]


def test_a_text_is_found_by_its_name_or_all_its_words(texts: StoredTexts) -> None:
    assert rows(texts, "ships in STORMS!") == [[2]]
    assert rows(texts, "Red walls.") == [[1]]  # of two such sentences the first
    assert rows(texts, "museum1-2, room 2") == rows(texts, "Red walls. Cats.") == [[3, 4]]
    assert rows(texts, "Museum2-1, introduction") == [[5]]
    assert rows(texts, "Museum1-2") == [[1, 2], [3, 4]]  # its introduction is left out
    whole = "A museum. Red walls. Ships in storms. Red walls. Cats."
    assert texts.find(whole) == texts.find("Museum1-2")
    assert rows(texts, "a, room 1") == [[8]] and rows(texts, "b") == [[10]]  # titles are the same
    assert not rows(texts, "red") and not rows(texts, "blue walls 4 doors")


def test_texts_are_offered_for_words_and_their_beginnings(texts: StoredTexts) -> None:
    found = texts.with_words("red wal", 2)
    assert [(one.kind, one.name) for one in found] == [
        ("sentence", "Red walls."),
        ("paragraph", "Museum1-2, room 2"),
        ("paragraph", "Museum1-2, room 1"),
        ("description", "Museum2-1"),
        ("description", "Museum1-2"),
    ]
    assert (found[0].museum.id, found[0].room) == ("Museum1-2", 0)
    assert found[1].text == "Red walls. Cats." and found[3].room is None
    assert texts.with_words("zebra tigers") == []
    assert next(one.name for one in texts.with_words("zebra storm")) == "Ships in storms."


def test_texts_are_offered_for_a_museums_name(texts: StoredTexts) -> None:
    assert [one.name for one in texts.with_words("museum2")] == [
        "Museum2-1, introduction", "Museum2-1, room 1", "Museum2-1",
    ]  # fmt: skip


def test_the_error_names_texts(texts: StoredTexts) -> None:
    error = WordsNotRead("Why.", texts.with_words("red wal"))
    assert str(error).startswith("Why. Search by a text of the collection, in its own words.")
    assert "'Red walls.', 'Museum1-2, room 2'" in str(error)
