"""Seascapes without ships, and ships under sail."""

import itertools
import math

import numpy as np

from hicalm.world.canvas import (
    cloud_noise,
    ellipse,
    fill_below,
    jitter,
    line,
    mix,
    polygon,
    polyline,
    ridge,
)
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import (
    chance,
    depth_below,
    lay,
    pick,
    place,
    sky,
    smooth,
    sun,
    toned,
    water,
)


def seascape(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint the open sea: rolling breakers, one great wave, or surf on a beach; never a boat."""
    image = sky(rng, palette, height, width, 0.8)
    size = min(height, width)
    horizon = int(height * rng.uniform(0.28, 0.45))
    if chance(rng, 0.55):
        radius = size * rng.uniform(0.05, 0.1)
        sun(
            image,
            (rng.uniform(0.15, 0.85) * width, horizon - rng.uniform(0, 2) * radius),
            radius,
            palette,
        )
    water(rng, image, horizon, palette, 45)
    kind = rng.random()
    if kind < 0.4:
        _breakers(rng, image, palette, horizon, rng.integers(3, 6))
    elif kind < 0.7:
        _breakers(rng, image, palette, horizon, 2)
        _great_wave(rng, image, palette)
    else:
        _beach(rng, image, palette, horizon)
    if chance(rng, 0.3):
        _headland(rng, image, palette, horizon)
    return image


def _breakers(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    horizon: int,
    count: int | np.integer,  # numpy's makes the waves float64, in other bytes than float32
) -> None:
    """Lay rows of waves, growing towards the viewer: light foam on top, dark face below."""
    height, width = image.shape[:2]
    columns = np.arange(width, dtype=np.float32)
    for row in range(count):
        near = (row + 0.6) / count
        tall = height * (0.035 + 0.1 * near)
        level = horizon + (height - horizon) * near**1.15
        phase = columns / width * rng.uniform(5, 9) / (0.5 + 0.6 * near) + rng.random() * 6
        crest = level - tall * (np.abs(np.sin(phase / 2)) ** 1.5 - 0.5)
        ragged = cloud_noise(rng, 2, width, 16, 2)[0] - 0.5
        crest += ragged * tall * 0.5
        dark = toned(mix(palette.ground, palette.dark, 0.5), 70 - 30 * near)
        face = toned(mix(palette.ground, palette.sky_top, 0.3), 125 - 20 * near)
        top = int(np.clip(crest.min() - 1, 0, height - 1))
        end = int(np.clip(crest.max() + tall * 3.6, top + 1, height))
        band, below = image[top:end], depth_below(crest, top, end)
        lay(band, dark, np.clip(below, 0, 1) * np.clip(1.6 - below / (tall * 2.2), 0, 1))
        body = np.clip(below, 0, 1) * np.clip(1 - below / (tall * 1.4), 0, 1) * 0.8
        lay(band, face, body)
        froth = tall * (0.12 + 0.9 * np.clip(ragged + np.abs(np.sin(phase / 2)) - 0.35, 0, 1))
        foam = np.clip(below, 0, 1) * np.clip((froth[None] - below) * 0.6 + 0.5, 0, 1)
        lay(band, palette.light, foam)


# A wave that curls over to the right, in units of its height; y down, crest at -1.
_WAVE_BACK = [
    (-2.2, 0.9),
    (-1.7, 0.35),
    (-1.2, -0.2),
    (-0.75, -0.72),
    (-0.25, -1.0),
    (0.25, -0.98),
    (0.62, -0.72),
    (0.72, -0.42),
    (0.5, -0.5),
    (0.22, -0.52),
    (0.0, -0.3),
    (-0.02, 0.1),
    (0.25, 0.45),
    (0.8, 0.62),
    (1.6, 0.62),
    (2.3, 0.7),
    (2.4, 1.6),
    (-2.3, 1.6),
]
_WAVE_LIP = [
    (-0.95, -0.55),
    (-0.6, -0.9),
    (-0.2, -1.06),
    (0.28, -1.04),
    (0.66, -0.78),
    (0.84, -0.36),
    (0.68, -0.46),
    (0.64, -0.26),
    (0.5, -0.46),
    (0.42, -0.3),
    (0.3, -0.5),
    (0.16, -0.44),
    (0.1, -0.62),
    (-0.1, -0.66),
    (-0.4, -0.7),
]


def _great_wave(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> None:
    height, width = image.shape[:2]
    scale = height * rng.uniform(0.4, 0.55)
    flip = int(rng.choice([-1, 1]))
    origin = (width * (0.5 - flip * rng.uniform(0, 0.15)), height * rng.uniform(0.68, 0.78))
    tilt = rng.normal(0, 0.08)
    dark = toned(mix(palette.ground, palette.dark, 0.55), 50)
    middle = toned(mix(palette.ground, palette.sky_top, 0.3), 115)
    polygon(image, place(smooth(_WAVE_BACK, 5), origin, scale, flip, tilt), dark)
    for reach, tone in ((0.0, middle), (0.16, dark), (0.34, middle), (0.5, dark)):
        band = [
            (-1.9 + reach, 0.7),
            (-1.15 + reach, 0.0),
            (-0.55 + reach * 0.8, -0.62),
            (-0.2 + reach * 0.6, -0.8),
            (-0.42 + reach * 0.8, -0.4),
            (-0.8 + reach, 0.2),
            (-1.3 + reach, 0.8),
        ]
        polygon(image, place(smooth(band, 4), origin, scale, flip, tilt), tone)
    polygon(image, place(smooth(_WAVE_LIP, 4), origin, scale, flip, tilt), palette.light)
    drops = rng.normal((0.75, -0.75), (0.3, 0.28), (16, 2))
    for drop in place(drops, origin, scale, flip, tilt):
        radius = scale * rng.uniform(0.012, 0.035)
        ellipse(image, tuple(drop), (radius, radius), palette.light)
    swell = ridge(rng, width, height * 0.96, height * 0.03)
    fill_below(image, swell, middle)
    polyline(image, swell, palette.light, height * 0.02)


def _beach(rng: np.random.Generator, image: np.ndarray, palette: Palette, horizon: int) -> None:
    """Add a breaker far out and white surf running up a sloping, light beach."""
    height, width = image.shape[:2]
    _breakers(rng, image, palette, horizon, 3)
    columns = np.linspace(0, 1, width, dtype=np.float32)
    slope = rng.uniform(0.15, 0.4) * rng.choice([-1, 1])
    edge = height * (rng.uniform(0.76, 0.84) + slope * (columns - 0.5))
    for step in range(3):
        lobes = np.abs(np.sin(columns * rng.uniform(5, 9) + rng.random() * 6)) * height * 0.05
        shore = edge + lobes + height * (0.055 * step - 0.05)
        across = np.arange(width, dtype=np.float64)
        if step < 2:
            foam = mix(palette.light, palette.ground, 0.12 * step)
            fill_below(image, np.stack([across, shore], axis=1), foam)
            shade = toned(mix(palette.ground, palette.light, 0.2), 125)
            fill_below(image, np.stack([across, shore + height * 0.025], axis=1), shade)
            continue
        sand = toned(mix(palette.sky_low, palette.accent, 0.35), 170)
        for lower, tone in ((-0.02, palette.light), (0.0, sand * 0.72), (0.05, sand)):
            fill_below(image, np.stack([across, shore + height * lower], axis=1), tone)


def _headland(rng: np.random.Generator, image: np.ndarray, palette: Palette, horizon: int) -> None:
    height, width = image.shape[:2]
    rock = ridge(rng, width * rng.uniform(0.25, 0.4), horizon - height * 0.08, height * 0.05)
    rock[-1, 1] = horizon
    if chance(rng, 0.5):
        rock[:, 0] = width - rock[:, 0]
    corners = [(rock[-1, 0], horizon + 3), (rock[0, 0], horizon + 3)]
    polygon(image, np.vstack([rock, corners]), toned(mix(palette.dark, palette.ground, 0.3), 60))


def sailing_ships(
    rng: np.random.Generator, palette: Palette, height: int, width: int
) -> np.ndarray:
    """Paint one to four ships with tall sails on calm water."""
    image = sky(rng, palette, height, width, 0.6)
    size = min(height, width)
    horizon = int(height * rng.uniform(0.58, 0.74))
    if chance(rng, 0.35):
        sun(
            image,
            (rng.uniform(0.1, 0.9) * width, height * rng.uniform(0.15, 0.5)),
            size * 0.08,
            palette,
        )
    water(rng, image, horizon, palette, 60)
    light_sails = chance(rng, 0.65)
    if light_sails:  # light sails need a sky that is not light
        image[:horizon] *= 0.72
    for _ in range(int(rng.integers(0, 4))):
        spot = (rng.uniform(0.05, 0.95) * width, horizon + height * rng.uniform(0.0, 0.05))
        _ship(rng, image, palette, spot, size * rng.uniform(0.2, 0.36), light_sails)
    spot = (width * rng.uniform(0.38, 0.62), horizon + height * rng.uniform(0.05, 0.14))
    _ship(rng, image, palette, spot, size * rng.uniform(0.62, 0.78), light_sails)
    return image


def _ship(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    spot: tuple[float, float],
    scale: float,
    light_sails: bool,
) -> None:
    """Draw one ship whose mast stands ``scale`` pixels above the waterline at ``spot``."""
    flip = int(rng.choice([-1, 1]))
    kind = int(rng.integers(3))
    sail = pick(rng, [palette.light, palette.sky_low, palette.accent])
    sail = toned(jitter(rng, sail), 228 if light_sails else 62)
    hull = toned(pick(rng, [palette.dark, palette.second]), 40)
    shadow = [(-0.5, 0.03), (0.5, 0.03), (0.36, 0.1), (0.1, 0.26), (-0.3, 0.12)]
    polygon(image, place(smooth(shadow, 3), spot, scale, flip), mix(hull, palette.ground, 0.35))
    (_sloop, _square_rigger, _junk)[kind](image, palette, spot, scale, flip, sail)
    deep = 0.1 if kind == 0 else 0.13
    outline = [
        (-0.46, -deep),
        (-0.2, -deep * 0.75),
        (0.25, -deep * 0.75),
        (0.58, -deep * 1.35),
        (0.42, 0.05),
        (-0.36, 0.05),
    ]
    polygon(image, place(outline, spot, scale, flip), hull)
    stripe = place([(-0.43, -deep * 0.5), (0.5, -deep * 0.6)], spot, scale, flip)
    polyline(image, stripe, mix(hull, palette.light, 0.55), scale * 0.02)
    foam = place([(-0.5, 0.055), (0.56, 0.055)], spot, scale, flip)
    polyline(image, foam, palette.light, scale * 0.025)


def _sloop(
    image: np.ndarray,
    palette: Palette,
    spot: tuple[float, float],
    scale: float,
    flip: int,
    sail: np.ndarray,
) -> None:
    mast = place([(0.05, -0.05), (0.05, -1.02)], spot, scale, flip)
    polyline(image, mast, palette.dark * 0.7, scale * 0.025)
    main = [(0.02, -0.98), (-0.12, -0.6), (-0.46, -0.17), (0.02, -0.17)]
    jib = [(0.09, -0.92), (0.36, -0.5), (0.56, -0.16), (0.09, -0.2)]
    polygon(image, place(main, spot, scale, flip), sail)
    polygon(image, place(jib, spot, scale, flip), sail * 0.78)
    for level in (0.36, 0.56):
        seam = place([(0.02, -level), (-0.44 + (level - 0.17) * 0.62, -level)], spot, scale, flip)
        polyline(image, seam, sail * 0.7, scale * 0.01)


def _square_rigger(
    image: np.ndarray,
    palette: Palette,
    spot: tuple[float, float],
    scale: float,
    flip: int,
    sail: np.ndarray,
) -> None:
    for x, tall in ((-0.3, 0.8), (0.02, 1.0), (0.32, 0.84)):
        mast = place([(x, -0.05), (x, -tall - 0.05)], spot, scale, flip)
        polyline(image, mast, palette.dark * 0.7, scale * 0.022)
        edges = np.array([0.17, 0.45, 0.72, 0.96]) * tall
        for level, (low, high) in enumerate(itertools.pairwise(edges)):
            wide = 0.155 - 0.03 * level
            cloth = [
                (x - wide, -low),
                (x - wide * 0.8, -high + 0.02),
                (x + wide * 0.8, -high + 0.02),
                (x + wide * 1.15, -(low + high) / 2),
                (x + wide, -low),
                (x, -low - 0.05),
            ]
            polygon(image, place(cloth, spot, scale, flip), sail * (0.82 + 0.09 * level))
    jib = [(0.4, -0.7), (0.74, -0.2), (0.44, -0.22)]
    polygon(image, place(jib, spot, scale, flip), sail * 0.75)
    start, end = place([(0.4, -0.14), (0.8, -0.24)], spot, scale, flip)
    line(image, tuple(start), tuple(end), palette.dark, scale * 0.025)


def _junk(
    image: np.ndarray,
    palette: Palette,
    spot: tuple[float, float],
    scale: float,
    flip: int,
    sail: np.ndarray,
) -> None:
    for x, tall, wide in ((-0.2, 1.0, 0.34), (0.3, 0.74, 0.25)):
        mast = place([(x, -0.05), (x, -tall)], spot, scale, flip)
        polyline(image, mast, palette.dark * 0.7, scale * 0.025)
        cloth = [
            (x - 0.4 * wide, -0.16),
            (x - 0.55 * wide, -0.5 * tall),
            (x - 0.3 * wide, -tall),
            (x + 0.25 * wide, -0.9 * tall),
            (x + 0.85 * wide, -0.45 * tall),
            (x + 0.75 * wide, -0.17),
        ]
        polygon(image, place(smooth(cloth, 4), spot, scale, flip), sail)
        for share in (0.3, 0.48, 0.66, 0.82):
            spread = math.sqrt(1.1 - share) * wide
            batten = [(x - spread * 0.5, -share * tall), (x + spread * 0.85, -share * tall)]
            polyline(image, place(batten, spot, scale, flip), sail * 0.6, scale * 0.013)
