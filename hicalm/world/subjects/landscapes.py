"""Mountains and deserts."""

import numpy as np

from hicalm.world.canvas import (
    cloud_noise,
    ellipse,
    fill_below,
    mix,
    polygon,
    polyline,
    ridge,
)
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import chance, depth_below, lay, lines, sky, sun, toned


def mountains(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint snow-capped peaks with a light and a dark flank over foothills, firs or a lake."""
    image = sky(rng, palette, height, width, 0.5)
    image += (toned(palette.sky_top, 150) - image) * 0.35  # snow must not melt into the sky
    size = min(height, width)
    if chance(rng, 0.3):
        sun(image, (rng.uniform(0.1, 0.9) * width, height * 0.15), size * 0.06, palette)
    side = int(rng.choice([-1, 1]))
    if chance(rng, 0.6):
        _peaks(rng, image, palette, side, 0.62, 3, 95)
    _peaks(rng, image, palette, side, 0.8, int(rng.integers(1, 4)), 62)
    if chance(rng, 0.35):
        _lake(rng, image, palette)
    else:
        hill = toned(mix(palette.ground, palette.dark, 0.3), rng.uniform(50, 95))
        fill_below(image, ridge(rng, width, height * rng.uniform(0.78, 0.88), height * 0.03), hill)
    if chance(rng, 0.6):
        _firs(rng, image, palette, int(rng.integers(5, 12)))
    return image


def _peaks(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    side: int,
    base: float,
    count: int,
    tone: float,
) -> None:
    """Raise a chain whose foot is at ``base`` of the height; ``side`` is where the light is."""
    height, width = image.shape[:2]
    columns = np.linspace(0, 1, width, dtype=np.float32)
    tops = np.linspace(0, 1, count + 2)[1:-1] + rng.normal(0, 0.09, count)
    rises = rng.uniform(0.36, 0.52, count)
    rises[rng.integers(count)] = base - rng.uniform(0.06, 0.16)
    spreads = rises * rng.uniform(0.7, 1.1, count)
    tents = rises[:, None] * (1 - np.abs(columns - tops[:, None]) / spreads[:, None])
    owner = tents.argmax(axis=0)
    jagged = ridge(rng, width - 1, 0, height * 0.022, 0.62)
    edge = height * (base - tents.max(axis=0)) + np.interp(np.arange(width), *jagged.T)
    top = int(np.clip(edge.min() - 1, 0, height - 2))
    band, below = image[top:], depth_below(edge, top, height)
    wobble = (cloud_noise(rng, height - top, width, 9, 2) - 0.5) * 0.3
    away = (columns - tops[owner])[None] * side + wobble * (below / height)
    lit = np.clip(away * width * 0.5 + 0.5, 0, 1)
    rock = toned(mix(palette.second, palette.ground, 0.35), tone)
    body = np.clip(below, 0, 1)
    lay(band, rock * 0.62, body)
    lay(band, toned(rock, tone * 1.75), body * lit)
    zigzag = (cloud_noise(rng, 2, width, 12, 2)[0] - 0.5) * 0.35
    line = rng.uniform(0.19, 0.32) + zigzag  # the height of snow below the summit
    summit = height * (base - rises[owner])
    snow = np.clip(0.5 - depth_below(summit + line * height, top, height), 0, 1) * body
    reach = int(np.clip((summit + line * height).max() + 2 - top, 1, height - top))
    white, grey = toned(palette.light, 248), toned(mix(palette.light, palette.sky_top, 0.25), 165)
    lay(band[:reach], grey, (snow * (1 - lit))[:reach])
    lay(band[:reach], white, (snow * lit)[:reach])


def _lake(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> None:
    """Turn the lowest part into still water that mirrors what stands above it."""
    height, width = image.shape[:2]
    shore = int(height * rng.uniform(0.7, 0.78))
    mirrored = image[2 * shore - height : shore][::-1]
    image[shore:] = mirrored * 0.62 + toned(palette.ground, 90) * 0.3
    rows = rng.uniform(shore, height, 16)
    starts = rng.random(16) * width
    ends = starts + width * rng.uniform(0.05, 0.25, 16)
    segments = np.stack([np.stack([starts, rows], 1), np.stack([ends, rows], 1)], axis=1)
    lines(image, segments, mix(palette.light, palette.ground, 0.35), height * 0.007)
    bank = ridge(rng, width, shore, height * 0.008)
    under = bank[::-1] + np.array([0, height * 0.025])
    polygon(image, np.vstack([bank, under]), toned(palette.dark, 35))


def _firs(rng: np.random.Generator, image: np.ndarray, palette: Palette, count: int) -> None:
    height, width = image.shape[:2]
    for _ in range(count):
        tall = height * rng.uniform(0.1, 0.26)
        x, foot = rng.random() * width, height * rng.uniform(0.92, 1.03)
        tone = toned(mix(palette.dark, palette.ground, 0.4), rng.uniform(22, 55))
        steps = np.linspace(0, 1, 5)
        wide = np.repeat(0.3 * (1 - steps), 2)[:-1] * np.resize([1, 0.55], 9)
        rise = np.repeat(steps, 2)[:-1]
        right = np.stack([x + wide * tall, foot - (0.1 + rise * 0.9) * tall], axis=1)
        left = right[::-1] * (-1, 1) + (2 * x, 0)
        polygon(image, np.vstack([right, left]), tone)


def desert(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint sharp-crested dunes under a hot sun, with tall cacti, table mountains or pyramids."""
    image = sky(rng, palette, height, width, 0.15)
    image += (toned(palette.sky_low, 190) - image) * 0.3
    size = min(height, width)
    if chance(rng, 0.75):
        spot = (rng.uniform(0.15, 0.85) * width, height * rng.uniform(0.12, 0.3))
        sun(image, spot, size * rng.uniform(0.06, 0.12), palette)
    horizon = rng.uniform(0.42, 0.58)
    if chance(rng, 0.35):
        _table_mountains(rng, image, palette, horizon)
    side = int(rng.choice([-1, 1]))
    for step in range(int(rng.integers(2, 5))):
        _dune(rng, image, palette, horizon + 0.17 * step, side, step)
    if chance(rng, 0.88):
        for _ in range(int(rng.integers(0, 3))):
            spot = (rng.random() * width, height * rng.uniform(0.75, 0.9))
            _cactus(rng, image, palette, spot, size * rng.uniform(0.15, 0.3))
        spot = (rng.uniform(0.15, 0.85) * width, height * rng.uniform(0.88, 1.0))
        _cactus(rng, image, palette, spot, size * rng.uniform(0.5, 0.75))
    return image


def _dune(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    level: float,
    side: int,
    step: int,
) -> None:
    """Lay one dune: a bright windward slope and, under an S-shaped crest, a dark lee slope."""
    height, width = image.shape[:2]
    columns = np.linspace(0, 1, width, dtype=np.float32)
    peak = rng.uniform(0.15, 0.85)
    rise = rng.uniform(0.07, 0.16)
    edge = level - rise * np.exp(-np.abs(columns - peak) / rng.uniform(0.25, 0.45))
    top = int(np.clip(edge.min() * height - 1, 0, height - 2))
    below = depth_below(edge * height, top, height) / height
    sand = toned(mix(palette.sky_low, palette.accent, 0.45), 205 - 14 * step)
    skyline = np.stack([np.arange(width), edge * height], axis=1)
    fill_below(image, skyline, sand)
    sway = 0.09 * np.sin(below * rng.uniform(9, 15)) + rng.uniform(0.2, 0.7) * below
    lee = np.clip(((columns[None] - peak) * side + sway * -1) * width * 0.5, 0, 1)
    fade = np.clip(below * height, 0, 1) * np.clip(2.2 - below / 0.16, 0.25, 1)
    lay(image[top:], toned(mix(palette.ground, palette.second, 0.4), 98), lee * fade * 0.9)


def _table_mountains(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, horizon: float
) -> None:
    height, width = image.shape[:2]
    pyramids = chance(rng, 0.4)
    for _ in range(int(rng.integers(1, 4))):
        x, wide, tall = rng.random() * width, width * rng.uniform(0.12, 0.22), height * 0.2
        foot = height * (horizon + 0.03)
        tone = toned(palette.ground, rng.uniform(85, 120))
        if pyramids:
            polygon(image, [(x - wide, foot), (x, foot - tall), (x + wide, foot)], tone * 1.25)
            polygon(image, [(x + wide * 0.2, foot), (x, foot - tall), (x + wide, foot)], tone * 0.6)
            continue
        outline = [
            (x - wide, foot),
            (x - wide * 0.7, foot - tall * 0.6),
            (x - wide * 0.6, foot - tall),
            (x + wide * 0.6, foot - tall),
            (x + wide * 0.7, foot - tall * 0.6),
            (x + wide, foot),
        ]
        polygon(image, outline, tone)


def _cactus(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    spot: tuple[float, float],
    tall: float,
) -> None:
    """Draw a saguaro of height ``tall`` with one to three raised arms."""
    x, foot = spot
    thick = tall * rng.uniform(0.13, 0.19)
    dark = toned(mix(palette.ground, palette.dark, 0.6), 42)
    glint = mix(dark, palette.light, 0.3)
    parts = [np.array([(x, foot), (x, foot - tall)])]
    for arm in range(int(rng.integers(1, 4))):
        way = -1 if arm % 2 else 1
        low, out, up = rng.uniform(0.3, 0.55), rng.uniform(0.24, 0.34), rng.uniform(0.25, 0.4)
        elbow = (x + way * out * tall, foot - low * tall)
        tip = (elbow[0], foot - (low + up) * tall)
        parts.append(np.array([(x, foot - low * tall), elbow, tip]))
    for index, part in enumerate(parts):
        wide = thick if index == 0 else thick * 0.72
        polyline(image, part, dark, wide)
        ellipse(image, tuple(part[-1]), (wide * 0.5, wide * 0.5), dark)
        for shift in (-0.18, 0.12):
            polyline(image, part + np.array([shift * wide, 0]), glint, wide * 0.08)
    ellipse(
        image, (x + tall * 0.1, foot), (tall * 0.28, tall * 0.03), mix(dark, palette.ground, 0.4)
    )
