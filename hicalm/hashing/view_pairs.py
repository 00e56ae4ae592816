"""A collection's views with their sentences, as pairs.

An item is a view. Its text is the three sentences of its room's paragraph that are nearest to it
by the encoder (vision-guided: the description does not say which view a sentence is about; a
painting has one or two sentences, and another tells what its room has in common), and the features
of the text are their mean. In the built-in world the items are the views that face a painting, and
the painting's subject, style and palette are the labels: the view between two paintings shows half
of each. Without ground truth every view is an item, and the museum is the only label.
"""

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.pictures import is_world
from hicalm.errors import HicalmError
from hicalm.geometry import unit
from hicalm.hashing.pairs import SPLIT_SEED, Pairs
from hicalm.ragged import offsets
from hicalm.retrieval.words import load_stop_words, words_of
from hicalm.world.camera import STEP
from hicalm.world.layout import direction, facing_view, room_layout
from hicalm.world.vocabulary import PALETTES, STYLES, SUBJECTS

SENTENCES = 3  # of a view's text: 1, 2 and 3 were tried on the built-in world's validation split
KINDS = {"subject": SUBJECTS, "style": STYLES, "palette": PALETTES}
Item = tuple[int, int, int]  # museum, room and view, all from 0


def faced_paintings(seed: int, specification: dict, room: int) -> dict[int, int]:
    """Return view -> painting for the views of a room of the built-in world that face one.

    Where a view faces several paintings, that is the one closest to its axis.
    """
    layout = room_layout(seed, specification, room)
    found: dict[int, tuple[float, int]] = {}
    for painting, slot in enumerate(layout.slots):
        view = facing_view(layout, slot)
        off = abs((direction(layout, slot) - view * STEP + np.pi) % (2 * np.pi) - np.pi)
        found[view] = min(found.get(view, (np.inf, -1)), (float(off), painting))
    return {view: painting for view, (_, painting) in sorted(found.items())}


def view_pairs(collection: Collection, split: str) -> Pairs:
    """Return the pairs of a split, museum after museum.

    Raises HicalmError for a split without museums, features that are missing, and no sentences.
    """
    collection = collection.split(split)
    items, painted = _items(collection)
    if not items:
        raise HicalmError(
            f"No view of the split '{split}' of '{collection.name}' has a room with sentences."
        )
    rooms = offsets(collection.room_counts)
    views = offsets(collection.view_counts)
    rows = np.array([views[rooms[museum] + room] + view for museum, room, view in items])
    raw = np.asarray(collection.features.rows("view")[rows], np.float32)
    images = unit(raw)
    sentences, texts = _nearest_sentences(collection, items, images)
    stop_words = load_stop_words()
    words = tuple(
        tuple(dict.fromkeys(word for word in words_of(text) if word not in stop_words))
        for text in sentences
    )
    names = tuple(f"{collection.museums[m].id}/{room + 1}/{view + 1}" for m, room, view in items)
    labels = _labels(collection, items, painted)
    return Pairs(images, texts, words, labels, names, np.linalg.norm(raw, axis=1))


def room_of(name: str) -> tuple[str, int, int]:
    """Return the museum's id, the room and the view (from 0) of an item's name."""
    museum, room, view = name.rsplit("/", 2)
    return museum, int(room) - 1, int(view) - 1


def draw_rooms(pairs: Pairs, max_pairs: int, seed: int = SPLIT_SEED) -> Pairs:
    """Return at most so many of a collection's pairs: all those of rooms drawn by chance.

    Whole rooms, because building a room takes longer than rendering its views.
    """
    rows: dict[tuple[str, int], list[int]] = {}
    for row, name in enumerate(pairs.names):
        rows.setdefault(room_of(name)[:2], []).append(row)
    rooms = list(rows.values())
    order = np.random.default_rng(seed).permutation(len(rooms))
    return pairs.select([row for room in order for row in rooms[room]][:max_pairs])


def _items(collection: Collection) -> tuple[list[Item], list[dict]]:
    """Return the items of all museums and, in the built-in world, the painting of each."""
    in_world = is_world(collection) and bool(collection.specifications)
    items: list[Item] = []
    painted: list[dict] = []
    for row, museum in enumerate(collection.museums):
        for number, room in enumerate(museum.rooms):
            if not room.paragraph:
                continue
            if not in_world:
                items += [(row, number, view) for view in range(room.views)]
                continue
            seed, specification = int(collection.pictures["seed"]), collection.specifications[row]
            for view, painting in faced_paintings(seed, specification, number).items():
                items.append((row, number, view))
                painted.append(specification["rooms"][number]["paintings"][painting])
    return items, painted


def _nearest_sentences(
    collection: Collection, items: list[Item], images: np.ndarray
) -> tuple[list[str], np.ndarray]:
    """Return the sentences of each item as one text, and its features (N, D), of length 1."""
    stored = unit(collection.features.rows("sentence")[:])
    paragraphs = offsets(collection.paragraph_counts)
    sentences = offsets(collection.sentence_counts)
    chosen, features = [], np.empty_like(images)
    for row, (museum, room, _) in enumerate(items):
        first = sentences[paragraphs[museum] + 1 + room]  # the introduction comes before the rooms
        paragraph = collection.museums[museum].rooms[room].paragraph
        own = stored[first : first + len(paragraph)]
        best = np.sort(np.argsort(-(own @ images[row]), kind="stable")[:SENTENCES])
        chosen.append(" ".join(paragraph[sentence] for sentence in best))
        features[row] = own[best].mean(axis=0)
    return chosen, unit(features)


def _labels(
    collection: Collection, items: list[Item], painted: list[dict]
) -> dict[str, np.ndarray]:
    if not painted:
        museums = np.array([museum for museum, _, _ in items])
        return {"museum": museums[:, None] == np.arange(len(collection.museums))}
    return {
        kind: np.array([[p[kind] == value for value in values] for p in painted])
        for kind, values in KINDS.items()
    }
