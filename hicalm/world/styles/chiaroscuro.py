"""Chiaroscuro: the subject in one strong light, the rest in varnished shadow."""

import numpy as np

from hicalm.world import canvas
from hicalm.world.palettes import Palette
from hicalm.world.styles import stamps, surface

SPOT = (0.38, 0.5)  # radius of the light, fraction of the sides
LIT_BRIGHTNESS = 135.0  # mean brightness that the lamp aims at, 0..255
CRACKLE_CELL = (0.05, 0.085)  # side of a flake of varnish, fraction of the shorter side


def chiaroscuro(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> np.ndarray:
    """Light the picture by one lamp, sink the rest in the palette's dark, and age the varnish."""
    height, width = image.shape[:2]
    side = min(height, width)
    smooth = surface.saturate(surface.blur(image, 0.006 * side), 1.2)
    lamp = _lamp(rng, height, width)[..., None]
    light = surface.grey(smooth)
    bright = np.quantile(light[::2, ::2], 0.97) + 1
    # Dark pictures get a brighter lamp, or their subject would drown.
    seen = (light * lamp[..., 0]).sum() / lamp.sum()
    gain = np.clip(min(LIT_BRIGHTNESS / (seen + 1), 245 / bright), 0.95, 1.9)
    # A steeper tone curve: shadows fall, lights stay, the hue is kept.
    contrast = (np.clip(light / bright, 0, 1) ** 0.5)[..., None] * gain
    shadow = palette.dark * 0.24
    glaze = canvas.mix(palette.dark, palette.accent, 0.35) / 255
    lit = smooth * contrast * (0.88 + 0.2 * glaze)
    painted = canvas.mix(shadow, lit, lamp)
    canvas.blend(painted, palette.dark * 0.12, 0.38 * _crackle(rng, height, width, side))
    return surface.weave(rng, painted, 3.0)


def _lamp(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return the light at each place, 0..1.1: a tilted oval with a soft fall."""
    rows, columns = canvas.pixel_grid(height, width)
    x, y = rng.uniform(0.38, 0.62) * width, rng.uniform(0.38, 0.58) * height
    tilt, radius = rng.uniform(-0.7, 0.7), rng.uniform(*SPOT)
    dx, dy = (columns - x) / width, (rows - y) / height
    along = dx * np.cos(tilt) + dy * np.sin(tilt)
    across = dy * np.cos(tilt) - dx * np.sin(tilt)
    distance = np.sqrt(along**2 + (across * rng.uniform(1.0, 1.25)) ** 2) / radius
    return (0.07 + 1.03 / (1 + np.exp((distance - 1.0) * 5.5))).astype(np.float32)


def _crackle(rng: np.random.Generator, height: int, width: int, side: int) -> np.ndarray:
    """Return the cracks between flakes of varnish, 0..1."""
    cell = side * rng.uniform(*CRACKLE_CELL)
    grid = stamps.mark_grid(rng, height, width, cell, 0.45)
    flakes = stamps.nearest_mark(grid)
    cracks = np.zeros((height, width), np.float32)
    cracks[1:] = flakes[1:] != flakes[:-1]
    cracks[:, 1:] = np.maximum(cracks[:, 1:], flakes[:, 1:] != flakes[:, :-1])
    worn = canvas.cloud_noise(rng, height, width, 4, 2)
    return cracks * np.clip((worn - 0.3) * 4, 0, 1)
