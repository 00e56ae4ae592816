"""Abstract styles of the hand: colour field and abstract expressionism."""

import numpy as np

from hicalm.world import canvas
from hicalm.world.palettes import Palette
from hicalm.world.styles import surface

FIELDS = (2, 5)  # how many soft rectangles a colour field stacks
FRAME = 0.07  # ground around the fields, fraction of the width and height
DRIPS = (44, 66)  # thrown lines of paint
SWEEPS = (3, 8)  # broad strokes under them


def colour_field(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Stack large soft-edged fields of one colour each over a thin ground."""
    side = min(height, width)
    colours = surface.saturate(surface.spread_colours(palette)[rng.permutation(5)], 1.2)
    # Every other time one field is the palette's dark or light, never more.
    if rng.random() < 0.5:
        colours[1] = palette.dark if rng.random() < 0.6 else palette.light
    image = np.empty((height, width, 3), np.float32)
    image[:] = canvas.mix(colours[0], palette.dark, rng.uniform(0, 0.35))
    count = int(rng.integers(*FIELDS))
    wander = (canvas.cloud_noise(rng, height, width, 10, 3) - 0.5) * side * 0.06
    stain = 0.85 + 0.3 * canvas.cloud_noise(rng, height, width, 4, 4)
    edges = np.cumsum(np.r_[0, rng.uniform(0.5, 1.5, count)])
    edges = FRAME + edges / edges[-1] * (1 - 2 * FRAME)
    for number in range(count):
        top, bottom = edges[number] * height, edges[number + 1] * height
        # One noise serves every field, mirrored in another way each time.
        mirror = (slice(None, None, 1 - number % 2 * 2), slice(None, None, 1 - number // 2 % 2 * 2))
        mask = _soft_field(rng, wander[mirror], top + 0.012 * side, bottom - 0.012 * side)
        tinted = colours[(number + 1) % len(colours)] * stain[mirror][..., None]
        image += (tinted - image) * mask[..., None]
    return surface.weave(rng, image, 4.0)


def _soft_field(
    rng: np.random.Generator, wander: np.ndarray, top: float, bottom: float
) -> np.ndarray:
    """Return the cover of one field, 0..0.94, with an edge softened and moved by ``wander``."""
    height, width = wander.shape
    rows, columns = canvas.pixel_grid(height, width)
    side = min(height, width)
    left, right = width * FRAME, width * (1 - FRAME)
    inside = np.minimum(
        np.minimum(rows - top, bottom - rows), np.minimum(columns - left, right - columns)
    )
    softness = side * rng.uniform(0.012, 0.028)
    return 0.94 * np.clip(0.5 + (inside + wander) / (2.5 * softness), 0, 1)


def abstract_expressionist(
    rng: np.random.Generator, palette: Palette, height: int, width: int
) -> np.ndarray:
    """Throw loops, sweeps and splashes of paint over the whole canvas."""
    ground = (
        palette.light if rng.random() < 0.55 else canvas.mix(palette.sky_low, palette.dark, 0.2)
    )
    stain = 0.9 + 0.2 * canvas.cloud_noise(rng, height, width, 5, 3)
    image = np.clip(ground * stain[..., None], 0, 255).astype(np.uint8)
    colours = surface.saturate(surface.spread_colours(palette), 1.25)
    side = min(height, width)
    for number in range(rng.integers(*SWEEPS)):
        path = _thrown_path(rng, height, width, int(rng.integers(4, 9)), 0.11 * side, 0.35)
        canvas.polyline(image, path, colours[number % 5], side * rng.uniform(0.04, 0.1))
    for number in range(rng.integers(*DRIPS)):
        colour = colours[rng.integers(5)]
        if number % 3 == 0:
            colour = (palette.dark, palette.light)[rng.integers(2)]
        _drip(rng, image, canvas.jitter(rng, colour, 8), side)
    return surface.weave(rng, image.astype(np.float32), 3.0)


def _drip(rng: np.random.Generator, image: np.ndarray, colour: np.ndarray, side: int) -> None:
    """Throw one looping line with a few drops beside it."""
    height, width = image.shape[:2]
    path = _thrown_path(rng, height, width, int(rng.integers(10, 24)), 0.05 * side, 0.65)
    canvas.polyline(image, path, colour, side * rng.choice([0.006, 0.009, 0.013, 0.02]))
    for x, y in path[rng.integers(len(path), size=3)] + rng.normal(0, 0.035 * side, (3, 2)):
        canvas.ellipse(image, (x, y), tuple(rng.uniform(0.004, 0.018, 2) * side), colour)


def _thrown_path(
    rng: np.random.Generator, height: int, width: int, steps: int, pace: float, curl: float
) -> np.ndarray:
    """Return a wandering path of ``steps`` points, (steps, 2)."""
    heading = np.cumsum(rng.normal(0, curl, steps)) + rng.uniform(0, 2 * np.pi)
    moves = np.stack([np.cos(heading), np.sin(heading)], axis=1) * pace
    start = rng.uniform(-0.05, 1.05, 2) * [width, height]
    return np.cumsum(moves, axis=0) + start
