"""Horses: standing, walking, galloping, rearing, grazing, or the head alone.

The animal is a jointed puppet in its own units: x runs towards the nose, y down, and the body
is about 0.7 long. Angles are degrees from straight down (legs) or from level (neck, head).
"""

import math
from typing import NamedTuple

import numpy as np

from hicalm.world.canvas import (
    Points,
    ellipse,
    fill_below,
    gradient,
    jitter,
    mix,
    polygon,
    polyline,
    ridge,
    turn,
)
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import (
    chance,
    limb,
    lines,
    luminance,
    pick,
    place,
    sky,
    smooth,
    toned,
)


class _Pose(NamedTuple):
    """How a horse holds itself; legs are (upper, lower) angles, positive is forward."""

    body: float
    neck: float
    head: float
    legs: tuple[tuple[float, float], ...]  # far hind, far fore, near hind, near fore
    tail: float


_POSES = (
    _Pose(0, -54, 44, ((10, -14), (4, 2), (-4, -12), (-2, 0)), 12),
    _Pose(0, -46, 36, ((24, -8), (-16, -22), (-14, -26), (26, 4)), 24),
    _Pose(-3, -34, 26, ((-40, -62), (58, 30), (-54, -40), (70, 52)), 62),
    _Pose(2, -36, 28, ((42, 8), (34, -40), (52, 22), (56, -20)), 58),
    _Pose(-42, -40, 52, ((30, -2), (40, -60), (14, -8), (72, -20)), 30),
    _Pose(2, 46, 74, ((12, -10), (14, 4), (-6, -16), (-12, -6)), 6),
)
_TRUNK = [
    (-0.345, -0.04),
    (-0.335, -0.13),
    (-0.24, -0.195),
    (-0.13, -0.17),
    (-0.02, -0.155),
    (0.08, -0.19),
    (0.16, -0.2),
    (0.26, -0.13),
    (0.31, -0.03),
    (0.27, 0.06),
    (0.17, 0.1),
    (0.0, 0.105),
    (-0.14, 0.075),
    (-0.22, 0.06),
    (-0.31, 0.08),
]
_NECK = [
    (-0.1, -0.1),
    (0.06, -0.105),
    (0.2, -0.075),
    (0.33, -0.055),
    (0.36, 0.0),
    (0.33, 0.055),
    (0.22, 0.075),
    (0.1, 0.11),
    (0.0, 0.16),
    (-0.1, 0.1),
]
_HEAD = [
    (-0.035, -0.03),
    (0.02, -0.062),
    (0.1, -0.055),
    (0.19, -0.04),
    (0.245, -0.03),
    (0.265, 0.005),
    (0.245, 0.035),
    (0.19, 0.035),
    (0.13, 0.045),
    (0.07, 0.075),
    (0.01, 0.075),
    (-0.03, 0.035),
]
_SHOULDER = np.array([0.16, -0.09])
_HIPS = np.array([(-0.27, 0.02), (0.2, 0.05), (-0.245, 0.02), (0.225, 0.05)])


class _Figure(NamedTuple):
    """Where the puppet stands on the canvas."""

    image: np.ndarray
    origin: tuple[float, float]
    scale: float
    flip: int
    lean: float  # of the whole body, radians

    def at(self, points: np.ndarray) -> np.ndarray:
        """Return puppet points as pixels, (n, 2)."""
        return place(points, self.origin, self.scale, self.flip, self.lean)


def horse(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint one large horse in a meadow, or the portrait of a horse's head."""
    bright_coat = chance(rng, 0.4)
    image = sky(rng, palette, height, width, 0.4)
    image += (toned(palette.sky_low, 70 if bright_coat else 215) - image) * 0.45
    if bright_coat:
        image *= 0.72
    size = min(height, width)
    coat = (
        pick(rng, [palette.light, palette.sky_low])
        if bright_coat
        else pick(rng, [palette.dark, palette.second, palette.accent])
    )
    coat = toned(jitter(rng, coat), rng.uniform(195, 235) if bright_coat else rng.uniform(35, 75))
    flip = int(rng.choice([-1, 1]))
    if chance(rng, 0.22):
        _close_head(rng, image, palette, coat, flip)
        return image
    ground = height * rng.uniform(0.84, 0.92)
    _meadow(rng, image, palette, ground, bright_coat)
    pose = _POSES[int(rng.integers(len(_POSES)))]
    rears, low = pose.body < -20, pose.neck > 0
    gallops = not rears and pose.body != 0 and not low
    scale = size * (0.69 if rears else 0.82 if gallops else 0.9) * rng.uniform(0.95, 1.06)
    rise = 0.54 if rears else 0.4
    shift = 0.02 if rears else 0.09
    origin = (width * 0.5 - flip * shift * scale, ground - rise * scale)
    figure = _Figure(image, origin, scale, flip, math.radians(pose.body))
    _whole(rng, figure, palette, coat, pose, ground)
    return image


def _meadow(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, ground: float, dim: bool
) -> None:
    height, width = image.shape[:2]
    share = 0.5 if dim else 1.0
    hill = toned(mix(palette.ground, palette.sky_low, 0.4), 165 * share)
    horizon = height * rng.uniform(0.5, 0.66)
    fill_below(image, ridge(rng, width, horizon, height * 0.03), hill)
    top = int(height * rng.uniform(0.7, 0.78))
    grass = toned(palette.ground, 140 * share)
    image[top:] = gradient(height - top, width, grass, grass * 0.75)
    roots = np.stack([rng.random(40) * width, rng.uniform(ground - height * 0.1, height, 40)], 1)
    blades = np.stack([roots, roots - rng.uniform(0.01, 0.035, (40, 1)) * (0, height)], axis=1)
    lines(image, blades, grass * 0.6, height * 0.007)


def _whole(
    rng: np.random.Generator,
    figure: _Figure,
    palette: Palette,
    coat: np.ndarray,
    pose: _Pose,
    ground: float,
) -> None:
    image, scale = figure.image, figure.scale
    bright = luminance(coat) > 128
    mane = toned(palette.dark, 90) if bright else mix(coat, palette.dark * 0.5, 0.6)
    mane = toned(palette.light, 215) if not bright and chance(rng, 0.25) else mane
    shadow = toned(mix(palette.dark, palette.ground, 0.4), 38)
    ellipse(image, (figure.origin[0], ground), (scale * 0.36, scale * 0.025), shadow)
    for index in (0, 1):
        _leg(figure, index, pose, coat * 0.62)
    _tail(rng, figure, pose, mane)
    polygon(image, figure.at(smooth(_TRUNK, 5)), coat)
    belly = [
        (-0.3, 0.06),
        (-0.15, 0.0),
        (0.05, 0.03),
        (0.22, 0.02),
        (0.27, 0.06),
        (0.17, 0.1),
        (0.0, 0.105),
        (-0.14, 0.075),
    ]
    polygon(image, figure.at(smooth(belly, 4)), coat * 0.78)
    sheen = [(-0.27, -0.13), (-0.2, -0.165), (-0.1, -0.14), (-0.18, -0.09)]
    polygon(image, figure.at(smooth(sheen, 4)), mix(coat, palette.light, 0.25))
    for index in (2, 3):
        _leg(figure, index, pose, coat)
    _neck_and_head(figure, palette, coat, mane, pose)
    if chance(rng, 0.25):
        cloth = [(-0.08, -0.165), (0.09, -0.195), (0.12, -0.02), (-0.06, 0.0)]
        polygon(image, figure.at(np.array(cloth)), toned(palette.accent, 130))


def _leg(figure: _Figure, index: int, pose: _Pose, coat: np.ndarray) -> None:
    """Draw one leg; hind legs (even index) have a hock that bends backwards."""
    upper, lower = (math.radians(angle + pose.body) for angle in pose.legs[index])
    hip = _HIPS[index]
    knee = hip + 0.175 * np.array([math.sin(upper), math.cos(upper)])
    fetlock = knee + 0.17 * np.array([math.sin(lower), math.cos(lower)])
    hoof = fetlock + 0.03 * np.array([math.sin(lower + 0.5), math.cos(lower + 0.5)])
    thigh = 0.15 if index % 2 == 0 else 0.11
    scale = figure.scale
    joints = figure.at(np.stack([hip, knee, fetlock, hoof]))
    limb(figure.image, joints, [scale * part for part in (thigh, 0.055, 0.036, 0.04)], coat)
    toe = (
        np.array([(-0.02, 0.0), (0.022, 0.0), (0.036, 0.034), (-0.024, 0.034)]) + hoof - (0, 0.006)
    )
    polygon(figure.image, figure.at(toe), coat * 0.35)


def _tail(rng: np.random.Generator, figure: _Figure, pose: _Pose, mane: np.ndarray) -> None:
    strands = [
        (0.03, -0.01),
        (-0.04, -0.02),
        (-0.09, 0.1),
        (-0.08, 0.28),
        (-0.03, 0.36),
        (-0.02, 0.24),
        (-0.01, 0.1),
    ]
    swing = math.radians(pose.tail + rng.normal(0, 6))
    hair = turn(smooth(strands, 4), swing) + np.array([-0.325, -0.1])
    polygon(figure.image, figure.at(hair), mane)


def _neck_and_head(
    figure: _Figure, palette: Palette, coat: np.ndarray, mane: np.ndarray, pose: _Pose
) -> None:
    image, scale = figure.image, figure.scale
    neck_angle = math.radians(pose.neck)
    neck = turn(smooth(_NECK, 4), neck_angle) + _SHOULDER
    hair = [
        (0.0, -0.09),
        (0.12, -0.13),
        (0.25, -0.1),
        (0.37, -0.075),
        (0.4, -0.03),
        (0.3, -0.03),
        (0.24, 0.0),
        (0.17, -0.03),
        (0.1, 0.0),
        (0.04, -0.05),
    ]
    polygon(image, figure.at(neck), coat)
    polygon(image, figure.at(turn(hair, neck_angle) + _SHOULDER), mane)
    poll = turn([(0.335, -0.01)], neck_angle)[0] + _SHOULDER
    angle = math.radians(pose.head)

    def on_head(points: Points) -> np.ndarray:
        return figure.at(turn(points, angle) + poll)

    for shift, tone in ((0.035, 0.7), (0.0, 1.0)):
        ear = [(-0.02 + shift, -0.04), (0.0 + shift, -0.125), (0.035 + shift, -0.05)]
        polygon(image, on_head(ear), coat * tone)
    polygon(image, on_head(smooth(_HEAD, 4)), coat)
    polygon(image, on_head([(-0.02, -0.05), (0.03, -0.07), (0.08, -0.035), (0.02, -0.03)]), mane)
    polygon(image, on_head([(0.2, -0.03), (0.262, -0.01), (0.25, 0.03), (0.2, 0.03)]), coat * 0.7)
    bright = luminance(coat) > 128
    eye = tuple(on_head([(0.075, -0.018)])[0])
    ellipse(image, eye, (scale * 0.013, scale * 0.013), palette.dark if bright else palette.light)


_LARGE_NECK = [
    (-0.42, 0.62),
    (-0.36, 0.2),
    (-0.24, -0.1),
    (-0.1, -0.33),
    (0.02, -0.42),
    (0.1, -0.36),
    (0.12, -0.14),
    (0.14, 0.1),
    (0.24, 0.35),
    (0.36, 0.62),
]
_LARGE_HEAD = [
    (-0.02, -0.37),
    (0.08, -0.43),
    (0.17, -0.37),
    (0.26, -0.22),
    (0.35, -0.05),
    (0.42, 0.09),
    (0.425, 0.17),
    (0.37, 0.22),
    (0.3, 0.2),
    (0.24, 0.1),
    (0.14, 0.02),
    (0.04, -0.02),
    (-0.03, -0.12),
    (-0.05, -0.26),
]
_LARGE_MANE = [
    (0.09, -0.44),
    (-0.04, -0.47),
    (-0.2, -0.3),
    (-0.36, -0.02),
    (-0.47, 0.32),
    (-0.52, 0.64),
    (-0.28, 0.64),
    (-0.3, 0.42),
    (-0.2, 0.4),
    (-0.22, 0.22),
    (-0.1, 0.16),
    (-0.14, 0.02),
    (-0.03, -0.08),
    (-0.07, -0.2),
    (0.02, -0.28),
]


def _close_head(
    rng: np.random.Generator, image: np.ndarray, palette: Palette, coat: np.ndarray, flip: int
) -> None:
    """Draw head, neck and mane so that they fill the canvas."""
    height, width = image.shape[:2]
    scale = min(height, width) * rng.uniform(0.83, 0.92)
    origin = (width * 0.5, height - 0.56 * scale)
    bright = luminance(coat) > 128
    mane = toned(palette.dark, 70) if bright else mix(coat, palette.dark * 0.4, 0.7)

    def draw(points: list[tuple[float, float]], tone: np.ndarray, steps: int = 4) -> None:
        polygon(image, place(smooth(points, steps), origin, scale, flip), tone)

    draw(_LARGE_NECK, coat * 0.82, 5)
    draw([(0.07, -0.38), (0.1, -0.55), (0.15, -0.4)], coat * 0.7, 3)
    draw(_LARGE_MANE, mane, 5)
    draw(_LARGE_HEAD, coat, 5)
    draw([(0.0, -0.34), (0.0, -0.56), (0.1, -0.4)], coat, 3)
    draw([(0.02, -0.39), (0.02, -0.5), (0.07, -0.4)], coat * 0.55, 3)
    draw([(0.06, -0.44), (0.15, -0.38), (0.19, -0.24), (0.12, -0.3), (0.08, -0.36)], mane, 3)
    draw([(-0.02, -0.16), (0.06, -0.2), (0.12, -0.1), (0.06, -0.03)], coat * 0.85)
    draw([(0.34, 0.02), (0.42, 0.09), (0.425, 0.17), (0.37, 0.22), (0.31, 0.18)], coat * 0.68)
    if chance(rng, 0.4):
        draw([(0.15, -0.36), (0.22, -0.26), (0.36, 0.0), (0.34, 0.02), (0.2, -0.22)], palette.light)
    eye, nostril = place([(0.13, -0.23), (0.385, 0.1)], origin, scale, flip)
    ellipse(image, tuple(eye), (scale * 0.034, scale * 0.026), coat * 0.5)
    ellipse(image, tuple(eye), (scale * 0.022, scale * 0.02), palette.dark * 0.5)
    ellipse(image, tuple(eye - scale * 0.01), (scale * 0.007, scale * 0.007), palette.light)
    ellipse(image, tuple(nostril), (scale * 0.022, scale * 0.014), coat * 0.25, 60 * flip)
    if chance(rng, 0.5):
        strap = toned(palette.accent, 150 if not bright else 70)
        for start, end in (((0.29, -0.17), (0.2, 0.08)), ((0.27, -0.06), (0.0, -0.3))):
            polyline(image, place([start, end], origin, scale, flip), strap, scale * 0.022)
