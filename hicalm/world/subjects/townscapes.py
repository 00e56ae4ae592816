"""City skylines: towers by day or by night, old towns, and quays with reflections."""

import numpy as np

from hicalm.world.canvas import ellipse, gradient, jitter, line, mix, polygon
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import chance, lines, sky, sun, toned


def city_skyline(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint rows of tall buildings with window grids against a bright sky."""
    image = sky(rng, palette, height, width, 0.3)
    image += (toned(palette.sky_low, 190) - image) * 0.35
    size = min(height, width)
    if chance(rng, 0.4):
        spot = (rng.uniform(0.1, 0.9) * width, height * rng.uniform(0.12, 0.4))
        sun(image, spot, size * 0.08, palette)
    ground = int(height * rng.uniform(0.82, 0.97))
    old_town = chance(rng, 0.25)
    peak = rng.uniform(0.2, 0.8)
    for row, tone in enumerate((145, 95, 48)):
        _row(rng, image, palette, ground, row, tone, peak, old_town)
    if ground < height * 0.92:
        _quay(rng, image, palette, ground)
    else:
        image[ground:] = toned(palette.dark, 30)
    return image


def _row(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    ground: int,
    row: int,
    tone: float,
    peak: float,
    old_town: bool,
) -> None:
    """Draw one row of buildings, ``row`` 0 at the back; they are tallest around ``peak``."""
    height, width = image.shape[:2]
    size = min(height, width)
    x = -rng.uniform(0, 0.08) * size
    while x < width:
        wide = size * rng.uniform(0.09, 0.17) * (1.25 if old_town else 1.0)
        near = np.exp(-(((x + wide / 2) / width - peak) ** 2) / 0.12)
        tall = height * rng.uniform(0.25, 0.5) * (1.0 - 0.17 * row) * (0.75 + 0.75 * near)
        tall *= 0.62 if old_town else 1.0
        colour = toned(
            jitter(rng, mix(palette.second, palette.dark, 0.25 * row), 8),
            tone * rng.uniform(0.85, 1.2),
        )
        _building(rng, image, palette, (x, ground - tall, wide, tall), colour, row, old_town)
        x += wide * rng.uniform(0.95, 1.25 + 0.25 * row)


def _building(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    box: tuple[float, float, float, float],
    colour: np.ndarray,
    row: int,
    old_town: bool,
) -> None:
    x, top, wide, tall = box
    low = top + tall
    polygon(image, [(x, top), (x + wide, top), (x + wide, low), (x, low)], colour)
    middle = x + wide / 2
    kind = rng.random() * (0.5 if old_town else 1.0)
    if kind < 0.12 or (old_town and kind < 0.4):
        roof = wide * rng.uniform(0.5, 0.9)
        tip = [(x - wide * 0.05, top), (x + wide * 1.05, top), (middle, top - roof)]
        polygon(image, tip, colour * 0.6)
    elif kind < 0.24:
        line(image, (middle, top), (middle, top - wide * 1.1), colour, wide * 0.08)
        polygon(
            image,
            [
                (x + wide * 0.2, top + 1),
                (x + wide * 0.8, top + 1),
                (x + wide * 0.65, top - wide * 0.35),
                (x + wide * 0.35, top - wide * 0.35),
            ],
            colour,
        )
    elif kind < 0.32:
        ellipse(image, (middle, top), (wide * 0.5, wide * 0.5), colour)
        line(image, (middle, top), (middle, top - wide * 0.8), colour, wide * 0.07)
    elif kind < 0.5:
        step = wide * 0.2
        polygon(
            image,
            [
                (x + step, top + 1),
                (x + wide - step, top + 1),
                (x + wide - step, top - wide * 0.3),
                (x + step, top - wide * 0.3),
            ],
            colour,
        )
    if row:
        _windows(rng, image, palette, box, colour)


def _windows(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    box: tuple[float, float, float, float],
    colour: np.ndarray,
) -> None:
    """Light a random part of a regular grid of windows inside the box."""
    x, top, wide, tall = box
    across = int(rng.integers(3, 5))
    cell = wide / (across + 0.5)
    down = max(1, int(tall / (cell * 1.35)) - 1)
    left = x + cell * (0.45 + np.arange(across))
    upper = top + cell * (0.5 + 1.35 * np.arange(down))
    grid = np.stack(np.meshgrid(left, upper), axis=-1).reshape(-1, 2)
    lit = grid[rng.random(len(grid)) < rng.uniform(0.45, 0.8)]
    if len(lit):
        tall_pane = np.stack([lit, lit + np.array([0, cell * 0.4])], axis=1)
        lamp = toned(mix(palette.light, palette.accent, 0.2), 225)
        lines(image, tall_pane, mix(lamp, colour, 0.1), cell * 0.48)


def _quay(rng: np.random.Generator, image: np.ndarray, palette: Palette, ground: int) -> None:
    """Mirror the towers dimly in water under ``ground`` (a row)."""
    height, width = image.shape[:2]
    deep = height - ground
    mirrored = image[ground - 2 * deep : ground : 2][::-1]
    image[ground:] = mirrored * 0.45 + gradient(deep, width, palette.ground, palette.dark) * 0.4
    rows, starts = rng.uniform(ground, height, 14), rng.random(14) * width
    ends = starts + width * rng.uniform(0.05, 0.2, 14)
    segments = np.stack([np.stack([starts, rows], 1), np.stack([ends, rows], 1)], axis=1)
    lines(image, segments, mix(palette.light, palette.ground, 0.4), height * 0.008)
    line(image, (0, ground), (width, ground), palette.dark, height * 0.012)
