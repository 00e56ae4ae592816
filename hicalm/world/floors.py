"""Floor textures, one painter per floor: float32 or uint8 RGB, (height, width, 3), unlit."""

from collections.abc import Callable

import numpy as np

from hicalm.world import canvas
from hicalm.world.palettes import rgb

FloorPainter = Callable[[np.random.Generator, int, int, int], np.ndarray]
# How much of the walls a polished floor mirrors at a flat angle, 0..1.
GLOSS = {
    "wood": 0.22,
    "marble": 0.5,
    "concrete": 0.1,
    "carpet": 0.0,
    "terracotta": 0.06,
    "checkerboard": 0.42,
}
_WOODS = ("a9743f", "8a5a33", "c69a63", "75502f")
_MARBLES = ("e6e0d6", "d9d2c6", "cfd3d1", "e3d3c0")
_CARPETS = ("7c2230", "2e3f66", "4d6044", "67527a")
_CHECKS = (("f0ece2", "26272b"), ("efe6d6", "5a3326"), ("e8ebe8", "2c4238"), ("f1ede4", "3a3d44"))
_GOLD = rgb("cfae62")


def paint_floor(
    kind: str, rng: np.random.Generator, height: int, width: int, scale: int
) -> np.ndarray:
    """Return the floor's own colours, float32 (height, width, 3); ``scale`` pixels per metre."""
    return _PAINTERS[kind](rng, height, width, scale)


def mean_colour(kind: str) -> np.ndarray:
    """Return a colour that stands for the floor seen from afar, float32 (3,)."""
    codes = {
        "wood": _WOODS,
        "marble": _MARBLES,
        "carpet": _CARPETS,
        "concrete": ("97958f",),
        "terracotta": ("b8623f",),
        "checkerboard": ("8b8982",),
    }
    return rgb(codes[kind][0])


def _pick(rng: np.random.Generator, codes: tuple[str, ...]) -> np.ndarray:
    return rgb(codes[rng.integers(len(codes))])


def _seams(length: int, step: float, thickness: float) -> np.ndarray:
    """Return which of ``length`` pixels lie on the seams between tiles of ``step`` pixels."""
    return np.arange(length) % step < thickness


def _wood(rng: np.random.Generator, height: int, width: int, scale: int) -> np.ndarray:
    plank, board = 0.16 * scale, 1.7 * scale
    columns = (np.arange(width) / plank).astype(int)
    shift = rng.uniform(0, board, columns[-1] + 1)
    along = (np.arange(height)[:, None] + shift[columns][None, :]) / board
    boards = along.astype(int)
    tones = rng.uniform(0.78, 1.14, (boards.max() + 1, columns[-1] + 1)).astype(np.float32)
    tone = tones[boards, columns[None, :]]
    grain = canvas.cv2.resize(
        rng.random((max(2, height // (scale // 2)), width), dtype=np.float32), (width, height)
    )
    tone *= 0.88 + 0.24 * grain
    tone[(along - boards) * board < max(1, 0.012 * scale)] *= 0.55
    tone[:, _seams(width, plank, max(1, 0.01 * scale))] *= 0.62
    return tone[..., None] * _pick(rng, _WOODS)


def _marble(rng: np.random.Generator, height: int, width: int, scale: int) -> np.ndarray:
    slab = 1.35 * scale
    noise = canvas.cloud_noise(rng, height, width, 5, 4)
    fine = canvas.cloud_noise(rng, height, width, 9, 3)
    rows, columns = canvas.pixel_grid(height, width)
    # Every slab is cut from another place of the block: shift the veins from slab to slab.
    cells = rng.normal(0, 0.12, (int(height / slab) + 1, int(width / slab) + 1)).astype(np.float32)
    cell = cells[(rows[:, :1] / slab).astype(int), (columns[:1] / slab).astype(int)]
    flow = noise + cell + 0.03 * np.sin((rows + columns) / (0.5 * scale))
    veins = np.exp(-np.abs(flow - 0.5) * 60) * 0.8 + np.exp(-np.abs(fine - 0.52) * 90) * 0.4
    tone = (0.93 + 0.12 * fine + 0.15 * cell)[..., None] * _pick(rng, _MARBLES)
    canvas.blend(tone, _pick(rng, ("6e6a68", "8a6f58", "54605f")), veins.clip(0, 0.75))
    tone[_seams(height, slab, max(1, 0.012 * scale))] *= 0.72
    tone[:, _seams(width, slab, max(1, 0.012 * scale))] *= 0.72
    return tone


def _concrete(rng: np.random.Generator, height: int, width: int, scale: int) -> np.ndarray:
    tone = 0.8 + 0.4 * canvas.cloud_noise(rng, height, width, 6, 5)
    slab = 2.4 * scale
    tone[_seams(height, slab, max(1, 0.015 * scale))] *= 0.72
    tone[:, _seams(width, slab, max(1, 0.015 * scale))] *= 0.72
    return tone[..., None] * _pick(rng, ("97958f", "8b8d8e", "a09c94"))


def _carpet(rng: np.random.Generator, height: int, width: int, scale: int) -> np.ndarray:
    colour = _pick(rng, _CARPETS)
    pile = rng.random((height, width), dtype=np.float32)
    image = (0.86 + 0.28 * pile)[..., None] * colour
    motif = 0.55 * scale  # a lattice of small diamonds
    rows, columns = canvas.pixel_grid(height, width)
    diamond = np.abs((rows % motif) - motif / 2) + np.abs((columns % motif) - motif / 2)
    canvas.blend(image, colour * 0.55 + 60, ((diamond < 0.16 * motif) * np.float32(0.5)))
    for inset, thickness in ((0.3, 0.06), (0.42, 0.02)):
        margin = int(inset * scale)
        corner = (width - margin, height - margin)
        line = max(1, int(thickness * scale))
        canvas.cv2.rectangle(image, (margin, margin), corner, _GOLD.tolist(), line)
    return image


def _terracotta(rng: np.random.Generator, height: int, width: int, scale: int) -> np.ndarray:
    tile = 0.42 * scale
    shape = (int(height / tile) + 1, int(width / tile) + 1)
    colours = rgb("b8623f") * rng.uniform(0.82, 1.12, (*shape, 1)).astype(np.float32)
    colours[..., 1:] *= rng.uniform(0.94, 1.06, (*shape, 2)).astype(np.float32)
    rows = (np.arange(height) / tile).astype(int)
    columns = (np.arange(width) / tile).astype(int)
    image = colours[rows[:, None], columns[None, :]]
    image *= (0.92 + 0.16 * canvas.cloud_noise(rng, height, width, 24, 2))[..., None]
    joint, thickness = rgb("cbb79b"), max(1.5, 0.028 * scale)
    image[_seams(height, tile, thickness)] = joint
    image[:, _seams(width, tile, thickness)] = joint
    return image


def _checkerboard(rng: np.random.Generator, height: int, width: int, scale: int) -> np.ndarray:
    tile = 0.6 * scale
    light, dark = (rgb(code) for code in _CHECKS[rng.integers(len(_CHECKS))])
    rows = (np.arange(height) / tile).astype(int)
    columns = (np.arange(width) / tile).astype(int)
    odd = (rows[:, None] + columns[None, :]) % 2 == 1
    image = np.where(odd[..., None], dark, light)
    image = image + (10 * canvas.cloud_noise(rng, height, width, 14, 3) - 5)[..., None]
    image[_seams(height, tile, max(1, 0.01 * scale))] *= 0.85
    image[:, _seams(width, tile, max(1, 0.01 * scale))] *= 0.85
    return image


_PAINTERS: dict[str, FloorPainter] = {
    "wood": _wood,
    "marble": _marble,
    "concrete": _concrete,
    "carpet": _carpet,
    "terracotta": _terracotta,
    "checkerboard": _checkerboard,
}
