"""Abstract styles of ruler and compass: de stijl, op art and suprematism."""

import numpy as np

from hicalm.world import canvas
from hicalm.world.palettes import Palette
from hicalm.world.styles import surface

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom, in pixels
BAR = (0.024, 0.045)  # thickness of a de stijl bar, fraction of the shorter side
PLAIN_FIELDS = 0.38  # share of the de stijl fields left in the palette's light
_SQUARE = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64)
_TRIANGLE = np.array([[-0.8, 0.6], [0.8, 0.6], [0.0, -0.9]])


def _blank(colour: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a plain uint8 picture: OpenCV smooths edges on 8-bit pictures only."""
    image = np.empty((height, width, 3), np.uint8)
    image[:] = np.clip(colour, 0, 255)
    return image


def de_stijl(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Part the canvas by upright and level dark bars into plain and coloured fields."""
    side = min(height, width)
    ground = canvas.mix(palette.light, np.float32(255), 0.25)
    image = _blank(ground, height, width)
    fields = _divide(rng, height, width, int(rng.integers(6, 12)))
    colours = surface.saturate(surface.spread_colours(palette), 1.15)
    offset = rng.integers(len(colours))
    for number, (left, top, right, bottom) in enumerate(fields):
        if rng.random() < PLAIN_FIELDS and number > 2:
            continue
        corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
        canvas.polygon(image, corners, colours[(number + offset) % len(colours)])
    bar = side * rng.uniform(*BAR)
    for left, top, right, bottom in fields:
        corners = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
        canvas.polyline(image, corners, palette.dark * 0.5, bar)
    return surface.weave(rng, image.astype(np.float32), 4.0)


def _divide(rng: np.random.Generator, height: int, width: int, cuts: int) -> list[Rectangle]:
    """Cut the greatest of the fields, more or less, again and again."""
    fields: list[Rectangle] = [(0, 0, width, height)]
    for _ in range(cuts):
        areas = np.array([(f[2] - f[0]) * (f[3] - f[1]) for f in fields])
        chosen = int(np.argmax(areas * rng.uniform(0.35, 1, len(fields))))
        left, top, right, bottom = fields.pop(chosen)
        share = rng.uniform(0.27, 0.73)
        if right - left > (bottom - top) * rng.uniform(0.7, 1.4):
            cut = left + (right - left) * share
            fields += [(left, top, cut, bottom), (cut, top, right, bottom)]
        else:
            cut = top + (bottom - top) * share
            fields += [(left, top, right, cut), (left, cut, right, bottom)]
    return [fields[number] for number in rng.permutation(len(fields))]


def op_art(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Repeat a hard-edged pattern that bends, in dark, light and the palette's colours."""
    side = min(height, width)
    rows, columns = canvas.pixel_grid(height, width)
    centre_x, centre_y = rng.uniform(0.35, 0.65, 2)
    dx, dy = (columns - width * centre_x) / side, (rows - height * centre_y) / side
    pattern = (_waves, _rings, _bulge, _spiral, _chevrons)[rng.integers(5)]
    wave = pattern(dx, dy, rng)
    colours = surface.saturate(surface.spread_colours(palette)[rng.permutation(5)], 1.25)
    first = palette.dark * 0.6 if rng.random() < 0.6 else palette.light
    # The second colour runs through two of the palette's, so that a crop shows its hues.
    turn = rng.uniform(0, 2 * np.pi)
    run = np.clip(0.5 + 0.9 * (dx * np.cos(turn) + dy * np.sin(turn)), 0, 1)[..., None]
    second = canvas.mix(colours[0], colours[1], run)
    if first is palette.light:  # light against light would show no pattern
        second = canvas.mix(second, palette.dark, 0.35)
    else:
        second = canvas.mix(second, palette.light, 0.25)
    share = np.clip(wave * 2.5 + 0.5, 0, 1)[..., None]
    return canvas.mix(first, second, share).astype(np.float32)


def _waves(dx: np.ndarray, dy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    bend = rng.uniform(2.5, 5) * np.sin(dy * rng.uniform(5, 9) + rng.uniform(0, 6))
    pitch = rng.uniform(30, 52)
    return np.sin(dx * pitch + bend)


def _rings(dx: np.ndarray, dy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    square = rng.random() < 0.4
    distance = np.maximum(np.abs(dx), np.abs(dy)) if square else np.hypot(dx, dy)
    return np.sin(distance * rng.uniform(42, 72))


def _bulge(dx: np.ndarray, dy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    swell = 1 - rng.uniform(0.5, 0.68) * np.exp(-(dx**2 + dy**2) / rng.uniform(0.07, 0.13))
    pitch = rng.uniform(22, 36)
    return np.sin(dx * swell * pitch) * np.sin(dy * swell * pitch) * 3


def _spiral(dx: np.ndarray, dy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    arms = int(rng.integers(10, 20))
    return np.sin(np.arctan2(dy, dx) * arms + np.hypot(dx, dy) * rng.uniform(-26, 26))


def _chevrons(dx: np.ndarray, dy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    period = rng.uniform(0.16, 0.3)
    fold = np.abs((dx / period) % 2 - 1) * period
    return np.sin((dy + rng.uniform(0.6, 1.4) * fold) * rng.uniform(38, 60))


def suprematist(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Float tilted bars, squares, discs and wedges on a light ground."""
    side = min(height, width)
    ground = canvas.mix(palette.light, palette.sky_low, rng.uniform(0.05, 0.35))
    image = _blank(ground, height, width)
    accents = surface.saturate(surface.spread_colours(palette), 1.25)
    angle = rng.uniform(-0.9, 0.9)
    count = int(rng.integers(9, 16))
    sizes = np.sort(rng.uniform(0.07, 0.28, count))[::-1] * side
    for number, size in enumerate(sizes):
        x, y = rng.uniform(0.1, 0.9, 2) * [width, height]
        dark = number > 0 and rng.random() < 0.18
        colour = palette.dark if dark else accents[(number + rng.integers(2)) % len(accents)]
        _float_shape(rng, image, (x, y), size, angle + rng.normal(0, 0.12), colour)
    for _ in range(rng.integers(1, 4)):
        start = rng.uniform(0.1, 0.9, 2) * [width, height]
        reach = canvas.turn([[0.6 * side, 0]], angle + rng.normal(0, 0.3))[0]
        canvas.line(image, tuple(start - reach), tuple(start + reach), palette.dark, 0.012 * side)
    return surface.weave(rng, image.astype(np.float32), 3.0)


def _float_shape(
    rng: np.random.Generator,
    image: np.ndarray,
    centre: tuple[float, float],
    size: float,
    angle: float,
    colour: np.ndarray,
) -> None:
    kind = rng.random()
    middle = np.array(centre)
    if kind < 0.45:
        bar = _SQUARE * size * [rng.uniform(0.9, 1.7), rng.uniform(0.14, 0.35)]
        canvas.polygon(image, canvas.turn(bar, angle) + middle, colour)
    elif kind < 0.62:
        canvas.polygon(image, canvas.turn(_SQUARE * size * 0.62, angle) + middle, colour)
    elif kind < 0.78:
        canvas.ellipse(image, centre, (size * 0.7, size * 0.7), colour)
    elif kind < 0.88:
        canvas.ellipse(image, centre, (size * 0.7, size * 0.7), colour, thickness=size * 0.16)
    else:
        canvas.polygon(image, canvas.turn(_TRIANGLE * size, angle) + middle, colour)
