"""Styles of water on paper: watercolour and ink wash."""

import numpy as np

from hicalm.world import canvas
from hicalm.world.palettes import Palette
from hicalm.world.styles import surface

WATERCOLOUR_PAPER = np.array([252, 250, 244], np.float32)
BORDER = (0.045, 0.085)  # width of the unpainted border, fraction of the shorter side
INK_PAPER = np.array([241, 235, 220], np.float32)
INK_COLOUR = (0.45, 0.7)  # how much of the picture's own colour an ink wash keeps


def watercolour(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> np.ndarray:
    """Lay pale washes with dark rims and blooms on white paper, inside a ragged border."""
    height, width = image.shape[:2]
    side = min(height, width)
    wet = surface.displace(rng, image, side * rng.uniform(0.012, 0.028), 9)
    wet = surface.blur(wet, 0.006 * side)
    # Pigment gathers at the rim of a wash: darker just inside an edge.
    rims = np.clip(surface.blur(wet, 0.02 * side) - wet, -12, 60)
    wet = surface.saturate(wet - rims * 1.3, 1.35)
    density = rng.uniform(0.52, 0.66) + 0.6 * (canvas.cloud_noise(rng, height, width, 4, 4) - 0.3)
    density = density - _blooms(rng, height, width, side)
    density *= _ragged_border(rng, height, width, side)
    grain = rng.standard_normal((height, width), np.float32) * 4
    density = np.clip(density, 0, 1)[..., None]
    return WATERCOLOUR_PAPER - (WATERCOLOUR_PAPER - wet) * density + grain[..., None]


def _blooms(rng: np.random.Generator, height: int, width: int, side: int) -> np.ndarray:
    """Return how much pigment drops of water have pushed away: pale discs with dark rims."""
    rows, columns = canvas.pixel_grid(height, width)
    ragged = (canvas.cloud_noise(rng, height, width, 12, 2) - 0.5) * 0.5
    pushed = np.zeros((height, width), np.float32)
    for _ in range(rng.integers(2, 6)):
        x, y = rng.uniform(0.1, 0.9, 2) * [width, height]
        radius = side * rng.uniform(0.06, 0.15)
        distance = np.hypot(columns - np.float32(x), rows - np.float32(y)) / radius + ragged
        pushed += 0.24 * (distance < 1) * distance**2
        pushed -= 0.13 * np.exp(-(((distance - 1) / 0.09) ** 2))
    return pushed


def _ragged_border(rng: np.random.Generator, height: int, width: int, side: int) -> np.ndarray:
    """Return 1 where there is paint and 0 on the bare paper around it."""
    rows, columns = canvas.pixel_grid(height, width)
    to_edge = np.minimum(
        np.minimum(columns, width - 1 - columns), np.minimum(rows, height - 1 - rows)
    )
    ragged = (canvas.cloud_noise(rng, height, width, 9, 3) - 0.5) * rng.uniform(0.1, 0.18)
    inside = to_edge / side - rng.uniform(*BORDER) + ragged
    return np.clip(inside * 45 + 0.5, 0, 1)


def ink_wash(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> np.ndarray:
    """Brush tinted ink on absorbent paper: dark tones, dry contours, mist and a red seal."""
    height, width = image.shape[:2]
    side = min(height, width)
    wet = surface.displace(rng, image, side * 0.018, 14)
    light = surface.grey(wet)
    tone, night = _ink_tone(light)
    cloud = canvas.cloud_noise(rng, height, width, 6, 4)
    wash = surface.blur(
        tone * (0.62 + 0.4 * night + (0.75 - 0.35 * night) * (cloud - 0.2)), 0.009 * side
    )
    wash *= canvas.mix(_mist(rng, height, width), 1, 0.7 * night)
    strokes = _dry_contours(rng, wet, side)
    cover = np.clip(np.maximum(wash, strokes), 0, 1)[..., None]
    painted = INK_PAPER - (INK_PAPER - _ink_colours(rng, wet, palette)) * cover
    painted += ((canvas.cloud_noise(rng, height, width, 30, 2) - 0.5) * 12)[..., None]
    x = width * (rng.uniform(0.82, 0.88) if rng.random() < 0.6 else rng.uniform(0.05, 0.1))
    surface.seal(rng, painted, (x, height * rng.uniform(0.78, 0.86)), side * 0.085)
    return painted


def _ink_tone(light: np.ndarray) -> tuple[np.ndarray, float]:
    """Return how much ink each place gets, 0..1, and how much of a night it is, 0..1.

    The light part of the picture stays paper.

    A dark picture keeps only its lights as paper, so that a night stays a night.
    """
    darkest, median = np.quantile(light[::2, ::2], (0.03, 0.5))
    night = float(np.interp(median, (55, 112), (1, 0)))
    brightest = np.quantile(light[::2, ::2], 0.72 + 0.265 * night)
    tone = np.clip((brightest - light) / (brightest - darkest + 1), 0, 1)
    return tone ** (1.15 - 0.55 * night), night


def _mist(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return a soft mask that leaves empty paper at the top or the bottom and a band of mist."""
    rows, _ = canvas.pixel_grid(height, width)
    wave = (canvas.cloud_noise(rng, height, width, 3, 2) - 0.5) * 0.35
    place = rows / height + wave
    middle, reach = rng.uniform(0, 1), rng.uniform(0.06, 0.12)
    band = 1 - 0.7 * np.exp(-(((place - middle) / reach) ** 2))
    ends = np.clip((place - 0.01) * 9, 0, 1) * np.clip((0.99 - place) * 9, 0, 1)
    return band * (0.25 + 0.75 * ends)


def _dry_contours(rng: np.random.Generator, image: np.ndarray, side: int) -> np.ndarray:
    """Return brush lines along the contours, here wet and there dry, 0..1."""
    lines = surface.contours(image, side * rng.uniform(0.009, 0.016))
    height, width = image.shape[:2]
    dry = canvas.cloud_noise(rng, height, width, 16, 2)
    return lines * np.clip((dry - 0.2) * 3, 0.15, 0.95)


def _ink_colours(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> np.ndarray:
    """Return the ink at each place: one hue of the palette, tinted by the picture's own."""
    hue = (palette.sky_top, palette.second, palette.ground)[rng.integers(3)]
    ink = canvas.mix(palette.dark, hue, 0.3) * 0.7
    own = image - surface.grey(image)[..., None]
    return np.clip(ink + own * rng.uniform(*INK_COLOUR), 0, 255)
