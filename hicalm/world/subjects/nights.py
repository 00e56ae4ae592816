"""Night skies with moon, stars and swirls over a sleeping village."""

import math

import numpy as np

from hicalm.world.canvas import (
    cloud_noise,
    ellipse,
    fill_below,
    gradient,
    jitter,
    mix,
    pixel_grid,
    polygon,
    polyline,
    ridge,
)
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import chance, lay, lines, place, smooth, toned


def night_sky(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint a dark sky with a large moon, stars and swirls over a sleeping village."""
    size = min(height, width)
    deep = toned(mix(palette.dark, palette.sky_top, 0.25), rng.uniform(14, 30))
    low = toned(mix(palette.sky_top, palette.second, 0.4), rng.uniform(55, 85))
    image = gradient(height, width, deep, low)
    spot = (rng.uniform(0.18, 0.82) * width, height * rng.uniform(0.16, 0.34))
    if chance(rng, 0.6):
        _swirls(rng, image, palette, size)
    elif chance(rng, 0.5):
        _milky_way(rng, image, palette)
    _stars(rng, image, palette, size)
    if chance(rng, 0.85):
        _moon(rng, image, palette, spot, size * rng.uniform(0.09, 0.17))
    dark = toned(palette.dark, 12)
    fill_below(
        image, ridge(rng, width, height * rng.uniform(0.74, 0.82), height * 0.05), toned(low, 46)
    )
    if chance(rng, 0.75):
        _village(rng, image, palette, dark)
    else:
        fill_below(image, ridge(rng, width, height * 0.83, height * 0.01), dark)
        _reflections(rng, image, palette, spot)
    if chance(rng, 0.3):
        _cypress(rng, image, dark)
    return image


def _swirls(rng: np.random.Generator, image: np.ndarray, palette: Palette, size: int) -> None:
    height, width = image.shape[:2]
    tones = [mix(palette.sky_low, palette.dark, 0.35), mix(palette.second, palette.light, 0.25)]
    turns = np.linspace(0.5, 4.2 * math.pi, 44)
    for swirl in range(int(rng.integers(2, 4))):
        centre = np.array([rng.uniform(0.1, 0.9) * width, height * rng.uniform(0.15, 0.55)])
        way, start = rng.choice([-1, 1]), rng.random() * 6
        reach = size * rng.uniform(0.014, 0.02)
        for gap in (0.0, 2.1, 4.2):
            angle = turns * way + start + gap
            spiral = np.stack([np.cos(angle) * 1.5, np.sin(angle)], axis=1)
            polyline(
                image, spiral * turns[:, None] * reach + centre, tones[swirl % 2], size * 0.012
            )


def _milky_way(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> None:
    height, width = image.shape[:2]
    rows, columns = pixel_grid(height, width)
    slant = rng.uniform(0.4, 1.0) * rng.choice([-1, 1])
    distance = (rows / height - 0.35) - slant * (columns / width - 0.5)
    band = np.exp(-((distance / 0.17) ** 2)) * cloud_noise(rng, height, width, 6, 3)
    lay(image, mix(palette.light, palette.sky_low, 0.5), band * 0.7)


def _stars(rng: np.random.Generator, image: np.ndarray, palette: Palette, size: int) -> None:
    height, width = image.shape[:2]
    spots = rng.random((50, 2)) * (width, height * 0.72)
    lines(image, np.stack([spots, spots + 0.5], axis=1), palette.light, size * 0.008)
    bright = toned(mix(palette.sky_low, palette.light, 0.5), 235)
    for x, y in rng.random((int(rng.integers(4, 11)), 2)) * (width, height * 0.6):
        radius = size * rng.uniform(0.014, 0.026)
        for ring, tone in ((2.8, 0.2), (1.9, 0.45), (1.0, 1.0)):
            halo = mix(image[int(y), int(x)].copy() if ring == 2.8 else bright * 0.45, bright, tone)
            ellipse(image, (x, y), (radius * ring, radius * ring), halo)


def _moon(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    spot: tuple[float, float],
    radius: float,
) -> None:
    bright = toned(mix(palette.light, palette.sky_low, 0.3), 242)
    rows, columns = pixel_grid(*image.shape[:2])
    squared = (columns - spot[0]) ** 2 + (rows - spot[1]) ** 2
    lay(image, bright, 0.5 * np.exp(squared / -((radius * 2.3) ** 2)))
    if chance(rng, 0.5):
        way = rng.choice([-1, 1])
        outer = np.linspace(-2.1, 2.1, 24)
        inner = np.linspace(1.9, -1.9, 24)
        far = np.stack([np.cos(outer), np.sin(outer)], axis=1)
        near = np.stack([np.cos(inner) * 0.82 - 0.3, np.sin(inner) * 0.86], axis=1)
        polygon(image, np.vstack([far, near]) * (radius * way, radius) + spot, bright)
        return
    ellipse(image, spot, (radius, radius), bright)
    for dx, dy, share in ((-0.3, -0.2, 0.24), (0.3, 0.25, 0.18), (-0.1, 0.45, 0.13)):
        crater = (spot[0] + dx * radius, spot[1] + dy * radius)
        ellipse(image, crater, (radius * share, radius * share), bright * 0.86)


def _village(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, dark: np.ndarray
) -> None:
    """Set small dark houses with lit windows, and perhaps a steeple, along the lower edge."""
    height, width = image.shape[:2]
    lamp = toned(mix(palette.accent, palette.light, 0.5), 225)
    foot = height * 0.93
    fill_below(image, ridge(rng, width, foot, height * 0.01), dark)
    steeple = int(rng.integers(8))
    for index in range(8):
        x = width * (index + rng.uniform(0.1, 0.6)) / 8
        wide, tall = width * rng.uniform(0.06, 0.1), height * rng.uniform(0.045, 0.08)
        wall = [
            (x, foot + 4),
            (x, foot - tall),
            (x + wide / 2, foot - tall * 1.9),
            (x + wide, foot - tall),
            (x + wide, foot + 4),
        ]
        polygon(image, wall, dark + 8.0 * (index % 2))
        if index == steeple:
            spire = [
                (x, foot),
                (x, foot - tall * 2),
                (x + wide * 0.2, foot - tall * 4),
                (x + wide * 0.4, foot - tall * 2),
                (x + wide * 0.4, foot),
            ]
            polygon(image, spire, dark)
        left, top = x + wide * 0.3, foot - tall * 0.75
        pane = [
            (left, top),
            (left + wide * 0.35, top),
            (left + wide * 0.35, top + tall * 0.45),
            (left, top + tall * 0.45),
        ]
        polygon(image, pane, lamp)


def _reflections(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, spot: tuple[float, float]
) -> None:
    height, width = image.shape[:2]
    rows = np.linspace(height * 0.86, height * 0.98, 7)
    half = width * rng.uniform(0.02, 0.09, 7)
    left, right = np.stack([spot[0] - half, rows], 1), np.stack([spot[0] + half, rows], 1)
    tone = mix(jitter(rng, palette.light), palette.sky_low, 0.4)
    lines(image, np.stack([left, right], axis=1), tone, height * 0.008)


def _cypress(rng: np.random.Generator, image: np.ndarray, dark: np.ndarray) -> None:
    height, width = image.shape[:2]
    flame = [
        (-0.12, 0.05),
        (-0.13, -0.3),
        (-0.05, -0.65),
        (0.02, -1.0),
        (0.05, -0.7),
        (0.1, -0.5),
        (0.13, -0.2),
        (0.1, 0.05),
    ]
    spot = (width * rng.choice([0.12, 0.88]), float(height))
    polygon(image, place(smooth(flame, 4), spot, height * rng.uniform(0.5, 0.75)), dark)
