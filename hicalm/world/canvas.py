"""Drawing primitives on a float32 RGB image of shape (height, width, 3), values 0..255.

Coordinates are pixels (x to the right, y down) and may be fractions: shapes are drawn
anti-aliased with four fractional bits. Every function that draws changes ``image`` in place.
"""

import math
from functools import lru_cache

import cv2
import numpy as np

cv2.setNumThreads(1)  # pictures are small: threads cost more than they save

_FRACTION_BITS = 4
_SCALE = 1 << _FRACTION_BITS
Points = np.ndarray | list
Number = np.ndarray | np.floating | float  # one for all, or one for each pixel and channel


def _colour(colour: np.ndarray) -> tuple[float, ...]:
    return tuple(float(channel) for channel in np.clip(colour, 0, 255))


def _fixed(points: Points) -> np.ndarray:
    return np.round(np.asarray(points, np.float64) * _SCALE).astype(np.int32)


def mix(first: np.ndarray, second: Number, share: Number) -> np.ndarray:
    """Return the colour between ``first`` (share 0) and ``second`` (share 1)."""
    return first * (1 - share) + second * share


def jitter(rng: np.random.Generator, colour: np.ndarray, amount: float = 12.0) -> np.ndarray:
    """Return the colour with normal noise of the given standard deviation on all channels alike
    and a third of it on each, clipped to 0..255 (so that a grey stays nearly grey)."""
    noise = rng.normal(0, amount, 1) + (rng.normal(0, amount / 3, 3) if np.ptp(colour) > 8 else 0)
    return np.clip(colour + noise, 0, 255)


@lru_cache(maxsize=64)
def pixel_grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the y and x coordinate of every pixel, float32 (height, width) each; do not write."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    rows.flags.writeable = columns.flags.writeable = False
    return rows, columns


def gradient(height: int, width: int, top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Return a new image that runs from ``top`` to ``bottom``."""
    share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    return np.repeat((top * (1 - share) + bottom * share).astype(np.float32), width, axis=1)


def cloud_noise(
    rng: np.random.Generator, height: int, width: int, cells: int = 8, octaves: int = 3
) -> np.ndarray:
    """Return smooth noise of about 0..1, float32 (height, width); ``cells`` bumps across."""
    total, weight, result = 0.0, 1.0, np.zeros((height, width), np.float32)
    for octave in range(octaves):
        count = max(2, cells * 2**octave)
        coarse = rng.random((count, count), dtype=np.float32)
        result += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        total, weight = total + weight, weight / 2
    return result / total


def blend(image: np.ndarray, colour: np.ndarray, mask: np.ndarray) -> None:
    """Lay ``colour`` over the image where ``mask`` (height, width), 0..1, says."""
    image += (np.asarray(colour, np.float32) - image) * mask[..., None].astype(np.float32)


def polygon(image: np.ndarray, points: Points, colour: np.ndarray) -> None:
    """Fill a polygon; ``points`` (n, 2)."""
    cv2.fillPoly(image, [_fixed(points)], _colour(colour), cv2.LINE_AA, _FRACTION_BITS)


def polyline(image: np.ndarray, points: Points, colour: np.ndarray, thickness: float = 1) -> None:
    """Draw an open line through ``points`` (n, 2)."""
    width = max(1, round(thickness))
    cv2.polylines(
        image, [_fixed(points)], False, _colour(colour), width, cv2.LINE_AA, _FRACTION_BITS
    )


def line(
    image: np.ndarray,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: np.ndarray,
    thickness: float = 1,
) -> None:
    """Draw a straight line."""
    polyline(image, [start, end], colour, thickness)


def ellipse(
    image: np.ndarray,
    centre: tuple[float, float],
    radii: tuple[float, float],
    colour: np.ndarray,
    angle: float = 0.0,
    thickness: float = 0,
) -> None:
    """Fill an ellipse turned by ``angle`` degrees, or outline it with ``thickness`` > 0."""
    middle = tuple(round(value * _SCALE) for value in centre)
    axes = tuple(max(1, round(abs(value) * _SCALE)) for value in radii)
    width = -1 if thickness <= 0 else max(1, round(thickness))
    cv2.ellipse(
        image, middle, axes, angle, 0, 360, _colour(colour), width, cv2.LINE_AA, _FRACTION_BITS
    )


def fill_below(image: np.ndarray, line_points: Points, colour: np.ndarray) -> None:
    """Fill everything under a line that runs from the left edge to the right edge."""
    height, width = image.shape[:2]
    corners = np.array([[width, height], [0, height]], np.float64)
    polygon(image, np.vstack([line_points, corners]), colour)


def ridge(
    rng: np.random.Generator, width: float, base: float, amplitude: float, roughness: float = 0.55
) -> np.ndarray:
    """Return a mountain-like line by midpoint displacement, (129, 2) points across ``width``."""
    count = 129
    heights = np.zeros(count)
    heights[[0, -1]] = rng.normal(0, 0.3, 2) * amplitude
    step = count - 1
    while step > 1:
        middles = np.arange(step // 2, count, step)
        around = (heights[middles - step // 2] + heights[middles + step // 2]) / 2
        heights[middles] = around + rng.normal(0, amplitude, len(middles))
        amplitude *= roughness
        step //= 2
    return np.stack([np.linspace(0, width, count), base + heights], axis=1)


def turn(points: Points, angle: float) -> np.ndarray:
    """Return ``points`` (n, 2) turned about the origin by ``angle`` radians."""
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.asarray(points, np.float64) @ np.array([[cosine, sine], [-sine, cosine]])
