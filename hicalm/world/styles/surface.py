"""What several styles share: supports (canvas, paper), tone and edges of a picture."""

import cv2
import numpy as np

from hicalm.world import canvas
from hicalm.world.palettes import Palette

LUMINANCE = np.array([0.3, 0.59, 0.11], np.float32)
SEAL_RED = np.array([184, 38, 30], np.float32)


def short_side(image: np.ndarray) -> int:
    """Return the shorter side of a picture in pixels: every texture is a fraction of it."""
    return min(image.shape[:2])


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Return the picture blurred by ``sigma`` pixels."""
    return cv2.GaussianBlur(image, (0, 0), max(sigma, 0.3))


def grey(image: np.ndarray) -> np.ndarray:
    """Return the luminance, float32 (height, width), 0..255."""
    return image @ LUMINANCE


def saturate(colours: np.ndarray, factor: float) -> np.ndarray:
    """Move colours (..., 3) away from their own grey by ``factor``, within 0..255."""
    middle = (colours @ LUMINANCE)[..., None]
    return np.clip(middle + (colours - middle) * factor, 0, 255).astype(np.float32)


def chroma_noise(
    rng: np.random.Generator, colours: np.ndarray, brightness: float, hue: float
) -> np.ndarray:
    """Return colours (..., 3) with noise in brightness and, where there is colour, in hue."""
    colourful = np.clip(np.ptp(colours, axis=-1, keepdims=True) / 30, 0, 1)
    shape = colours.shape
    noise = rng.standard_normal((*shape[:-1], 1), np.float32) * brightness
    noise = noise + rng.standard_normal(shape, np.float32) * hue * colourful
    return np.clip(colours + noise, 0, 255).astype(np.float32)


def weave(rng: np.random.Generator, image: np.ndarray, strength: float = 5.0) -> np.ndarray:
    """Return the picture with the thread pattern of a canvas, about 90 threads across."""
    rows, columns = canvas.pixel_grid(*image.shape[:2])
    pitch = 2 * np.pi * 90 / short_side(image)
    threads = np.sin(columns * pitch) * np.sin(rows * pitch) * strength / 2
    grain = rng.standard_normal(image.shape[:2], np.float32) * strength / 3
    return image + (threads + grain)[..., None]


def displace(
    rng: np.random.Generator, image: np.ndarray, reach: float, cells: int = 10
) -> np.ndarray:
    """Return the picture with wandering contours: pixels moved by up to ``reach`` pixels."""
    height, width = image.shape[:2]
    rows, columns = canvas.pixel_grid(height, width)
    moves = [(canvas.cloud_noise(rng, height, width, cells, 2) - 0.5) * 2 * reach for _ in range(2)]
    return cv2.remap(
        image, columns + moves[0], rows + moves[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def contours(image: np.ndarray, thickness: float) -> np.ndarray:
    """Return soft outlines of the shapes in a picture, float32 (height, width), 0..1.

    The threshold follows the picture's own contrast, so that pale palettes get outlines too and
    gradients do not.
    """
    side = max(2, round(thickness) + 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    gradient = cv2.morphologyEx(image.astype(np.uint8), cv2.MORPH_GRADIENT, kernel)
    steps = cv2.max(cv2.max(gradient[..., 0], gradient[..., 1]), gradient[..., 2])
    threshold = np.clip(np.quantile(steps[::2, ::2], 0.86), 16, 44)
    ink = blur((steps > threshold).astype(np.float32), 0.32 * thickness)
    return np.clip((ink - 0.25) * 2.2, 0, 1)


def spread_colours(palette: Palette) -> np.ndarray:
    """Return the roles that carry a palette's character, most telling first, float32 (5, 3)."""
    return np.stack(
        [palette.accent, palette.sky_top, palette.second, palette.ground, palette.sky_low]
    )


def seal(
    rng: np.random.Generator, image: np.ndarray, corner: tuple[float, float], side: float
) -> None:
    """Stamp a red seal with light strokes; ``corner`` is its top left, in pixels."""
    x, y = corner
    colour = canvas.jitter(rng, SEAL_RED, 8)
    canvas.polygon(image, [[x, y], [x + side, y], [x + side, y + side], [x, y + side]], colour)
    for share in (0.28, 0.5, 0.72):
        start, end = rng.uniform(0.15, 0.35), rng.uniform(0.65, 0.85)
        canvas.line(
            image,
            (x + side * start, y + side * share),
            (x + side * end, y + side * share),
            np.array([244, 226, 205], np.float32),
            side * 0.08,
        )
