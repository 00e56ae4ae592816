"""Forests of upright trunks, and flower gardens with a path."""

import numpy as np

from hicalm.world.canvas import (
    cloud_noise,
    ellipse,
    fill_below,
    gradient,
    jitter,
    line,
    mix,
    polygon,
    polyline,
    ridge,
)
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import chance, flower, foliage, lay, lines, pick, sky, toned


def forest(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint tall trunks from edge to edge under a canopy: birches, dark trunks or firs."""
    haze = toned(mix(palette.sky_low, palette.light, 0.4), rng.uniform(195, 225))
    floor = toned(mix(palette.ground, palette.sky_low, 0.2), 120)
    image = gradient(height, width, haze, floor)
    ground = height * rng.uniform(0.72, 0.82)
    birches = chance(rng, 0.4)
    if birches:  # white trunks want a dark wood behind them
        image *= 0.42
    fill_below(
        image,
        ridge(rng, width, ground, height * 0.015),
        toned(mix(palette.ground, palette.sky_low, 0.15), 70 if birches else 105),
    )
    if chance(rng, 0.35):
        _woodland_path(rng, image, palette, ground)
    count = int(rng.integers(5, 8))
    for row in range(3):
        number = count + 2 - 2 * row
        places = (np.arange(number) + rng.uniform(0.1, 0.9, number)) / number * width
        for x in places:
            _trunk(rng, image, palette, float(x), ground, row, birches)
        if row < 2:
            _canopy(rng, image, palette, row)
    _undergrowth(rng, image, palette, ground)
    if chance(rng, 0.3):
        _shafts(rng, image, palette)
    return image


def _trunk(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    x: float,
    ground: float,
    row: int,
    birch: bool,
) -> None:
    """Draw one trunk from the upper edge down to the floor; ``row`` 2 stands nearest."""
    height, width = image.shape[:2]
    wide = min(height, width) * (0.022 + 0.026 * row) * rng.uniform(0.8, 1.25)
    foot = ground + (height - ground) * (0.1 + 0.38 * row) * rng.uniform(0.7, 1.1)
    bark = toned(palette.light, 130 + 50 * row) if birch else toned(palette.dark, 92 - 36 * row)
    lean = rng.normal(0, 0.02) * width
    top = x + lean
    outline = [
        (top - wide * 0.42, 0),
        (top + wide * 0.42, 0),
        (x + wide * 0.5, foot - wide),
        (x + wide * 0.95, foot),
        (x - wide * 0.95, foot),
        (x - wide * 0.5, foot - wide),
    ]
    polygon(image, outline, bark)
    shade = [
        (top + wide * 0.12, 0),
        (top + wide * 0.42, 0),
        (x + wide * 0.5, foot - wide * 0.5),
        (x + wide * 0.16, foot - wide * 0.5),
    ]
    polygon(image, shade, bark * 0.68)
    for _ in range(2 if row else 1):
        start = height * rng.uniform(0.15, 0.5)
        tip = (x + rng.choice([-1, 1]) * height * rng.uniform(0.08, 0.16), start - height * 0.16)
        line(image, (x, start), tip, bark * 0.8, wide * 0.3)
    if birch and row:
        rows = rng.random(9) * foot * 0.95
        left = x - wide * 0.4 + (rng.random(9) * wide * 0.3)
        ends = left + wide * rng.uniform(0.25, 0.55, 9)
        marks = np.stack([np.stack([left, rows], 1), np.stack([ends, rows + 1], 1)], axis=1)
        lines(image, marks, toned(palette.dark, 28), wide * 0.12)


def _canopy(rng: np.random.Generator, image: np.ndarray, palette: Palette, row: int) -> None:
    height, width = image.shape[:2]
    reach = int(height * (0.42 - 0.1 * row))
    fade = np.linspace(0.24, -0.22, reach, dtype=np.float32)[:, None]
    leaves = cloud_noise(rng, reach, width, 9 + 3 * row, 2) + fade
    tone = toned(pick(rng, [palette.ground, palette.second, palette.accent]), 105 - 40 * row)
    lay(image[:reach], tone, np.clip((leaves - 0.53) * 22, 0, 1))


def _undergrowth(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, ground: float
) -> None:
    height, width = image.shape[:2]
    rows = rng.uniform(ground + height * 0.03, height, 60)
    starts = rng.random(60) * width
    tips = np.stack([starts + rng.normal(0, 0.012, 60) * width, rows - height * 0.045], axis=1)
    blades = np.stack([np.stack([starts, rows], 1), tips], axis=1)
    lines(image, blades[:30], toned(palette.ground, 55), height * 0.008)
    lines(image, blades[30:], toned(palette.ground, 150), height * 0.008)


def _woodland_path(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, ground: float
) -> None:
    height, width = image.shape[:2]
    x, bend = rng.uniform(0.35, 0.65) * width, rng.normal(0, 0.12) * width
    outline = [
        (x, ground),
        (x + width * 0.03, ground),
        (x + bend + width * 0.2, height),
        (x + bend - width * 0.15, height),
    ]
    polygon(image, outline, toned(mix(palette.sky_low, palette.ground, 0.3), 170))


def _shafts(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> None:
    height, width = image.shape[:2]
    mask = np.zeros((height, width, 3), np.float32)
    slant = rng.uniform(0.2, 0.5) * width * rng.choice([-1, 1])
    for _ in range(3):
        x, wide = rng.random() * width, width * rng.uniform(0.04, 0.1)
        beam = [(x, 0), (x + wide, 0), (x + slant + 2 * wide, height), (x + slant, height)]
        polygon(mask, beam, np.ones(3))
    lay(image, palette.light, mask[..., 0] * 0.28)


def garden(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint a light path between flower beds that leads to an arch, a gate or a fountain."""
    image = sky(rng, palette, height, width, 0.4)
    horizon = height * rng.uniform(0.3, 0.42)
    _hedge(rng, image, palette, horizon)
    lawn = toned(palette.ground, 125)
    image[int(horizon) :] = gradient(height - int(horizon), width, lawn, lawn * 0.7)
    if chance(rng, 0.45):
        _fence(image, palette, horizon)
    far = width * rng.uniform(0.38, 0.62)
    near = width * rng.uniform(0.4, 0.6)
    _garden_path(image, palette, horizon, far, near)
    goal = int(rng.integers(7))
    if goal < 4:
        _arch(rng, image, palette, (far, horizon), height * rng.uniform(0.28, 0.34))
    elif goal < 6:
        _fountain(image, palette, (far, horizon + height * 0.12), height * 0.22)
    if chance(rng, 0.4):
        _topiary(rng, image, palette, horizon)
    _beds(rng, image, palette, horizon, (far, near))
    return image


def _hedge(rng: np.random.Generator, image: np.ndarray, palette: Palette, horizon: float) -> None:
    """Close the view with a dark row of round trees."""
    height, width = image.shape[:2]
    tone = toned(mix(palette.ground, palette.dark, 0.3), 68)
    for index in range(7):
        centre = (width * (index + rng.random()) / 7, horizon - height * rng.uniform(0.03, 0.1))
        reach = height * rng.uniform(0.1, 0.16)
        foliage(rng, image, centre, (reach * 1.1, reach), tone, 5)


def _garden_path(
    image: np.ndarray, palette: Palette, horizon: float, far: float, near: float
) -> None:
    height, width = image.shape[:2]
    share = np.linspace(0, 1, 12)
    centre = far + (near - far) * (share**2 * (3 - 2 * share))
    half = width * (0.035 + 0.19 * share**1.2)
    rows = horizon + (height - horizon) * share
    left, right = np.stack([centre - half, rows], 1), np.stack([centre + half, rows], 1)
    pale = toned(mix(palette.light, palette.sky_low, 0.3), 218)
    polygon(image, np.vstack([left, right[::-1]]), pale)
    lines(image, np.stack([left, right], axis=1)[3::2], pale * 0.82, height * 0.006)
    polyline(image, left, pale * 0.55, height * 0.012)
    polyline(image, right, pale * 0.55, height * 0.012)


def _fence(image: np.ndarray, palette: Palette, horizon: float) -> None:
    """Stand a pale picket fence at the far end."""
    height, width = image.shape[:2]
    pale, tall = toned(palette.light, 235), height * 0.13
    posts = np.arange(0.01, 1.0, 0.055) * width
    feet = np.stack([posts, np.full_like(posts, horizon + tall * 0.35)], axis=1)
    lines(image, np.stack([feet, feet - (0, tall)], axis=1), pale, width * 0.024)
    for level in (0.05, 0.45):
        row = horizon + tall * (0.35 - 0.5 * level - 0.2)
        line(image, (0, row), (width, row), pale, height * 0.014)


def _arch(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    foot: tuple[float, float],
    tall: float,
) -> None:
    """Stand a rose arch over the far end of the path."""
    x, base = foot
    half = tall * 0.42
    angles = np.linspace(np.pi, 2 * np.pi, 13)
    bow = np.stack([x + half * np.cos(angles), base - tall * 0.5 + half * np.sin(angles)], axis=1)
    frame = np.vstack([[(x - half, base + tall * 0.1)], bow, [(x + half, base + tall * 0.1)]])
    inside = toned(palette.sky_low, 215)
    polygon(image, frame, inside)
    polyline(image, frame, toned(mix(palette.ground, palette.dark, 0.5), 40), tall * 0.16)
    bloom = pick(rng, [palette.accent, palette.second, palette.light])
    for place_on in frame[:: int(rng.integers(1, 3))]:
        spot = tuple(place_on + rng.normal(0, tall * 0.03, 2))
        ellipse(image, spot, (tall * 0.055, tall * 0.055), toned(jitter(rng, bloom), 180))


def _fountain(image: np.ndarray, palette: Palette, foot: tuple[float, float], tall: float) -> None:
    x, base = foot
    stone, spray = toned(palette.light, 190), toned(palette.light, 245)
    ellipse(image, (x, base), (tall * 0.62, tall * 0.17), stone * 0.6)
    ellipse(image, (x, base - tall * 0.04), (tall * 0.55, tall * 0.12), toned(palette.sky_top, 120))
    line(image, (x, base), (x, base - tall * 0.55), stone * 0.8, tall * 0.1)
    ellipse(image, (x, base - tall * 0.55), (tall * 0.3, tall * 0.08), stone)
    for side in (-1, 1):
        for reach in (0.2, 0.4):
            arc = np.linspace(0, 1, 8)
            drop = np.stack(
                [x + side * reach * tall * arc, base - tall * (0.6 + 1.3 * arc - 1.85 * arc**2)],
                axis=1,
            )
            polyline(image, drop, spray, tall * 0.04)


def _topiary(rng: np.random.Generator, image: np.ndarray, palette: Palette, horizon: float) -> None:
    """Stand a clipped tree on each side: balls on stems, or cones."""
    height, width = image.shape[:2]
    cones = chance(rng, 0.5)
    dark = toned(mix(palette.ground, palette.dark, 0.4), 50)
    for x in (width * 0.12, width * 0.88):
        base, radius = horizon + height * 0.22, height * 0.1
        if cones:
            polygon(image, [(x - radius, base), (x, base - radius * 4), (x + radius, base)], dark)
            polygon(
                image,
                [(x - radius, base), (x, base - radius * 4), (x - radius * 0.3, base)],
                dark * 1.9,
            )
            continue
        line(image, (x, base), (x, base - radius * 2), dark * 0.8, radius * 0.25)
        ellipse(image, (x, base - radius * 2.2), (radius, radius), dark)
        ellipse(
            image,
            (x - radius * 0.25, base - radius * 2.45),
            (radius * 0.6, radius * 0.6),
            dark * 1.8,
        )


def _beds(
    rng: np.random.Generator,
    image: np.ndarray,
    palette: Palette,
    horizon: float,
    path: tuple[float, float],
) -> None:
    """Fill both sides of the path with blossoms that grow towards the viewer."""
    height, width = image.shape[:2]
    far, near = path
    colours = [palette.accent, palette.light, palette.second, palette.sky_low]
    shares = np.sort(rng.random(60) ** 0.85)
    spots = rng.random(60) * width
    kind = int(rng.integers(4))
    for share, x in zip(shares, spots, strict=True):
        middle = far + (near - far) * (share**2 * (3 - 2 * share))
        if abs(x - middle) < width * (0.05 + 0.2 * share):
            continue
        y = horizon + height * 0.05 + (height - horizon) * share
        radius = height * (0.014 + 0.04 * share)
        leaf = toned(mix(palette.ground, palette.dark, 0.4), 55)
        ellipse(image, (x, y + radius), (radius * 1.1, radius * 1.2), leaf)
        tone = toned(jitter(rng, pick(rng, colours)), rng.uniform(140, 225))
        if share > 0.5:
            flower(rng, image, (x, y), radius * 1.15, tone, palette, kind)
        else:
            ellipse(image, (x, y), (radius, radius * 0.85), tone)
