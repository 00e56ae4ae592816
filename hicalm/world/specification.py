"""The ground truth of the built-in world: what every museum hangs, room by room.

A museum is ``{id, title, theme, split, rooms}``, a room ``{name, wall_color, floor, lighting,
objects, paintings}`` and a painting ``{subject, style, palette, title, artist}``; ``subject`` is
``None`` for the non-figurative styles. Everything is a pure function of the seed and the index.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from hicalm.world.chance import happens, pick, pick_some, pick_weighted
from hicalm.world.combinations import Combination, allowed_combinations
from hicalm.world.seeds import generator
from hicalm.world.themes import THEMES, Theme, museum_title
from hicalm.world.titles import artist_name, painting_title, room_name
from hicalm.world.vocabulary import (
    FIGURATIVE_STYLES,
    FLOORS,
    LIGHTINGS,
    NON_FIGURATIVE_STYLES,
    OBJECTS,
    PALETTES,
    STYLES,
    SUBJECTS,
    WALL_COLORS,
)

ROOM_COUNTS = (5, 6, 7, 8)
PAINTING_COUNTS = (3, 4, 5, 6, 7, 8)
PAINTING_COUNT_WEIGHTS = np.array([0.15, 0.25, 0.25, 0.20, 0.10, 0.05])
OBJECT_COUNT_WEIGHTS = np.array([0.20, 0.35, 0.30, 0.15])
SMALLEST_SHARE = 0.6  # of a room's paintings that have the focus
LARGEST_OTHER_SHARE = 0.5  # of a room without focus that may agree by accident
THEME_ROOMS = 0.6  # of the rooms that take their focus from the theme
THEME_WEIGHT = 2.5  # how much likelier a theme's own values are among the free attributes
OWN_LOOK = 0.45  # of the walls, floors and lights that follow the museum's own taste

FOCUS_KINDS = (
    ("subject",),
    ("style",),
    ("palette",),
    ("subject", "style"),
    ("subject", "palette"),
    ("style", "palette"),
    (),
)
FOCUS_KIND_WEIGHTS = np.array([0.24, 0.22, 0.16, 0.12, 0.10, 0.09, 0.07])
PLACE_OF_KIND = {"subject": 0, "style": 1, "palette": 2}

Focus = dict[str, str]


@dataclass(frozen=True)
class _Stock:
    """The combinations a split may hang, with one column of codes per attribute."""

    combinations: tuple[Combination, ...]
    codes: np.ndarray
    weights: np.ndarray

    def having(self, focus: Focus) -> np.ndarray:
        """Return a mask (N,) of the combinations that have every value of ``focus``."""
        mask = np.ones(len(self.combinations), bool)
        for kind, value in focus.items():
            mask &= self.codes[:, PLACE_OF_KIND[kind]] == _code(kind, value)
        return mask


def _code(kind: str, value: str | None) -> int:
    values = {"subject": SUBJECTS, "style": STYLES, "palette": PALETTES}[kind]
    return -1 if value is None else values.index(value)


@cache
def _stock(split: str) -> _Stock:
    combinations = allowed_combinations(split)
    codes = np.array([[_code(k, c[p]) for k, p in PLACE_OF_KIND.items()] for c in combinations])
    # A non-figurative style has one combination per palette, a figurative one thirteen: weigh
    # them so that the styles are equally frequent.
    weights = np.array([1.0 if c[0] is None else 1.0 / len(SUBJECTS) for c in combinations])
    return _Stock(combinations, codes, weights)


@cache
def _theme_weights(theme: Theme, split: str) -> np.ndarray:
    stock = _stock(split)
    weights = stock.weights.copy()
    for kind, values in _preferences(theme).items():
        preferred = np.isin(stock.codes[:, PLACE_OF_KIND[kind]], [_code(kind, v) for v in values])
        weights[preferred] *= THEME_WEIGHT
    return weights


def _preferences(theme: Theme) -> dict[str, tuple[str, ...]]:
    return {"subject": theme.subjects, "style": theme.styles, "palette": theme.palettes}


@cache
def focus_pairs() -> tuple[Focus, ...]:
    """Return all pairs of values that can be the focus of a room, in a fixed shuffled order."""
    pairs = [{"subject": s, "style": y} for s in SUBJECTS for y in FIGURATIVE_STYLES]
    pairs += [{"subject": s, "palette": p} for s in SUBJECTS for p in PALETTES]
    pairs += [{"style": y, "palette": p} for y in STYLES for p in PALETTES]
    return tuple(pick_some(generator(0, "focus pairs"), pairs, len(pairs)))


def _draw_focus(rng: np.random.Generator, theme: Theme) -> Focus:
    kinds = FOCUS_KINDS[pick_weighted(rng, FOCUS_KIND_WEIGHTS)]
    from_theme = happens(rng, THEME_ROOMS)
    everything = {"subject": SUBJECTS, "style": STYLES, "palette": PALETTES}
    values = _preferences(theme) if from_theme else everything
    focus = {kind: pick(rng, values[kind]) for kind in kinds}
    if "subject" in focus and focus.get("style") in NON_FIGURATIVE_STYLES:
        focus["style"] = pick(rng, FIGURATIVE_STYLES)
    return focus


def _draw_focuses(
    rng: np.random.Generator, theme: Theme, split: str, index: int, count: int
) -> list[Focus]:
    """Draw ``count`` different focuses; one of them goes round all pairs with the index."""
    assigned = focus_pairs()[index % len(focus_pairs())]
    stock = _stock(split)
    focuses = [assigned] if stock.having(assigned).any() else []
    while len(focuses) < count:
        focus = _draw_focus(rng, theme)
        if focus not in focuses and stock.having(focus).any():
            focuses.append(focus)
    return pick_some(rng, focuses, count)


def _draw_combinations(
    rng: np.random.Generator, theme: Theme, split: str, focus: Focus, count: int
) -> list[Combination]:
    """Draw the paintings of a room: a share of at least 60 % has the focus, the others do not."""
    stock, weights = _stock(split), _theme_weights(theme, split).copy()
    share = SMALLEST_SHARE + (1 - SMALLEST_SHARE) * rng.random()
    shared = int(np.ceil(share * count)) if focus else 0
    mask = stock.having(focus)
    chosen: list[int] = []
    for position in range(count):
        if focus:
            allowed = mask if position < shared else ~mask
        else:
            allowed = _unlike_the_others(stock, chosen, count)
        usable = weights * allowed
        if not usable.any():  # all used already: hang a second picture of the same kind
            usable = stock.weights * allowed
        index = pick_weighted(rng, usable)
        weights[index] = 0.0
        chosen.append(index)
    return [stock.combinations[i] for i in pick_some(rng, chosen, count)]


def _unlike_the_others(stock: _Stock, chosen: list[int], count: int) -> np.ndarray:
    """Return a mask (N,) of what can be added without any value reaching most of the room."""
    allowed = np.ones(len(stock.combinations), bool)
    limit = max(1, int(LARGEST_OTHER_SHARE * count))
    for column in PLACE_OF_KIND.values():
        codes = stock.codes[chosen, column]
        for code in np.unique(codes):
            if code >= 0 and int((codes == code).sum()) >= limit:
                allowed &= stock.codes[:, column] != code
    return allowed


def _draw_look(rng: np.random.Generator, taste: dict[str, list[str]]) -> dict:
    everything = {"wall_color": WALL_COLORS, "floor": FLOORS, "lighting": LIGHTINGS}
    look: dict = {
        kind: pick(rng, taste[kind] if happens(rng, OWN_LOOK) else values)
        for kind, values in everything.items()
    }
    objects = pick_some(rng, OBJECTS, pick_weighted(rng, OBJECT_COUNT_WEIGHTS))
    return {**look, "objects": sorted(objects, key=OBJECTS.index)}


def make_museum(seed: int, index: int, split: str) -> dict:
    """Return the specification of museum ``index`` of the world ``seed``, made for ``split``.

    Raises ``ValueError`` for an unknown split.
    """
    museum_id = f"museum-{index:05d}"
    rng = generator(seed, museum_id, "specification")
    theme = pick(rng, THEMES)
    taste = {
        "wall_color": pick_some(rng, WALL_COLORS, 2),
        "floor": pick_some(rng, FLOORS, 2),
        "lighting": pick_some(rng, LIGHTINGS, 1),
    }
    artists = {style: [artist_name(rng, style) for _ in range(2)] for style in STYLES}
    rooms: list[dict] = []
    for focus in _draw_focuses(rng, theme, split, index, pick(rng, ROOM_COUNTS)):
        count = PAINTING_COUNTS[pick_weighted(rng, PAINTING_COUNT_WEIGHTS)]
        paintings: list[dict] = []
        for subject, style, palette in _draw_combinations(rng, theme, split, focus, count):
            taken = {painting["title"] for painting in paintings}
            paintings.append(
                {
                    "subject": subject,
                    "style": style,
                    "palette": palette,
                    "title": painting_title(rng, subject, style, palette, taken),
                    "artist": pick(rng, artists[style]),
                }
            )
        name = room_name(rng, len(rooms) + 1, focus, {room["name"] for room in rooms})
        rooms.append({"name": name, **_draw_look(rng, taste), "paintings": paintings})
    return {
        "id": museum_id,
        "title": museum_title(theme, index),
        "theme": theme.name,
        "split": split,
        "rooms": rooms,
    }


def make_world(seed: int, train: int, validation: int, test: int) -> list[dict]:
    """Return the specifications of a whole world: the given numbers of museums of each split."""
    splits = ["train"] * train + ["validation"] * validation + ["test"] * test
    return [make_museum(seed, index, split) for index, split in enumerate(splits, start=1)]
