"""Birds: a songbird on a branch, an owl, a heron, a bird in flight, and a parrot."""

import numpy as np

from hicalm.world.canvas import ellipse, gradient, jitter, line, mix, polygon, polyline
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import (
    chance,
    flower,
    lines,
    luminance,
    pick,
    place,
    sky,
    smooth,
    toned,
)

Spot = tuple[float, float]


class _Brush:
    """Draws shapes of one bird, given in units of ``scale`` around ``origin``."""

    def __init__(self, image: np.ndarray, origin: Spot, scale: float, flip: int, angle: float = 0):
        self.image, self.origin, self.scale = image, origin, scale
        self.flip, self.angle = flip, angle

    def shape(self, points: list[Spot], colour: np.ndarray, steps: int = 4) -> None:
        """Fill a smooth outline; ``steps`` 1 keeps the corners."""
        outline = smooth(points, steps) if steps > 1 else points
        polygon(self.image, self.at(outline), colour)

    def at(self, points: np.ndarray | list[Spot]) -> np.ndarray:
        """Return shape points as pixels."""
        return place(points, self.origin, self.scale, self.flip, self.angle)

    def dot(self, spot: Spot, radius: float, colour: np.ndarray) -> None:
        """Fill a circle."""
        centre = tuple(self.at([spot])[0])
        ellipse(self.image, centre, (radius * self.scale, radius * self.scale), colour)

    def stroke(self, points: list[Spot], colour: np.ndarray, thickness: float) -> None:
        """Draw an open line."""
        polyline(self.image, self.at(points), colour, thickness * self.scale)

    def eye(self, spot: Spot, radius: float, palette: Palette) -> None:
        """Draw a ringed eye with a glint."""
        self.dot(spot, radius * 1.5, palette.light)
        self.dot(spot, radius, palette.dark * 0.4)
        self.dot((spot[0] + radius * 0.3, spot[1] - radius * 0.3), radius * 0.3, palette.light)


def bird(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint one large bird that fills most of the canvas."""
    pale = chance(rng, 0.4)
    image = sky(rng, palette, height, width, 0.3)
    image += (toned(palette.sky_low, 50 if pale else 215) - image) * 0.7
    if pale:
        image *= 0.8
    colours = [palette.accent, palette.second, palette.sky_top]
    coat = toned(
        jitter(rng, pick(rng, [palette.light, palette.accent] if pale else colours)),
        rng.uniform(185, 230) if pale else rng.uniform(45, 95),
    )
    flip = int(rng.choice([-1, 1]))
    kinds = (_songbird, _songbird, _owl, _heron, _flyer, _flyer, _parrot)
    kinds[int(rng.integers(len(kinds)))](rng, image, palette, coat, flip)
    return image


def _branch(rng: np.random.Generator, image: np.ndarray, palette: Palette, level: float) -> None:
    """Lay a branch with leaves or blossoms across the picture at ``level`` (a row)."""
    height, width = image.shape[:2]
    size = min(height, width)
    bark = toned(
        mix(palette.dark, palette.ground, 0.3), 48 if luminance(image[0, 0]) > 100 else 120
    )
    tilt = rng.normal(0, 0.03) * height
    knots = np.array(
        [(0, level + tilt), (width * 0.3, level), (width * 0.7, level), (width, level - tilt)]
    )
    polyline(image, knots, bark, size * 0.045)
    for _ in range(2):
        x, way = rng.random() * width, rng.choice([-1, 1])
        tip = (x + way * size * 0.2, level + rng.choice([-1, 1]) * size * 0.16)
        line(image, (x, level), tip, bark, size * 0.018)
    blossoms = chance(rng, 0.4)
    for x in rng.random(12) * width:
        spot = (x, level + rng.normal(0, 0.06) * size)
        if blossoms:
            flower(rng, image, spot, size * 0.04, toned(palette.accent, 190), palette, 0)
        else:
            ellipse(
                image,
                spot,
                (size * 0.055, size * 0.022),
                toned(palette.ground, 95),
                rng.random() * 180,
            )


def _songbird(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, coat: np.ndarray, flip: int
) -> None:
    height, width = image.shape[:2]
    scale = min(height, width) * rng.uniform(0.92, 1.1)
    level = height * rng.uniform(0.76, 0.86)
    _branch(rng, image, palette, level)
    brush = _Brush(
        image, (width * (0.5 + flip * 0.03), level - 0.27 * scale), scale, flip, rng.normal(0, 0.08)
    )
    dark, breast = coat * 0.6, toned(pick(rng, [palette.light, palette.accent]), 205)
    beak = toned(mix(palette.accent, palette.sky_low, 0.4), 165)
    brush.shape(
        [(-0.18, 0.02), (-0.36, 0.16), (-0.52, 0.3), (-0.47, 0.35), (-0.3, 0.27), (-0.1, 0.18)],
        dark,
        3,
    )
    brush.shape(
        [
            (0.16, -0.35),
            (0.25, -0.29),
            (0.27, -0.2),
            (0.25, -0.08),
            (0.22, 0.06),
            (0.12, 0.19),
            (-0.04, 0.23),
            (-0.18, 0.16),
            (-0.24, 0.05),
            (-0.14, -0.09),
            (0.0, -0.19),
            (0.05, -0.3),
        ],
        coat,
        5,
    )
    brush.shape(
        [
            (0.25, -0.12),
            (0.235, 0.04),
            (0.13, 0.18),
            (-0.02, 0.22),
            (0.02, 0.1),
            (0.12, -0.02),
            (0.17, -0.14),
        ],
        breast,
    )
    brush.shape(
        [
            (0.1, -0.1),
            (0.12, 0.02),
            (0.02, 0.12),
            (-0.16, 0.18),
            (-0.38, 0.23),
            (-0.24, 0.06),
            (-0.08, -0.08),
        ],
        dark,
    )
    for shift in (0.0, 0.045, 0.09):
        brush.stroke([(0.04 - shift, 0.03 + shift * 0.6), (-0.3 + shift, 0.2)], coat, 0.012)
    brush.shape([(0.255, -0.27), (0.39, -0.21), (0.255, -0.18)], beak, 1)
    if chance(rng, 0.3):
        brush.shape([(0.05, -0.28), (0.02, -0.46), (0.17, -0.34)], coat, 3)
    if chance(rng, 0.4):
        brush.shape([(0.06, -0.3), (0.16, -0.36), (0.24, -0.3), (0.15, -0.27)], dark, 4)
    brush.eye((0.17, -0.25), 0.023, palette)
    for x in (0.02, 0.09):
        brush.stroke([(x, 0.2), (x + 0.01, 0.29)], beak * 0.5, 0.02)


def _owl(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, coat: np.ndarray, flip: int
) -> None:
    height, width = image.shape[:2]
    scale = min(height, width) * rng.uniform(0.95, 1.08)
    level = height * 0.88
    _branch(rng, image, palette, level)
    brush = _Brush(image, (width * 0.5, level - 0.35 * scale), scale, flip, rng.normal(0, 0.05))
    wing, face = coat * 0.62, toned(mix(coat, palette.light, 0.5), 195)
    brush.shape([(-0.14, 0.2), (-0.1, 0.5), (0.1, 0.5), (0.14, 0.2)], wing, 2)
    brush.shape(
        [
            (-0.23, -0.42),
            (-0.12, -0.36),
            (0.12, -0.36),
            (0.23, -0.42),
            (0.24, -0.18),
            (0.27, 0.05),
            (0.2, 0.3),
            (0.0, 0.38),
            (-0.2, 0.3),
            (-0.27, 0.05),
            (-0.24, -0.18),
        ],
        coat,
        4,
    )
    brush.shape([(-0.14, -0.02), (0.14, -0.02), (0.16, 0.2), (0.0, 0.35), (-0.16, 0.2)], face)
    marks = [
        [(x, y), (x + 0.025, y + 0.03), (x + 0.05, y)]
        for y in (0.04, 0.12, 0.2)
        for x in (-0.11, -0.03, 0.05)
    ]
    lines(image, np.stack([brush.at(mark) for mark in marks]), wing, 0.014 * scale)
    for side in (-1, 1):
        brush.shape(
            [
                (side * 0.2, -0.08),
                (side * 0.28, 0.06),
                (side * 0.22, 0.3),
                (side * 0.12, 0.36),
                (side * 0.15, 0.12),
            ],
            wing,
        )
        brush.dot((side * 0.11, -0.2), 0.115, face)
        brush.dot((side * 0.105, -0.2), 0.075, toned(palette.accent, 170))
        brush.dot((side * 0.1, -0.2), 0.045, palette.dark * 0.4)
        brush.dot((side * 0.1 + 0.015, -0.22), 0.014, palette.light)
        brush.shape([(side * 0.08, 0.36), (side * 0.03, 0.4), (side * 0.12, 0.41)], face * 0.7, 2)
    brush.shape([(-0.04, -0.17), (0.04, -0.17), (0.0, -0.05)], palette.dark * 0.7, 1)


def _heron(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, coat: np.ndarray, flip: int
) -> None:
    """Draw a wader on long legs in shallow water with reeds."""
    height, width = image.shape[:2]
    scale = min(height, width) * rng.uniform(0.95, 1.05)
    pond = int(height * 0.82)
    tone = image[pond].mean(axis=0)
    image[pond:] = gradient(height - pond, width, tone * 0.75, tone * 0.6)
    reed = toned(palette.ground, 50 if luminance(tone) > 100 else 150)
    for x in rng.choice([0.06, 0.9]) * width + rng.normal(0, 0.05, 7) * width:
        tip = (x + rng.normal(0, 0.04) * width, height * rng.uniform(0.35, 0.6))
        line(image, (x, pond + 4), tip, reed, scale * 0.014)
    brush = _Brush(image, (width * (0.5 - flip * 0.04), height * 0.5), scale, flip)
    beak, dark = toned(palette.accent, 140), coat * 0.62
    for x, knee in ((-0.03, 0.03), (0.05, -0.02)):
        brush.stroke([(x, 0.12), (x + knee, 0.26), (x + 0.01, 0.42)], beak * 0.7, 0.022)
    neck = [
        (0.15, 0.0),
        (0.24, -0.1),
        (0.18, -0.22),
        (0.16, -0.32),
        (0.22, -0.4),
        (0.29, -0.38),
        (0.26, -0.33),
        (0.23, -0.28),
        (0.28, -0.18),
        (0.31, -0.06),
        (0.2, 0.1),
    ]
    brush.shape(neck, coat, 4)
    brush.shape(
        [
            (0.24, -0.04),
            (0.2, 0.1),
            (0.04, 0.17),
            (-0.16, 0.14),
            (-0.34, 0.17),
            (-0.24, 0.03),
            (-0.06, -0.08),
            (0.12, -0.1),
        ],
        coat,
        5,
    )
    brush.shape(
        [(0.12, -0.04), (0.06, 0.08), (-0.14, 0.12), (-0.4, 0.2), (-0.24, 0.02), (-0.04, -0.07)],
        dark,
    )
    brush.shape([(0.28, -0.4), (0.47, -0.33), (0.27, -0.345)], beak, 1)
    brush.stroke([(0.24, -0.39), (0.1, -0.36)], dark, 0.016)
    brush.eye((0.255, -0.375), 0.012, palette)
    half = np.array([0.05, 0.09, 0.06])[:, None] * scale * np.array([1, 0])
    middles = np.stack([np.full(3, width * 0.5), height * np.array([0.915, 0.93, 0.95])], axis=1)
    lines(image, np.stack([middles - half, middles + half], axis=1), palette.light, scale * 0.01)


def _flyer(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, coat: np.ndarray, flip: int
) -> None:
    """Draw a bird with both wings spread."""
    height, width = image.shape[:2]
    scale = min(height, width) * rng.uniform(0.84, 0.95)
    spot = (width * rng.uniform(0.46, 0.54), height * rng.uniform(0.5, 0.58))
    brush = _Brush(image, spot, scale, flip, rng.normal(-0.1, 0.2))
    dark, beak = coat * 0.6, toned(palette.accent, 160)
    if chance(rng, 0.5):
        far = [
            (0.02, -0.02),
            (0.1, -0.24),
            (0.24, -0.44),
            (0.34, -0.46),
            (0.3, -0.26),
            (0.2, -0.04),
        ]
        near = [
            (0.14, 0.0),
            (0.02, -0.22),
            (-0.16, -0.4),
            (-0.4, -0.48),
            (-0.36, -0.36),
            (-0.36, -0.26),
            (-0.28, -0.18),
            (-0.22, -0.06),
            (-0.1, 0.05),
        ]
    else:
        far = [(0.06, -0.04), (0.2, -0.24), (0.44, -0.34), (0.4, -0.2), (0.2, -0.02)]
        near = [
            (0.12, 0.0),
            (0.0, 0.2),
            (-0.2, 0.36),
            (-0.42, 0.44),
            (-0.36, 0.3),
            (-0.38, 0.22),
            (-0.26, 0.12),
            (-0.12, -0.02),
        ]
    brush.shape(far, dark, 4)
    fork = 0.1 if chance(rng, 0.5) else 0.02
    brush.shape(
        [(-0.16, -0.02), (-0.44, -0.06 - fork), (-0.36, 0.02), (-0.44, 0.08 + fork), (-0.14, 0.07)],
        dark,
        2,
    )
    brush.shape(
        [
            (0.32, -0.08),
            (0.27, 0.02),
            (0.12, 0.09),
            (-0.06, 0.1),
            (-0.22, 0.05),
            (-0.1, -0.05),
            (0.1, -0.08),
            (0.22, -0.13),
        ],
        coat,
        5,
    )
    brush.shape(
        [(0.26, 0.01), (0.12, 0.09), (-0.06, 0.1), (0.06, 0.02)], mix(coat, palette.light, 0.4)
    )
    brush.shape(near, coat * 0.88, 4)
    feathers = np.array(near)
    for share in (0.35, 0.55, 0.75):
        tip = feathers[3] * share + feathers[5] * (1 - share)
        brush.stroke([tuple(feathers[0] * 0.4), tuple(tip * 0.92)], dark * 0.8, 0.012)
    brush.shape([(0.31, -0.09), (0.43, -0.03), (0.3, -0.02)], beak, 1)
    brush.eye((0.255, -0.06), 0.016, palette)


def _parrot(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, coat: np.ndarray, flip: int
) -> None:
    """Draw an upright bird with a hooked beak and a long hanging tail."""
    height, width = image.shape[:2]
    scale = min(height, width) * rng.uniform(0.95, 1.05)
    level = height * rng.uniform(0.66, 0.72)
    brush = _Brush(image, (width * 0.5, level - 0.14 * scale), scale, flip, rng.normal(0, 0.06))
    dark, face = coat * 0.55, toned(palette.light, 225)
    brush.shape([(-0.12, 0.1), (-0.2, 0.3), (-0.24, 0.44), (-0.12, 0.44), (-0.02, 0.12)], dark, 3)
    _branch(rng, image, palette, level)
    brush.shape(
        [
            (0.12, -0.44),
            (0.22, -0.38),
            (0.22, -0.26),
            (0.2, -0.08),
            (0.14, 0.1),
            (0.0, 0.17),
            (-0.14, 0.1),
            (-0.16, -0.08),
            (-0.06, -0.24),
            (-0.02, -0.38),
        ],
        coat,
        5,
    )
    brush.shape(
        [(0.03, -0.2), (0.06, -0.02), (-0.04, 0.16), (-0.18, 0.34), (-0.2, 0.06), (-0.12, -0.14)],
        dark,
    )
    brush.shape(
        [(0.0, -0.06), (0.0, 0.04), (-0.14, 0.22), (-0.16, 0.06)], toned(palette.accent, 160), 4
    )
    brush.shape([(0.1, -0.4), (0.21, -0.38), (0.2, -0.28), (0.12, -0.28)], face)
    brush.shape(
        [(0.19, -0.4), (0.29, -0.36), (0.3, -0.24), (0.25, -0.29), (0.2, -0.28)],
        palette.dark * 0.6,
        3,
    )
    brush.eye((0.14, -0.345), 0.018, palette)
    for x in (0.0, 0.08):
        brush.stroke([(x, 0.13), (x + 0.01, 0.17)], palette.dark, 0.03)
