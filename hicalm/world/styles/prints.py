"""Styles of the printing press: the ukiyo-e woodblock and the pop art screen print."""

import cv2
import numpy as np

from hicalm.world import canvas
from hicalm.world.palettes import Palette
from hicalm.world.styles import surface

CREAM = np.array([243, 230, 202], np.float32)
OUTLINE = 0.011  # thickness of an ukiyo-e outline, fraction of the shorter side
BOKASHI = (0.16, 0.28)  # height of the graded band at the top, fraction of the height
CARTOUCHE = (0.085, 0.24)  # width and height of the title slip, fractions of the shorter side
SINGLE_PANEL = 0.15  # share of the pop art pictures with one panel in place of four
PAPER_WHITE = np.array([250, 250, 248], np.float32)
_TONES = (0.34, 0.7)  # quantiles that part shadow, middle and light in pop art


def ukiyo_e(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> np.ndarray:
    """Print flat colours inside dark clean outlines, on cream paper, under a graded band."""
    side = surface.short_side(image)
    window = 2 * max(1, round(0.012 * side)) + 1
    smooth = cv2.medianBlur(np.clip(image, 0, 255).astype(np.uint8), min(window, 5))
    flat = _flat_colours(smooth, palette)
    flat = cv2.medianBlur(flat, 5).astype(np.float32)
    printed = canvas.mix(surface.saturate(flat, 1.15), CREAM, 0.1)
    height, width = image.shape[:2]
    rows, _ = canvas.pixel_grid(height, width)
    band = np.clip(1 - rows / (height * rng.uniform(*BOKASHI)), 0, 1) * rng.uniform(0.75, 0.95)
    canvas.blend(printed, canvas.mix(palette.sky_top, palette.dark, 0.5), band)
    printed += ((canvas.cloud_noise(rng, height, width, 40, 1) - 0.5) * 12)[..., None]
    outline = surface.contours(smooth, OUTLINE * side * rng.uniform(0.8, 1.3))
    canvas.blend(printed, palette.dark * 0.45, 0.95 * outline)
    return _frame(rng, _cartouche(rng, printed, side), side)


def _flat_colours(image: np.ndarray, palette: Palette) -> np.ndarray:
    """Return the picture with every pixel in its nearest ink, uint8 (height, width, 3)."""
    mixes = [
        canvas.mix(palette.sky_top, palette.sky_low, 0.5),
        canvas.mix(palette.ground, palette.dark, 0.5),
        canvas.mix(palette.light, CREAM, 0.6),
    ]
    inks = np.vstack([np.stack(palette), np.stack(mixes)]).astype(np.float32)
    # |p - i|^2 without the common |p|^2: the nearest ink has the greatest p.i - |i|^2 / 2.
    score = image.reshape(-1, 3).astype(np.float32) @ inks.T - (inks**2).sum(axis=1) / 2
    return inks[score.argmax(axis=1)].reshape(image.shape).astype(np.uint8)


def _cartouche(rng: np.random.Generator, image: np.ndarray, side: int) -> np.ndarray:
    """Paste the title slip with its signs, and a red seal under it, in an upper corner."""
    height, width = image.shape[:2]
    slip_width, slip_height = CARTOUCHE[0] * side, CARTOUCHE[1] * side * rng.uniform(0.85, 1.15)
    x = width * 0.07 if rng.random() < 0.5 else width * 0.93 - slip_width
    y = height * 0.07
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * [slip_width, slip_height] + [x, y]
    dark = np.array([38, 32, 30], np.float32)
    canvas.polygon(image, corners, CREAM)
    canvas.polyline(image, np.vstack([corners, corners[:1]]), dark, 0.007 * side)
    for share in np.arange(0.12, 0.9, 0.16):
        middle = np.array([x + slip_width / 2, y + slip_height * share])
        for _ in range(2):
            reach = rng.normal(0, slip_width * 0.2, 2)
            canvas.line(image, tuple(middle - reach), tuple(middle + reach), dark, 0.008 * side)
    surface.seal(rng, image, (x, y + slip_height * 1.06), slip_width)
    return image


def _frame(rng: np.random.Generator, image: np.ndarray, side: int) -> np.ndarray:
    """Leave a margin of paper around the printed block."""
    margin = max(2, round(side * rng.uniform(0.022, 0.04)))
    framed = np.empty_like(image)
    framed[:] = CREAM
    inner = slice(margin, -margin)
    framed[inner, inner] = image[inner, inner]
    return framed


def pop_art(rng: np.random.Generator, image: np.ndarray, palette: Palette) -> np.ndarray:
    """Print four panels of the subject, each in other colours of the palette, with dots."""
    height, width = image.shape[:2]
    count = 1 if rng.random() < SINGLE_PANEL else 2
    panel_height, panel_width = -(-height // count), -(-width // count)
    small = cv2.resize(image, (panel_width, panel_height), interpolation=cv2.INTER_AREA)
    light = surface.blur(surface.grey(small), 0.6)
    tone = np.searchsorted(np.quantile(light[::2, ::2], _TONES), light.ravel())
    tone = tone.reshape(light.shape)
    outline = surface.contours(small, 0.011 * surface.short_side(small) * (3 - count) + 0.9)
    dots = _halftone(rng, light, surface.short_side(image))
    rows = [
        np.hstack([_panel(rng, tone, dots, outline, palette) for _ in range(count)])
        for _ in range(count)
    ]
    printed = np.ascontiguousarray(np.vstack(rows)[:height, :width])
    if count == 2:
        gap = max(1, round(0.011 * surface.short_side(image)))
        printed[panel_height - gap : panel_height + gap] = PAPER_WHITE
        printed[:, panel_width - gap : panel_width + gap] = PAPER_WHITE
    return printed


def _halftone(rng: np.random.Generator, light: np.ndarray, side: int) -> np.ndarray:
    """Return a turned screen of dots, greater where the picture is darker, 0..1."""
    rows, columns = canvas.pixel_grid(*light.shape)
    pitch = side * rng.uniform(0.026, 0.036)
    angle = rng.choice([0.0, np.pi / 4, np.pi / 6])
    across = (columns * np.cos(angle) + rows * np.sin(angle)) * (np.pi / pitch)
    down = (rows * np.cos(angle) - columns * np.sin(angle)) * (np.pi / pitch)
    wave = np.cos(across) ** 2 + np.cos(down) ** 2
    low, high = np.quantile(light[::2, ::2], (0.05, 0.95))
    darkness = 1 - np.clip((light - low) / (high - low + 1), 0, 1)
    return np.clip((wave - 1.5 + 0.55 * darkness) * pitch, 0, 1)


def _panel(
    rng: np.random.Generator,
    tone: np.ndarray,
    dots: np.ndarray,
    outline: np.ndarray,
    palette: Palette,
) -> np.ndarray:
    """Return one panel: three inks from dark to light, dots of the first on the second."""
    roles = surface.spread_colours(palette)[rng.permutation(5)]
    first = palette.dark if rng.random() < 0.35 else roles[0]
    last = palette.light if rng.random() < 0.35 else roles[2]
    inks = surface.saturate(np.stack([first, roles[1], last]), 1.35)
    inks = inks[np.argsort(surface.grey(inks))]
    # Neighbouring inks that are too alike in brightness would hide the subject.
    inks[0] *= 0.8
    inks[2] = canvas.mix(inks[2], PAPER_WHITE, 0.25)
    panel = inks[tone]
    canvas.blend(panel, inks[0], dots * (tone == 1) * 0.9)
    canvas.blend(panel, inks[1], dots * (tone == 2) * 0.75)
    canvas.blend(panel, palette.dark * 0.4, outline)
    return panel
