"""Cubism: the picture broken into large shaded facets with dark edges."""

import cv2
import numpy as np

from hicalm.world import canvas
from hicalm.world.palettes import Palette
from hicalm.world.styles import surface

CUTS = (6, 9)  # straight cuts through the picture; n cuts make up to 1 + n(n+1)/2 facets
SHIFT = 0.028  # standard deviation of a facet's shift, fraction of the shorter side
SCALE = (0.9, 1.1)  # how much a facet shrinks or enlarges what it shows
TINTED_FACETS = 0.3  # share of the facets that lean towards a colour of the palette
EDGE = 0.009  # half the thickness of an edge, fraction of the shorter side


def cubist(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> np.ndarray:
    """Cut the picture by straight lines, shift and shade every facet, and draw the cuts."""
    distances = _cuts(rng, *image.shape[:2])
    sides = (distances > 0).astype(np.int32)
    facet = np.tensordot(1 << np.arange(len(distances)), sides, axes=1)
    broken = _shift_facets(rng, image, facet, len(distances))
    shaded = _shade_facets(rng, broken, facet, distances, palette)
    edge = EDGE * surface.short_side(image) * rng.uniform(0.6, 1.3)
    ink = np.clip(1.4 - np.abs(distances).min(axis=0) / edge, 0, 0.85)
    canvas.blend(shaded, palette.dark * 0.6, ink)
    return surface.weave(rng, shaded, 5.0)


def _cuts(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return every pixel's signed distance to each cut in pixels, (cuts, height, width)."""
    count = int(rng.integers(*CUTS))
    rows, columns = canvas.pixel_grid(height, width)
    # Angles spread over the half circle: parallel cuts would leave stripes.
    angles = (np.arange(count) + rng.uniform(-0.4, 0.4, count)) * np.pi / count + rng.uniform(0, 3)
    x, y = rng.uniform(0.12, 0.88, count) * width, rng.uniform(0.12, 0.88, count) * height
    cos, sin = (f(angles).astype(np.float32)[:, None, None] for f in (np.cos, np.sin))
    offset = (x * np.cos(angles) + y * np.sin(angles)).astype(np.float32)[:, None, None]
    return columns * cos + rows * sin - offset


def _shift_facets(
    rng: np.random.Generator, image: np.ndarray, facet: np.ndarray, cuts: int
) -> np.ndarray:
    height, width = image.shape[:2]
    side = min(height, width)
    rows, columns = canvas.pixel_grid(height, width)
    facets = 1 << cuts
    scale = rng.uniform(*SCALE, facets).astype(np.float32)[facet]
    shift_x, shift_y = rng.normal(0, SHIFT * side, (2, facets)).astype(np.float32)
    source_x = (columns - width / 2) * scale + width / 2 + shift_x[facet]
    source_y = (rows - height / 2) * scale + height / 2 + shift_y[facet]
    return cv2.remap(image, source_x, source_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _shade_facets(
    rng: np.random.Generator,
    image: np.ndarray,
    facet: np.ndarray,
    distances: np.ndarray,
    palette: Palette,
) -> np.ndarray:
    """Shade each facet from one of its cuts inwards, and tint some."""
    cuts, facets = len(distances), 1 << len(distances)
    side = surface.short_side(image)
    which = rng.integers(cuts, size=facets)[facet]
    inward = np.abs(np.take_along_axis(distances, which[None], axis=0)[0]) / (0.2 * side)
    # Facets darken more than they brighten, or pale palettes would burn out.
    darkens = rng.random(facets) < 0.6
    strength = np.where(darkens, -rng.uniform(0.25, 0.6, facets), rng.uniform(0.08, 0.22, facets))
    strength = strength.astype(np.float32)
    shade = 1 + strength[facet] * (0.75 - np.clip(inward, 0, 1.5))
    roles = surface.spread_colours(palette)
    tints = roles[rng.integers(len(roles), size=facets)]
    weight = rng.uniform(0.15, 0.4, facets) * (rng.random(facets) < TINTED_FACETS)
    weight = weight.astype(np.float32)[facet][..., None]
    return np.clip(canvas.mix(image, tints[facet], weight) * shade[..., None], 0, 255)
