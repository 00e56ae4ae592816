"""Styles made of visible marks: impressionist strokes and pointillist dots."""

import cv2
import numpy as np

from hicalm.world import canvas
from hicalm.world.palettes import Palette
from hicalm.world.styles import stamps, surface

# Both painters' sizes are fractions of the shorter side of the picture.
STROKE_CELL = (0.028, 0.044)
STROKE_JITTER = 0.42
STROKE_RELIEF = 20.0  # brightness of the ridge of paint at a stroke's edge, in 0..255 units
DOT_CELL = (1 / 41, 1 / 27)
CONTRAST = 1.35
MIDDLE = 128.0  # brightness that the mean of a dotted picture is moved towards


def impressionist(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> np.ndarray:
    """Paint with thick directional strokes that follow the contours."""
    side = surface.short_side(image)
    cell = side * rng.uniform(*STROKE_CELL)
    direction = _stroke_directions(rng, image, side)
    picture = surface.saturate(surface.blur(image, 0.005 * side), rng.uniform(1.1, 1.35))
    return surface.weave(rng, _strokes(rng, picture, direction, cell), 4.0)


def _stroke_directions(rng: np.random.Generator, image: np.ndarray, side: int) -> np.ndarray:
    """Return the angle of the strokes at every pixel: along contours, else a wandering field."""
    height, width = image.shape[:2]
    light = surface.blur(surface.grey(image), 0.022 * side)
    slope_x = cv2.Sobel(light, cv2.CV_32F, 1, 0)
    slope_y = cv2.Sobel(light, cv2.CV_32F, 0, 1)
    wander = canvas.cloud_noise(rng, height, width, 3, 1) - 0.5
    field = rng.uniform(-0.9, 0.9) + wander * rng.uniform(1.0, 4.0)
    steep = np.hypot(slope_x, slope_y) * side / 160 > 16
    return np.where(steep, np.arctan2(slope_x, -slope_y), field).astype(np.float32)


def _strokes(
    rng: np.random.Generator, picture: np.ndarray, direction: np.ndarray, cell: float
) -> np.ndarray:
    """Cover the picture with strokes of its own colours, each with bristles and a ridge."""
    height, width = picture.shape[:2]
    grid = stamps.mark_grid(rng, height, width, cell, STROKE_JITTER)
    angle = stamps.sample(direction, grid) + rng.normal(0, 0.22, grid.x.shape)
    half_length = grid.cell * rng.uniform(0.85, stamps.REACH - STROKE_JITTER, grid.x.shape)
    half_width = grid.cell * rng.uniform(0.36, 0.56, grid.x.shape)
    colours = surface.chroma_noise(rng, stamps.sample(picture, grid), 16, 11)
    marks = stamps.lay_marks(rng, grid, angle, half_length, half_width, blunt=True)
    painted = stamps.colour_marks(picture, colours, marks, 0.35)
    bristles = np.sin(marks.across * 7 + (marks.number % 7).astype(np.float32)) * 5
    relief = (bristles + marks.across * STROKE_RELIEF) * (marks.number >= 0)
    return painted - relief[..., None]


def pointillist(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> np.ndarray:
    """Paint with separate round dots of broken colour on a light ground."""
    side = surface.short_side(image)
    cell = side * rng.uniform(*DOT_CELL)
    picture = surface.saturate(surface.blur(image, 0.2 * cell), 1.4)
    # The light ground takes contrast away: give it back beforehand.
    mean = picture.mean()
    level = mean + (MIDDLE - mean) * 0.4
    picture = np.clip((picture - mean) * CONTRAST + level, palette.dark * 0.8, 255)
    height, width = image.shape[:2]
    grid = stamps.mark_grid(rng, height, width, cell, rng.uniform(0.12, 0.26), brick=True)
    colours = _broken_colours(rng, stamps.sample(picture, grid), palette)
    radius = grid.cell * rng.uniform(0.44, 0.53, grid.x.shape)
    marks = stamps.lay_marks(rng, grid, 0.0, radius, radius)
    ground = canvas.mix(canvas.mix(palette.light, np.float32(255), 0.35), picture, 0.3)
    return stamps.colour_marks(ground, colours, marks, 2.2 / grid.cell)


def _broken_colours(rng: np.random.Generator, colours: np.ndarray, palette: Palette) -> np.ndarray:
    """Return the dots' colours, some of them exchanged for a neighbouring palette colour."""
    roles = surface.saturate(surface.spread_colours(palette), 1.2)
    strangers = roles[rng.integers(len(roles), size=colours.shape[:2])]
    # A stranger keeps most of the brightness of the place, so that shapes stay readable.
    shift = (surface.grey(colours) - surface.grey(strangers))[..., None] * 0.9
    exchanged = rng.random((*colours.shape[:2], 1)) < rng.uniform(0.06, 0.18)
    mixed = np.where(exchanged, strangers + shift, colours)
    return surface.chroma_noise(rng, mixed, 10, 12)
