"""Fruit on a table, and flowers in a vase."""

import math

import numpy as np

from hicalm.world.canvas import ellipse, gradient, jitter, line, mix, polygon, polyline
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import (
    ball,
    chance,
    flower,
    pick,
    place,
    smooth,
    speckle,
    toned,
)

Spot = tuple[float, float]


def still_life_with_fruit(
    rng: np.random.Generator, palette: Palette, height: int, width: int
) -> np.ndarray:
    """Paint large round fruit in a bowl, on a plate, in a basket or loose on a table."""
    size = min(height, width)
    wall = toned(pick(rng, [palette.second, palette.dark, palette.sky_top]), rng.uniform(45, 80))
    image = gradient(height, width, wall, wall * rng.uniform(0.7, 1.3))
    speckle(rng, image, 0.25, 4)
    edge = int(height * rng.uniform(0.56, 0.66))
    cloth = toned(
        pick(rng, [palette.ground, palette.light, palette.sky_low]), rng.uniform(130, 195)
    )
    image[edge:] = gradient(height - edge, width, cloth, cloth * 0.75)
    side = int(rng.choice([-1, 1]))
    middle = (width * rng.uniform(0.42, 0.58), edge + height * rng.uniform(0.12, 0.2))
    if chance(rng, 0.5):
        x = middle[0] + side * size * rng.uniform(0.36, 0.44)
        _bottle(rng, image, palette, (x, edge + height * 0.12), size * rng.uniform(0.6, 0.72))
    kind = int(rng.integers(4))
    (_bowl, _plate, _basket, _loose)[kind](
        rng, image, palette, middle, size * rng.uniform(0.9, 1.1), side
    )
    for _ in range(int(rng.integers(1, 4))):
        spot = (rng.uniform(0.08, 0.92) * width, height * rng.uniform(0.86, 0.94))
        _fruit(rng, image, palette, spot, size * rng.uniform(0.085, 0.11), side)
    return image


def _fruit(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    spot: Spot,
    radius: float,
    side: int,
) -> None:
    """Draw an apple, an orange, a pear, a lemon or a bunch of grapes around ``spot``."""
    x, y = spot
    colours = [
        palette.accent,
        mix(palette.accent, palette.sky_low, 0.5),
        palette.sky_low,
        mix(palette.ground, palette.sky_low, 0.3),
        palette.second,
    ]
    skin = toned(jitter(rng, pick(rng, colours), 10), rng.uniform(120, 185))
    stem = toned(palette.dark, 30)
    shadow = (x - side * radius * 0.4, y + radius * 0.82)
    ellipse(image, shadow, (radius * 1.15, radius * 0.3), toned(palette.dark, 55))
    kind = int(rng.integers(5))
    if kind <= 1:
        ball(image, spot, (radius, radius * 0.95), skin, palette, side)
        if kind == 0:
            ellipse(image, (x, y - radius * 0.82), (radius * 0.3, radius * 0.1), skin * 0.5)
            tip = (x + radius * 0.15, y - radius * 1.25)
            line(image, (x, y - radius * 0.8), tip, stem, radius * 0.14)
            leaf = place(smooth([(0, 0), (0.3, -0.2), (0.7, -0.1), (0.35, 0.1)], 3), tip, radius)
            polygon(image, leaf, toned(palette.ground, 80))
    elif kind == 2:
        ball(image, (x, y - radius * 0.75), (radius * 0.58, radius * 0.7), skin, palette, side)
        ball(image, (x, y + radius * 0.05), (radius * 0.95, radius * 0.9), skin, palette, side)
        line(
            image,
            (x, y - radius * 1.4),
            (x + radius * 0.12, y - radius * 1.75),
            stem,
            radius * 0.14,
        )
    elif kind == 3:
        tips = [
            (-1.3, 0.05),
            (-0.9, -0.4),
            (0, -0.72),
            (0.9, -0.4),
            (1.3, 0),
            (0.9, 0.4),
            (0, 0.72),
            (-0.9, 0.45),
        ]
        polygon(image, place(smooth(tips, 4), spot, radius, 1, rng.normal(0, 0.3)), skin * 0.6)
        ball(image, spot, (radius * 0.98, radius * 0.68), skin, palette, side)
    else:
        berry = toned(pick(rng, [palette.second, palette.dark, palette.ground]), 85)
        for row, count in enumerate((4, 3, 2)):
            for column in range(count):
                grape = (
                    x + (column - (count - 1) / 2) * radius * 0.55,
                    y + (row - 1) * radius * 0.5,
                )
                ball(image, grape, (radius * 0.36, radius * 0.36), berry, palette, side)


def _heap(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    middle: Spot,
    size: float,
    side: int,
) -> None:
    """Pile fruit in two rows on a rim at ``middle``."""
    x, y = middle
    upper = [(-0.12, -0.2), (0.11, -0.21)] if chance(rng, 0.6) else [(0.0, -0.22)]
    for dx, dy in [*upper, (-0.22, -0.06), (0.21, -0.06), (-0.01, -0.07)]:
        spot = (x + (dx + rng.normal(0, 0.012)) * size, y + dy * size)
        _fruit(rng, image, palette, spot, size * rng.uniform(0.105, 0.13), side)


def _bowl(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    middle: Spot,
    size: float,
    side: int,
) -> None:
    x, y = middle
    china = toned(pick(rng, [palette.light, palette.sky_top]), rng.uniform(175, 235))
    ellipse(image, (x, y + size * 0.2), (size * 0.34, size * 0.05), toned(palette.dark, 45))
    ellipse(image, (x, y - size * 0.02), (size * 0.37, size * 0.06), china * 0.5)
    _heap(rng, image, palette, (x, y - size * 0.02), size, side)
    angles = np.linspace(0, math.pi, 20)
    belly = np.stack([np.cos(angles) * 0.37, np.sin(angles) ** 0.8 * 0.2], axis=1)
    polygon(image, place(belly, middle, size), china)
    dark_half = belly * (0.5, 0.92) - (side * 0.16, 0)
    polygon(image, place(dark_half, middle, size), china * 0.78)
    ellipse(image, (x, y + size * 0.2), (size * 0.14, size * 0.03), china * 0.7)
    polyline(image, place([(-0.37, 0.0), (0.37, 0.0)], middle, size), china * 0.6, size * 0.018)


def _plate(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    middle: Spot,
    size: float,
    side: int,
) -> None:
    x, y = middle
    ellipse(image, (x, y + size * 0.04), (size * 0.44, size * 0.1), toned(palette.dark, 50))
    ellipse(image, (x, y + size * 0.01), (size * 0.43, size * 0.1), toned(palette.light, 235))
    ellipse(image, (x, y), (size * 0.33, size * 0.07), toned(palette.light, 195))
    _heap(rng, image, palette, (x, y - size * 0.01), size, side)


def _basket(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    middle: Spot,
    size: float,
    side: int,
) -> None:
    wicker = toned(mix(palette.ground, palette.accent, 0.4), 120)
    if chance(rng, 0.6):
        handle = np.linspace(math.pi, 2 * math.pi, 16)
        bow = np.stack([np.cos(handle) * 0.32, np.sin(handle) * 0.5], axis=1)
        polyline(image, place(bow, middle, size), wicker * 0.6, size * 0.03)
    _heap(rng, image, palette, (middle[0], middle[1] - size * 0.01), size, side)
    body = [(-0.38, -0.02), (0.38, -0.02), (0.3, 0.22), (-0.3, 0.22)]
    polygon(image, place(body, middle, size), wicker)
    for level in (0.02, 0.08, 0.14, 0.2):
        half = 0.38 - 0.36 * level
        band = place([(-half, level), (half, level)], middle, size)
        polyline(image, band, wicker * 0.6, size * 0.016)
    for share in np.linspace(-0.85, 0.85, 7):
        rib = place([(0.38 * share, 0.0), (0.3 * share, 0.22)], middle, size)
        polyline(image, rib, mix(wicker, palette.light, 0.45), size * 0.014)
    rim = place([(-0.39, -0.02), (0.39, -0.02)], middle, size)
    polyline(image, rim, wicker * 0.75, size * 0.035)


def _loose(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    middle: Spot,
    size: float,
    side: int,
) -> None:
    """Lay four large fruit on a crumpled napkin."""
    napkin = rng.uniform(0.8, 1.1, 10)[:, None] * np.stack(
        [np.cos(np.arange(10) * 0.628) * 0.46, np.sin(np.arange(10) * 0.628) * 0.16], axis=1
    )
    polygon(image, place(napkin, middle, size), toned(palette.light, 238))
    for dx, dy in ((0.02, -0.18), (-0.27, -0.06), (0.26, -0.05), (-0.02, 0.02)):
        spot = (middle[0] + dx * size, middle[1] + dy * size)
        _fruit(rng, image, palette, spot, size * rng.uniform(0.14, 0.175), side)


_BOTTLE = [(0.13, 0.0), (0.135, -0.5), (0.11, -0.6), (0.05, -0.7), (0.048, -0.95), (0.06, -1.0)]
_JUG = [(0.14, 0.0), (0.24, -0.2), (0.22, -0.4), (0.11, -0.58), (0.1, -0.72), (0.14, -0.8)]


def _mirrored(profile: list[tuple[float, float]]) -> np.ndarray:
    """Return the closed outline of a turned body from the right half of its profile."""
    right = np.array(profile)
    return np.vstack([right, right[::-1] * (-1, 1)])


def _bottle(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, spot: Spot, tall: float
) -> None:
    glass = toned(pick(rng, [palette.ground, palette.dark, palette.sky_top]), rng.uniform(35, 120))
    profile = _BOTTLE if chance(rng, 0.65) else _JUG
    outline = _mirrored(profile)
    polygon(image, place(outline, spot, tall), glass)
    polygon(image, place(outline * (0.4, 0.95) + (0.03, 0), spot, tall), glass * 0.65)
    shine = place([(-0.085, -0.08), (-0.085, -0.48)], spot, tall)
    polyline(image, shine, mix(glass, palette.light, 0.75), tall * 0.022)
    if profile is _BOTTLE:
        label = place([(-0.11, -0.18), (0.11, -0.18), (0.11, -0.38), (-0.11, -0.38)], spot, tall)
        polygon(image, label, toned(palette.light, 215))
    else:
        ellipse(
            image,
            (spot[0] + tall * 0.2, spot[1] - tall * 0.52),
            (tall * 0.11, tall * 0.15),
            glass * 0.8,
            0,
            tall * 0.04,
        )


# Right halves of vases, in units of their height; the mouth is at -1.
_VASES = (
    [(0.2, 0.0), (0.36, -0.3), (0.4, -0.5), (0.3, -0.75), (0.17, -0.88), (0.24, -1.0)],
    [(0.24, 0.0), (0.26, -0.3), (0.29, -0.7), (0.34, -1.0)],
    [(0.18, 0.0), (0.44, -0.2), (0.5, -0.42), (0.38, -0.68), (0.2, -0.82), (0.2, -1.0)],
    [(0.28, 0.0), (0.13, -0.1), (0.2, -0.3), (0.4, -0.6), (0.42, -0.9), (0.46, -1.0)],
)


def vase_of_flowers(
    rng: np.random.Generator, palette: Palette, height: int, width: int
) -> np.ndarray:
    """Paint one vase with a full bouquet of large blossoms above it."""
    size = min(height, width)
    dark_wall = chance(rng, 0.55)
    wall = toned(
        pick(rng, [palette.sky_top, palette.second, palette.sky_low]),
        rng.uniform(40, 70) if dark_wall else rng.uniform(185, 215),
    )
    image = gradient(height, width, wall, wall * 0.85)
    speckle(rng, image, 0.15, 5)
    edge = int(height * rng.uniform(0.8, 0.88))
    table = toned(palette.ground, 130 if dark_wall else 80)
    image[edge:] = gradient(height - edge, width, table, table * 0.7)
    foot = (width * rng.uniform(0.42, 0.58), height * rng.uniform(0.9, 0.96))
    tall = height * rng.uniform(0.34, 0.44)
    mouth = (foot[0], foot[1] - tall)
    blossoms = _stems(rng, image, palette, mouth, size, dark_wall)
    _vase(rng, image, palette, foot, tall, dark_wall)
    _bouquet(rng, image, palette, blossoms, size, dark_wall)
    return image


def _stems(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    mouth: Spot,
    size: int,
    dark_wall: bool,
) -> np.ndarray:
    """Draw stems and leaves, and return where the blossoms go, (n, 2), the back ones first."""
    height, width = image.shape[:2]
    count = int(rng.integers(5, 16))
    angles = np.linspace(-2.75, -0.4, count) + rng.normal(0, 0.1, count)
    reach = rng.uniform(0.45, 1.0, count)
    tips = np.stack(
        [
            mouth[0] + np.cos(angles) * reach * width * 0.38,
            mouth[1] + np.sin(angles) * reach * (mouth[1] - height * 0.1),
        ],
        axis=1,
    )
    green = toned(mix(palette.ground, palette.dark, 0.2), 105 if dark_wall else 60)
    for tip in tips:
        line(image, mouth, tuple(tip), green, size * 0.014)
        half = (tip + mouth) / 2 + rng.normal(0, 0.03, 2) * size
        slope = math.degrees(math.atan2(*(tip - mouth)[::-1])) + rng.choice([-35, 35])
        ellipse(
            image, tuple(half), (size * 0.085, size * 0.03), green * rng.uniform(0.7, 1.3), slope
        )
    return tips[np.argsort(tips[:, 1])]


def _vase(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    foot: Spot,
    tall: float,
    dark_wall: bool,
) -> None:
    clay = toned(
        pick(rng, [palette.light, palette.sky_top, palette.accent, palette.second]),
        rng.uniform(165, 225) if dark_wall else rng.uniform(45, 95),
    )
    outline = smooth(_mirrored(_VASES[int(rng.integers(4))]), 4)
    spread = (rng.uniform(0.85, 1.15), 1.0)
    ellipse(image, foot, (tall * 0.42, tall * 0.06), toned(palette.dark, 35))
    polygon(image, place(outline * spread, foot, tall), clay)
    polygon(image, place(outline * spread * (0.5, 0.94) + (0.12, -0.02), foot, tall), clay * 0.72)
    ornament = rng.random()
    if ornament < 0.35:
        for level in (0.35, 0.45, 0.55):
            band = place([(-0.24, -level), (0.24, -level)], foot, tall)
            polyline(image, band, mix(clay, palette.dark, 0.55), tall * 0.03)
    elif ornament < 0.55:
        flower(
            rng,
            image,
            (foot[0], foot[1] - tall * 0.45),
            tall * 0.16,
            mix(clay, palette.dark, 0.6),
            palette,
            0,
        )
    shine = place([(-0.2, -0.3), (-0.22, -0.58)], foot, tall)
    polyline(image, shine, mix(clay, palette.light, 0.8), tall * 0.05)


def _bouquet(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    spots: np.ndarray,
    size: int,
    dark_wall: bool,
) -> None:
    """Open a blossom at every spot; fewer blossoms are larger."""
    colours = [palette.accent, palette.light, palette.second, palette.sky_low]
    favourite, only = int(rng.integers(5)), pick(rng, colours)
    radius = size * (0.185 - 0.006 * len(spots))
    for spot in spots:
        tone = only if chance(rng, 0.5) else pick(rng, colours)
        bright = rng.uniform(150, 235) if dark_wall else rng.uniform(75, 175)
        colour = toned(jitter(rng, tone, 8), bright)
        kind = favourite if chance(rng, 0.7) else int(rng.integers(5))
        if kind == 4:
            cup = [
                (-0.5, -0.9),
                (-0.25, -0.5),
                (0, -1.0),
                (0.25, -0.5),
                (0.5, -0.9),
                (0.6, 0.1),
                (0, 0.6),
                (-0.6, 0.1),
            ]
            polygon(image, place(cup, tuple(spot), radius * 1.05), colour * 0.6)
            polygon(image, place(np.array(cup) * 0.85, tuple(spot), radius), colour)
            continue
        flower(rng, image, tuple(spot), radius * rng.uniform(0.8, 1.15), colour, palette, kind)
