"""Parts that several subjects share: smooth outlines, skies, suns, water, round things, flowers.

All lengths are pixels and follow from ``min(height, width)``; all angles are radians unless a
docstring says degrees.
"""

import math
from functools import lru_cache

import cv2
import numpy as np

from hicalm.world.canvas import (
    Points,
    cloud_noise,
    ellipse,
    gradient,
    jitter,
    mix,
    pixel_grid,
    polygon,
    turn,
)
from hicalm.world.palettes import Palette

_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)


def luminance(colour: np.ndarray) -> float:
    """Return the brightness of an RGB colour, 0..255."""
    return float(np.dot(colour, _LUMINANCE))


def toned(colour: np.ndarray, brightness: float) -> np.ndarray:
    """Return the colour moved towards black or white until its luminance is ``brightness``.

    A motif must stand out in every palette by light and dark alone, so painters fix the
    brightness of their main areas and leave only the hue to the palette.
    """
    now = luminance(colour)
    if brightness <= now:
        return colour * (brightness / max(now, 1.0))
    return mix(colour, np.full(3, 255, np.float32), (brightness - now) / max(255 - now, 1.0))


def pick(rng: np.random.Generator, colours: list[np.ndarray]) -> np.ndarray:
    """Return one of the colours."""
    return colours[int(rng.integers(len(colours)))]


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Return True with the given probability."""
    return bool(rng.random() < probability)


def smooth(points: Points, steps: int = 6) -> np.ndarray:
    """Return the closed Catmull-Rom curve through ``points`` (n, 2), (n * steps, 2)."""
    knots = np.asarray(points, np.float64)
    before, after, second = np.roll(knots, 1, 0), np.roll(knots, -1, 0), np.roll(knots, -2, 0)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (array[:, None] for array in (before, knots, after, second))
    curve = (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    ) / 2
    return curve.reshape(-1, 2)


def place(
    points: Points, origin: tuple[float, float], scale: float, flip: int = 1, angle: float = 0.0
) -> np.ndarray:
    """Turn, scale, mirror (``flip`` -1) and move a shape given in its own units, (n, 2)."""
    moved = turn(points, angle) * scale
    moved[:, 0] *= flip
    return moved + np.asarray(origin, np.float64)


def lines(image: np.ndarray, segments: np.ndarray, colour: np.ndarray, thickness: float) -> None:
    """Draw many open lines of one colour at once; ``segments`` (k, n, 2)."""
    fixed = np.round(np.asarray(segments) * 16).astype(np.int32)
    tone = tuple(float(channel) for channel in np.clip(colour, 0, 255))
    width = max(1, round(thickness))
    cv2.polylines(image, list(fixed), False, tone, width, cv2.LINE_AA, 4)


def limb(image: np.ndarray, points: Points, widths: list[float], colour: np.ndarray) -> None:
    """Draw a tapering, jointed limb along ``points`` (n, 2) of full width ``widths`` (n)."""
    joints = np.asarray(points, np.float64)
    for start, end, first, last in zip(joints, joints[1:], widths, widths[1:], strict=False):
        along = end - start
        across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6) / 2
        corners = [start + across * first, end + across * last]
        corners += [end - across * last, start - across * first]
        polygon(image, corners, colour)
    for joint, width in zip(joints[1:-1], widths[1:-1], strict=True):
        ellipse(image, tuple(joint), (width / 2, width / 2), colour)


def lay(image: np.ndarray, colour: np.ndarray, mask: np.ndarray) -> None:
    """Lay ``colour`` over the image where ``mask`` (height, width), 0..1, says.

    The same as ``canvas.blend``; three times as fast, for masks that cover much of a picture.
    """
    alpha = cv2.merge([mask.astype(np.float32)] * 3)
    tone = tuple(float(channel) for channel in colour)
    # OpenCV's stubs leave out that one colour may stand for a picture
    image -= cv2.subtract(image, (*tone, 0.0)) * alpha  # type: ignore[call-overload]


def sky(
    rng: np.random.Generator, palette: Palette, height: int, width: int, clouded: float = 0.6
) -> np.ndarray:
    """Return a day or evening sky over the whole picture, (height, width, 3)."""
    top, low = jitter(rng, palette.sky_top), jitter(rng, palette.sky_low)
    hour = rng.random()
    if hour < 0.2:
        top = mix(top, palette.dark, 0.35)
    elif hour < 0.4:
        top, low = mix(top, palette.light, 0.35), mix(low, palette.light, 0.35)
    elif hour < 0.5:
        top, low = low, mix(top, palette.light, 0.25)
    image = gradient(height, width, top, low)
    if chance(rng, clouded):
        clouds(rng, image, palette)
    return image


def clouds(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> None:
    """Lay light clouds over the upper half: heaped ones or long streaks."""
    height, width = image.shape[:2]
    reach = height * 5 // 8
    if chance(rng, 0.5):
        heap = cloud_noise(rng, reach, width, 3, 4)
    else:
        heap = cv2.resize(cloud_noise(rng, 64, 32, 4, 3), (width, reach))
    fade = np.clip(np.linspace(1.6, 0, reach, dtype=np.float32), 0, 1)[:, None]
    mask = np.clip((heap - rng.uniform(0.48, 0.58)) * 5, 0, 1) * fade * rng.uniform(0.5, 0.9)
    lay(image[:reach], palette.light, mask)


def sun(image: np.ndarray, centre: tuple[float, float], radius: float, palette: Palette) -> None:
    """Draw a low sun with its glow."""
    rows, columns = pixel_grid(*image.shape[:2])
    top, end = max(0, int(centre[1] - 5 * radius)), int(centre[1] + 5 * radius)
    squared = (columns[top:end] - centre[0]) ** 2 + (rows[top:end] - centre[1]) ** 2
    halo = 0.55 * np.exp(squared / -((radius * 2.6) ** 2))
    lay(image[top:end], mix(palette.accent, palette.light, 0.4), halo)
    ellipse(image, centre, (radius, radius), mix(palette.light, palette.accent, 0.25))


def water(
    rng: np.random.Generator, image: np.ndarray, horizon: int, palette: Palette, dashes: int = 70
) -> None:
    """Fill everything under ``horizon`` (a row) with water and glinting horizontal dashes."""
    height, width = image.shape[:2]
    near = toned(mix(palette.ground, palette.dark, 0.3), rng.uniform(45, 85))
    far = toned(mix(palette.ground, palette.sky_low, 0.3), rng.uniform(95, 150))
    image[horizon:] = gradient(height - horizon, width, far, near)
    share = rng.random(dashes) ** 0.8
    rows = horizon + (height - horizon) * share
    starts = rng.random(dashes) * width
    lengths = width * (0.02 + 0.13 * share * rng.random(dashes))
    segments = np.stack(
        [np.stack([starts, rows], 1), np.stack([starts + lengths, rows], 1)], axis=1
    )
    tones = (mix(far, palette.light, 0.6), mix(near, palette.dark, 0.6), palette.sky_low)
    for group, tone in enumerate(tones):
        lines(image, segments[group::3], tone, width * 0.008)


def ball(
    image: np.ndarray,
    centre: tuple[float, float],
    radii: tuple[float, float],
    colour: np.ndarray,
    palette: Palette,
    side: int = -1,
) -> None:
    """Draw a round body lit from the left (``side`` -1) or the right (1)."""
    x, y = centre
    wide, high = radii
    ellipse(image, centre, radii, colour * 0.5)
    for step in (0.1, 0.3, 0.5, 0.7):
        tone = mix(colour * (0.68 + 0.45 * step), palette.light, 0.22 * step)
        middle = (x + side * wide * 0.38 * step, y - high * 0.4 * step)
        ellipse(image, middle, (wide * (1 - step * 0.8), high * (1 - step * 0.8)), tone)
    spot = (x + side * wide * 0.34, y - high * 0.38)
    ellipse(image, spot, (wide * 0.14, high * 0.11), palette.light)


def rosette(
    image: np.ndarray,
    centre: tuple[float, float],
    radius: float,
    colour: np.ndarray,
    petals: int,
    start: float,
    depth: float = 0.3,
) -> None:
    """Fill a flower-like outline of ``petals`` lobes that cut in by ``depth`` of the radius."""
    outline = turn(_lobes(petals, depth), start) * radius
    polygon(image, outline + np.asarray(centre), colour)


@lru_cache(maxsize=64)
def _lobes(petals: int, depth: float) -> np.ndarray:
    angles = np.linspace(0, 2 * math.pi, petals * 6, endpoint=False)
    reach = 1 - depth * (1 - np.abs(np.cos(angles * petals / 2)))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None]


def flower(
    rng: np.random.Generator,
    image: np.ndarray,
    centre: tuple[float, float],
    radius: float,
    colour: np.ndarray,
    palette: Palette,
    kind: int,
) -> None:
    """Draw an open blossom: 0 a daisy, 1 a rose, 2 a sunflower, 3 a poppy."""
    start = rng.random() * 6.28
    petals = (8, 5, 13, 4)[kind]
    rosette(image, centre, radius * 1.06, mix(colour, palette.dark, 0.55), petals, start, 0.5)
    rosette(image, centre, radius * 0.95, colour, petals, start, (0.6, 0.2, 0.45, 0.25)[kind])
    if kind == 1:
        for share, depth in ((0.68, 0.3), (0.5, 0.0), (0.32, 0.45)):
            swirl = mix(colour, palette.dark, depth)
            rosette(image, centre, radius * share, swirl, 5, start + share * 3, 0.25)
        return
    heart = (0.3, 0, 0.52, 0.3)[kind] * radius
    tone = mix(palette.sky_low, palette.light, 0.3) if kind == 0 else palette.dark
    ellipse(image, centre, (heart, heart), tone)
    ellipse(image, centre, (heart * 0.5, heart * 0.5), mix(tone, palette.accent, 0.5))


def foliage(
    rng: np.random.Generator,
    image: np.ndarray,
    centre: tuple[float, float],
    radii: tuple[float, float],
    colour: np.ndarray,
    blobs: int = 9,
) -> None:
    """Draw a leafy crown as overlapping blobs, dark at the back and bright on top."""
    spread = rng.normal(0, 0.38, (blobs, 2))
    order = np.linspace(0, 1, blobs)
    for (dx, dy), share in zip(spread, order, strict=True):
        middle = (centre[0] + dx * radii[0], centre[1] + (dy + 0.2 - 0.4 * share) * radii[1])
        size = 0.62 - 0.32 * share
        ellipse(image, middle, (radii[0] * size, radii[1] * size), colour * (0.6 + 0.6 * share))


def speckle(
    rng: np.random.Generator, image: np.ndarray, amount: float = 0.12, cells: int = 12
) -> None:
    """Vary the brightness of the whole picture gently, so that plain areas look painted."""
    height, width = image.shape[:2]
    noise = cloud_noise(rng, height, width, cells, 2)
    image *= cv2.merge([1 + amount * (noise - 0.5) * 2] * 3)


def depth_below(edge: np.ndarray, top: int, end: int) -> np.ndarray:
    """Return how many pixels each pixel of the rows ``top`` to ``end`` lies under a skyline.

    ``edge`` (width,) gives the row of the skyline in every column; the result is float32
    (end - top, width), negative above it.
    """
    rows = np.arange(top, end, dtype=np.float32)[:, None]
    return rows - edge[None, :].astype(np.float32)
