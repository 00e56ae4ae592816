"""What the points of a map can be coloured by, from a collection's attributes and ground truth."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from tqdm import tqdm

from hicalm.data.collection import Collection
from hicalm.levels import LEVELS
from hicalm.maps.map import Column
from hicalm.world.paintings import picture_shape
from hicalm.world.render import build_room

PAINTING_KINDS = ("style", "subject", "palette")
ROOM_COUNT = "rooms"  # the column of numbers
NO_SUBJECT, OUT_OF_SIGHT, UNKNOWN = "no subject", "none in sight", "not known"
MAX_CATEGORIES = 60  # an attribute of more different values says nothing as a colour
COARSE = 20  # pixels a metre: the pictures do not matter here, only where they hang
Words = dict[str, list[str]]  # name of a column -> a word for every point


def level_columns(collection: Collection, progress: bool = False) -> dict[str, tuple[Column, ...]]:
    """Return the columns of every level: the museum's attributes and its number of rooms, a room's
    own attributes and, where the ground truth is known, style, subject and palette.

    Those are the most frequent ones of a museum's or room's paintings, and of a view the ones of
    the painting that is largest in it. A category has the same code at every level.
    """
    museum, room = _museum_words(collection), _room_words(collection)
    view: Words = {}
    if collection.specifications:
        museum |= _frequent_words(
            [_paintings(m) for m in collection.specifications],
        )
        room |= _frequent_words(
            [r["paintings"] for m in collection.specifications for r in m["rooms"]]
        )
        view = _seen_words(collection, progress)
    per_museum, per_room = collection.room_counts, collection.view_counts
    room = _repeat(museum, per_museum) | room
    view = _repeat(room, per_room) | view
    counts = per_museum.astype(np.uint16)
    numbers = (
        counts,
        np.repeat(counts, per_museum),
        np.repeat(np.repeat(counts, per_museum), per_room),
    )
    words = (museum, room, view)
    orders = {name: _order(w[name] for w in words if name in w) for name in view}
    return {
        level: (
            *(_column(name, own[name], orders[name]) for name in own if orders.get(name)),
            Column(ROOM_COUNT, (), number),
        )
        for level, own, number in zip(LEVELS, words, numbers, strict=True)
    }


def _column(name: str, words: Sequence[str], order: tuple[str, ...]) -> Column:
    codes = {word: code for code, word in enumerate(order)}
    return Column(name, order, np.array([codes[word] for word in words], np.uint8))


def _order(columns: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the categories, the most frequent first; none for a column that is no use."""
    found = Counter(word for words in columns for word in words)
    ranked = sorted(found, key=lambda word: (-found[word], word))
    return tuple(ranked) if 1 < len(ranked) <= MAX_CATEGORIES else ()


def _museum_words(collection: Collection) -> Words:
    return _attribute_words([museum.attributes for museum in collection.museums])


def _room_words(collection: Collection) -> Words:
    return _attribute_words([room.attributes for m in collection.museums for room in m.rooms])


def _attribute_words(attributes: Sequence[Mapping[str, object]]) -> Words:
    named = {n for one in attributes for n, value in one.items() if isinstance(value, str)}
    names = sorted(named - {ROOM_COUNT})
    return {name: [_known(one.get(name)) for one in attributes] for name in names}


def _known(value: object) -> str:
    return UNKNOWN if value is None else str(value)


def _paintings(museum: dict) -> list[dict]:
    return [painting for room in museum["rooms"] for painting in room["paintings"]]


def _frequent_words(groups: list[list[dict]]) -> Words:
    """Return the most frequent style, subject and palette of each group of paintings."""
    return {
        kind: [
            Counter(_word(painting, kind) for painting in group).most_common(1)[0][0]
            if group
            else OUT_OF_SIGHT
            for group in groups
        ]
        for kind in PAINTING_KINDS
    }


def _seen_words(collection: Collection, progress: bool) -> Words:
    """Return style, subject and palette of the largest painting in each view."""
    words: Words = {kind: [] for kind in PAINTING_KINDS}
    museums = zip(collection.museums, collection.specifications, strict=True)
    for museum, truth in tqdm(list(museums), desc="looking round the rooms", disable=not progress):
        for index, room in enumerate(museum.rooms):
            seed = int(collection.pictures["seed"])
            scene = build_room(seed, truth, index, COARSE, _blank)
            for view in range(room.views):
                seen = scene.visible_paintings(view)
                painting = truth["rooms"][index]["paintings"][seen[0][0]] if seen else None
                for kind in PAINTING_KINDS:
                    words[kind].append(_word(painting, kind) if painting else OUT_OF_SIGHT)
    return words


def _word(painting: dict, kind: str) -> str:
    return painting[kind] or NO_SUBJECT


def _blank(painting: dict, seed: int, size: int) -> np.ndarray:
    """Stand in for a painting: of its shape, which decides how large it hangs."""
    return np.zeros((*picture_shape(seed, size), 3), np.uint8)


def _repeat(words: Words, counts: np.ndarray) -> Words:
    """Return each word as often as its museum has rooms, or its room has views."""
    return {name: np.repeat(np.array(own, object), counts).tolist() for name, own in words.items()}
