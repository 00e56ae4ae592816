"""The objects of a room as meshes: bench, plant, sculpture, column and display case."""

from collections.abc import Callable

import numpy as np

from hicalm.world.meshes import Mesh, ball, box, join, lathe, mesh, move, ring
from hicalm.world.palettes import rgb

PLINTH_WIDTH, PLINTH_HEIGHT = 0.44, 0.95  # metres
_STONES = ("e4dfd4", "cfc9bd", "8c6a42", "4b4f52", "b9aa92")


def build_object(kind: str, rng: np.random.Generator, room_height: float) -> Mesh:
    """Return an object that stands on the origin and looks along z, metres.

    Raises KeyError for a kind outside ``vocabulary.OBJECTS``.
    """
    return _BUILDERS[kind](rng, room_height)


def _pick(rng: np.random.Generator, *codes: str) -> np.ndarray:
    return rgb(codes[rng.integers(len(codes))])


def _bench(rng: np.random.Generator, _: float) -> Mesh:
    wood = _pick(rng, "7a4d2c", "3a2f2a", "9a7148")
    metal = rgb("37383b")
    legs = [box((0.06, 0.4, 0.36), metal, (side * 0.62, 0, 0)) for side in (-1, 1)]
    if rng.random() < 0.5:  # upholstered
        leather = _pick(rng, "3d2a24", "5b2026", "2c3440", "1f2022")
        pads = [box((0.49, 0.1, 0.46), leather, (x, 0.42, 0)) for x in (-0.5, 0, 0.5)]
        return join([*legs, box((1.5, 0.05, 0.44), wood * 0.8, (0, 0.38, 0)), *pads])
    slats = [
        box((1.55, 0.06, 0.085), wood * rng.uniform(0.9, 1.1), (0, 0.4, z))
        for z in (-0.18, -0.06, 0.06, 0.18)
    ]
    return join([*legs, *slats])


def _plant(rng: np.random.Generator, _: float) -> Mesh:
    clay = _pick(rng, "b06a45", "d8d4cc", "3b3b3f", "60707a")
    pot = lathe([(0, 0), (0.15, 0), (0.2, 0.3), (0.22, 0.36), (0.22, 0.4), (0.18, 0.4)], clay)
    soil = lathe([(0.19, 0.36), (0, 0.36)], rgb("3b2a1e"), 12)
    green = _pick(rng, "3f7a3a", "2f6b44", "5a8a3c")
    broad = rng.random() < 0.5
    leaves = [
        _leaf(rng, green * rng.uniform(0.7, 1.3), turn, broad)
        for turn in np.linspace(0, 2 * np.pi, 26) + rng.normal(0, 0.25, 26)
    ]
    return join([pot, soil, *leaves])


def _leaf(rng: np.random.Generator, colour: np.ndarray, turn: float, broad: bool) -> Mesh:
    """Make a leaf that rises from the pot and arches outwards, in two halves along its rib."""
    length = rng.uniform(0.55, 1.05)
    lean, droop = rng.uniform(0.15, 0.75), rng.uniform(0.1, 0.5)
    along = np.linspace(0, 1, 7)
    out = length * np.sin(lean) * along + 0.25 * droop * along**2
    up = 0.36 + length * np.cos(lean) * along - droop * along**2.5 * 0.6
    shape = np.sin(np.pi * along**1.6) if broad else np.sin(np.pi * along**0.6) * 0.55
    half = 0.085 * shape + 0.008
    rib = np.stack([np.zeros(7), up, out], axis=1)
    halves = []
    for side, tone in ((-1, 0.86), (1, 1.1)):
        edge = rib + np.stack([side * half, 0.25 * half, np.zeros(7)], axis=1)
        quads = np.stack([rib[:-1], rib[1:], edge[1:], edge[:-1]], axis=1)
        halves.append(mesh(quads, np.clip(colour * tone, 0, 255)))
    return move(join(halves), (0, 0, 0), turn)


def _plinth(height: float = PLINTH_HEIGHT) -> Mesh:
    stone = rgb("e6e2da")
    width = PLINTH_WIDTH
    return join(
        [
            box((width, height - 0.04, width), stone, (0, 0, 0)),
            box((width + 0.05, 0.04, width + 0.05), stone, (0, height - 0.04, 0)),
        ]
    )


def _sculpture(rng: np.random.Generator, _: float) -> Mesh:
    stone = _pick(rng, *_STONES)
    work = (_bust, _ring_sculpture, _figure, _bird)[rng.integers(4)](rng, stone)
    return join([_plinth(), move(work, (0, PLINTH_HEIGHT, 0))])


def _bust(rng: np.random.Generator, stone: np.ndarray) -> Mesh:
    foot = [(0.12, 0), (0.12, 0.04), (0.06, 0.07), (0.06, 0.1)]
    chest = [(0.05, 0.1), (0.13, 0.15), (0.21, 0.24), (0.235, 0.3), (0.2, 0.345), (0.1, 0.375)]
    neck = [(0.075, 0.34), (0.065, 0.4), (0.07, 0.47)]
    face_z, head = 0.02, (0.092, 0.135, 0.112)
    hair = stone * 0.82
    parts = [
        lathe(foot, stone * 0.8),
        lathe(chest, stone, 24, (1.0, 0.6)),
        lathe(neck, stone),
        ball(head, stone, (0, 0.55, face_z), 20),
        ball((0.05, 0.045, 0.05), stone, (0, 0.46, 0.075)),  # chin
        ball((0.105, 0.1, 0.115), hair, (0, 0.605, -0.025), 18),
        ball((0.017, 0.042, 0.03), stone * 1.04, (0, 0.54, 0.137), 10),  # nose
        ball((0.033, 0.009, 0.012), stone * 0.66, (0, 0.487, 0.124), 8),  # mouth
    ]
    for side in (-1, 1):
        parts.append(ball((0.022, 0.014, 0.016), stone * 0.55, (side * 0.038, 0.568, 0.116), 8))
        parts.append(ball((0.03, 0.009, 0.016), stone, (side * 0.038, 0.592, 0.122), 8))
        parts.append(ball((0.014, 0.034, 0.022), stone * 0.9, (side * 0.094, 0.55, 0.01), 8))
    if rng.random() < 0.5:
        parts.append(ball((0.06, 0.055, 0.06), hair, (0, 0.66, -0.11), 10))  # a knot of hair
    return join(parts)


def _ring_sculpture(rng: np.random.Generator, stone: np.ndarray) -> Mesh:
    radius = 0.26
    body = ring(radius, 0.075, stone, rng.uniform(0.3, 0.6), rng.uniform(0.9, 1.5))
    turned = move(body, (0, radius + 0.12, 0), rng.uniform(-0.7, 0.7), rng.uniform(0, 3))
    return join([box((0.18, 0.05, 0.18), rgb("2a2a2c")), turned])


def _figure(rng: np.random.Generator, stone: np.ndarray) -> Mesh:
    """A slender standing figure that walks, after the bronzes of the 1950s."""
    stride = rng.uniform(0.14, 0.22)
    limb = [(0.02, 0), (0.034, 0.14), (0.026, 0.2), (0.042, 0.36), (0.03, 0.42)]
    arm = [(0.014, 0), (0.022, 0.12), (0.018, 0.16), (0.026, 0.3)]
    torso = [
        (0.05, 0.38),
        (0.062, 0.44),
        (0.045, 0.52),
        (0.085, 0.66),
        (0.06, 0.71),
        (0.022, 0.73),
        (0.022, 0.78),
    ]
    parts = [box((0.3, 0.03, 0.2), stone * 0.7), lathe(torso, stone, 14, (1.0, 0.65))]
    for side in (-1, 1):
        parts.append(
            move(lathe(limb, stone, 10), (side * stride * 0.75, 0.02, 0), lean=side * 0.28)
        )
        parts.append(
            move(lathe(arm, stone, 10), (side * 0.15, 0.39, side * 0.03), lean=side * 0.26)
        )
        parts.append(
            ball((0.045, 0.018, 0.03), stone, (side * stride * 0.75 + 0.02, 0.04, 0.01), 8)
        )
    return join([*parts, ball((0.045, 0.065, 0.052), stone, (0, 0.83, 0.01), 12)])


def _bird(rng: np.random.Generator, stone: np.ndarray) -> Mesh:
    """A polished upright form that swells and tapers, on a drum."""
    place = np.linspace(0, 1, 22)
    radius = 0.02 + 0.085 * np.sin(np.pi * place**1.35) ** 1.2 * (1 - 0.3 * place)
    profile = np.stack([radius, 0.16 + 0.72 * place], axis=1)
    body = lathe([*profile.tolist(), (0.0, 0.885)], stone * 1.05, 22, (1.0, 0.8))
    drum = lathe([(0.11, 0), (0.11, 0.1), (0.05, 0.1), (0.03, 0.17)], rgb("6e6860"), 20)
    return join([drum, move(body, (0, 0, 0), lean=rng.uniform(-0.08, 0.08))])


def _column(rng: np.random.Generator, room_height: float) -> Mesh:
    stone = _pick(rng, "e4ded2", "d8d2c6", "c9c4bc")
    top = room_height - 0.02
    base = [(0.3, 0.12), (0.31, 0.16), (0.27, 0.2), (0.28, 0.24), (0.24, 0.27)]
    capital = [(0.21, top - 0.3), (0.24, top - 0.27), (0.22, top - 0.24), (0.3, top - 0.1)]
    shaft = lathe([(0.24, 0.27), (0.237, 1.2), (0.225, 2.0), (0.21, top - 0.3)], stone, 40)
    flutes = np.where(np.arange(len(shaft.faces)) % 2 == 0, 1.0, 0.86)[:, None]
    return join(
        [
            box((0.64, 0.12, 0.64), stone * 0.95),
            lathe(base, stone, 24),
            mesh(shaft.faces, stone * flutes),
            lathe(capital, stone, 24),
            box((0.62, 0.1, 0.62), stone, (0, top - 0.1, 0)),
        ]
    )


def _display_case(rng: np.random.Generator, _: float) -> Mesh:
    body = _pick(rng, "e4e0d8", "4a3526", "35373b")
    low, high, width = 0.82, 1.42, 0.58
    glaze = _pick(rng, "b4552f", "2f5f8f", "d9b25a", "3c7a63", "8f3f52")
    vase = [
        (0.05, 0),
        (0.06, 0.02),
        (0.12, 0.12),
        (0.13, 0.2),
        (0.09, 0.3),
        (0.05, 0.36),
        (0.075, 0.42),
    ]
    band = lathe(vase, glaze, 20, centre=(0, low + 0.05, 0))
    striped = (np.arange(len(band.faces)) // 20) % 3 == 1
    treasure = mesh(band.faces, np.where(striped[:, None], rgb("efe3c8"), glaze))
    rail, metal = 0.018, rgb("54524e")
    posts = [
        box((rail, high - low, rail), metal, (x * width / 2, low, z * width / 2))
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    lid = [box((width, rail, rail), metal, (0, high, z * width / 2)) for z in (-1, 1)]
    lid += [box((rail, rail, width), metal, (x * width / 2, high, 0)) for x in (-1, 1)]
    glass = box((width, high - low, width), rgb("e8f6fa"), (0, low, 0), opacity=0.1)
    stand = box((0.3, 0.05, 0.3), rgb("f2efe8"), (0, low, 0))
    foot = box((width * 0.9, 0.06, width * 0.9), body * 0.5)
    case = box((width, low - 0.06, width), body, (0, 0.06, 0))
    return join([foot, case, stand, treasure, *posts, *lid, glass])


_BUILDERS: dict[str, Callable[[np.random.Generator, float], Mesh]] = {
    "bench": _bench,
    "plant": _plant,
    "sculpture": _sculpture,
    "column": _column,
    "display case": _display_case,
}
