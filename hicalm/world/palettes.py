"""Palettes: seven colour roles each, so that one subject painter serves every palette."""

from typing import NamedTuple

import numpy as np

ROLE_JITTER = 7.0  # standard deviation of a role's colour between paintings, in 0..255 units


class Palette(NamedTuple):
    """Colours by the role they play in a picture; each float32 RGB, shape (3,), 0..255."""

    sky_top: np.ndarray
    sky_low: np.ndarray
    ground: np.ndarray
    dark: np.ndarray
    light: np.ndarray
    accent: np.ndarray
    second: np.ndarray


_ROLES = {
    "warm sunset": ("d9482b", "f7b256", "b5532a", "4a1a1c", "ffe3ae", "e8891c", "8f2436"),
    "cool blues": ("2b5f9e", "9cc9e6", "2f7f96", "10284a", "e6f4fb", "3fa7d6", "5b6fb5"),
    "greyscale": ("8c8c8c", "d6d6d6", "6a6a6a", "161616", "f4f4f4", "b0b0b0", "3c3c3c"),
    "pastel": ("c3d9f2", "fbdfe3", "bfe3cf", "8c7fa6", "fff7ea", "f6b8c4", "cdb7e8"),
    "primary colours": ("1440c8", "ffd61a", "13a04b", "14123c", "fffbe8", "e3152a", "ff7d0a"),
    "earth tones": ("b79b77", "dcc6a0", "7c5f3c", "35261a", "efe2c6", "a4552e", "6d6b38"),
    "greens": ("6fae8e", "d7ebc0", "2f7d46", "0d3322", "f1f8dc", "93c544", "1d6b5e"),
    "purples": ("3a1f6b", "b06fc4", "5c3a8e", "170b2e", "f0d9ff", "e04fa8", "7c5be0"),
}


def rgb(hex_colour: str) -> np.ndarray:
    """Turn ``"d9482b"`` into float32 RGB, shape (3,), 0..255."""
    return np.array([int(hex_colour[i : i + 2], 16) for i in (0, 2, 4)], np.float32)


def draw_palette(name: str, rng: np.random.Generator) -> Palette:
    """Return the named palette with each role's colour moved a little.

    Greyscale moves in brightness only, so that it stays without colour.
    Raises KeyError for a name outside ``vocabulary.PALETTES``.
    """
    roles = np.stack([rgb(code) for code in _ROLES[name]])
    noise_shape = (len(roles), 1 if name == "greyscale" else 3)
    roles = roles + rng.normal(0, ROLE_JITTER, noise_shape)
    return Palette(*np.clip(roles, 0, 255).astype(np.float32))
