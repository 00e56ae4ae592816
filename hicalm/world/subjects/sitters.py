"""The sitter of a portrait, and what he or she wears: clothes, collars, beards and hats."""

from typing import NamedTuple

import numpy as np

from hicalm.world.canvas import ellipse, mix, polygon, polyline
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import luminance, pick, place, smooth, toned


class Sitter(NamedTuple):
    """Who is painted: the canvas, where the face is, and the sitter's colours."""

    image: np.ndarray
    palette: Palette
    face: tuple[float, float]
    radius: float  # half the width of the face, pixels
    flip: int
    skin: np.ndarray
    hair: np.ndarray
    clothes: np.ndarray
    turned: float  # how far the face looks aside, 0..0.3 of its radius

    def shape(self, points: list[tuple[float, float]], tone: np.ndarray, steps: int = 4) -> None:
        """Fill a smooth outline given in units of ``radius`` around the face."""
        outline = smooth(points, steps) if steps > 1 else points
        polygon(self.image, place(outline, self.face, self.radius, self.flip), tone)

    def oval(
        self, x: float, y: float, wide: float, high: float, tone: np.ndarray, angle: float = 0
    ) -> None:
        """Fill an ellipse in the same units; ``angle`` in degrees."""
        spot = (self.face[0] + self.flip * x * self.radius, self.face[1] + y * self.radius)
        ellipse(self.image, spot, (wide * self.radius, high * self.radius), tone, angle * self.flip)

    def stroke(self, points: list[tuple[float, float]], tone: np.ndarray, thickness: float) -> None:
        """Draw an open line in the same units."""
        moved = place(points, self.face, self.radius, self.flip)
        polyline(self.image, moved, tone, thickness * self.radius)


def shoulders(rng: np.random.Generator, sitter: Sitter) -> None:
    """Draw neck, shoulders and the sitter's clothes."""
    tone = sitter.clothes
    wide = rng.uniform(2.1, 2.6)
    sitter.shape(
        [
            (-wide, 4.5),
            (-wide * 0.97, 2.9),
            (-wide * 0.72, 2.15),
            (-0.6, 1.72),
            (0.6, 1.72),
            (wide * 0.72, 2.15),
            (wide * 0.97, 2.9),
            (wide, 4.5),
        ],
        tone,
        5,
    )
    sitter.shape(
        [(0.75, 1.8), (wide * 0.72, 2.15), (wide * 0.97, 2.9), (wide, 4.5), (0.9, 4.5)],
        tone * 0.78,
        2,
    )
    sitter.shape(
        [
            (-0.44, 0.6),
            (0.44, 0.6),
            (0.5, 1.6),
            (0.66, 1.9),
            (0.0, 2.25),
            (-0.66, 1.9),
            (-0.5, 1.6),
        ],
        sitter.skin * 0.8,
        2,
    )
    sitter.oval(0.05, 1.0, 0.48, 0.34, sitter.skin * 0.62)
    _collar(rng, sitter, tone)


def _collar(rng: np.random.Generator, sitter: Sitter, tone: np.ndarray) -> None:
    light = toned(sitter.palette.light, 235)
    kind = int(rng.integers(5))
    if kind == 0:  # shirt and lapels
        sitter.shape([(-0.62, 1.75), (0.0, 3.4), (0.62, 1.75), (0.0, 2.2)], light, 1)
        for side in (-1, 1):
            sitter.shape(
                [(side * 0.6, 1.65), (side * 0.05, 2.3), (side * 0.5, 2.7), (side * 0.95, 1.95)],
                tone * 0.6,
                1,
            )
        sitter.shape([(-0.1, 2.25), (0.1, 2.25), (0.16, 3.4), (-0.16, 3.4)], sitter.palette.dark, 1)
    elif kind == 1:  # ruff
        sitter.oval(0, 1.55, 1.3, 0.42, light * 0.7)
        sitter.oval(0, 1.48, 1.25, 0.36, light)
        sitter.oval(0, 1.36, 0.62, 0.18, light * 0.72)
    elif kind == 2:  # scarf
        sitter.shape(
            [(-0.75, 1.5), (0.0, 1.85), (0.75, 1.5), (0.85, 2.0), (0.0, 2.4), (-0.85, 2.0)],
            toned(sitter.palette.accent, 150),
        )
    elif kind == 3:  # necklace
        for angle in np.linspace(0.35, 2.8, 8):
            sitter.oval(np.cos(angle) * 0.75, 1.55 + np.sin(angle) * 0.62, 0.085, 0.085, light)
    else:  # buttons
        for y in (2.5, 3.0, 3.5):
            sitter.oval(0.0, y, 0.1, 0.1, mix(tone, sitter.palette.dark, 0.7))


def beard(sitter: Sitter, full: bool) -> None:
    """Grow a full beard, or a moustache only."""
    hair, shift = sitter.hair, sitter.turned
    if full:
        sitter.shape(
            [
                (-0.9, 0.15),
                (-0.75, 0.55),
                (shift - 0.3, 0.6),
                (shift, 0.56),
                (shift + 0.3, 0.6),
                (0.75, 0.55),
                (0.9, 0.15),
                (0.82, 0.95),
                (0.4, 1.5),
                (0.0, 1.65),
                (-0.4, 1.5),
                (-0.82, 0.95),
            ],
            hair,
        )
        sitter.oval(shift, 0.79, 0.22, 0.07, toned(sitter.palette.accent, 105))
        return
    for side in (-1, 1):
        sitter.shape(
            [
                (shift, 0.56),
                (shift + side * 0.3, 0.54),
                (shift + side * 0.56, 0.7),
                (shift + side * 0.25, 0.7),
                (shift, 0.66),
            ],
            hair,
            3,
        )


def hat(rng: np.random.Generator, sitter: Sitter, back: float) -> None:
    """Put on a top hat, a wide-brimmed hat, a beret, a turban or a crown; ``back`` moves it."""
    tone = toned(
        pick(rng, [sitter.palette.dark, sitter.palette.accent, sitter.palette.second]),
        25 if luminance(sitter.image[2, 2]) > 110 else rng.choice([15.0, 170.0]),
    )
    band = mix(tone, sitter.palette.light, 0.6)
    kind = int(rng.integers(5))
    x = -back
    if kind == 0:
        sitter.shape(
            [(x - 0.85, -0.7), (x - 0.95, -2.2), (x + 0.95, -2.2), (x + 0.85, -0.7)], tone, 1
        )
        sitter.shape(
            [(x - 0.86, -0.8), (x - 0.88, -1.1), (x + 0.88, -1.1), (x + 0.86, -0.8)], band, 1
        )
        sitter.oval(x, -0.72, 1.45, 0.2, tone)
    elif kind == 1:
        sitter.oval(x, -0.72, 2.0, 0.36, tone * 0.8, -5)
        sitter.shape(
            [
                (x - 0.85, -0.75),
                (x - 0.75, -1.5),
                (x, -1.75),
                (x + 0.75, -1.5),
                (x + 0.85, -0.75),
                (x, -0.62),
            ],
            tone,
        )
        sitter.stroke([(x - 0.84, -0.86), (x, -0.74), (x + 0.84, -0.86)], band, 0.16)
    elif kind == 2:
        sitter.shape(
            [
                (x - 1.0, -0.6),
                (x - 1.2, -1.1),
                (x - 0.4, -1.65),
                (x + 0.9, -1.6),
                (x + 1.6, -1.0),
                (x + 0.9, -0.65),
                (x, -0.85),
            ],
            tone,
        )
        sitter.oval(x, -1.62, 0.1, 0.14, tone)
    elif kind == 3:
        sitter.shape(
            [
                (x - 1.08, -0.4),
                (x - 1.2, -1.1),
                (x - 0.6, -1.75),
                (x + 0.6, -1.75),
                (x + 1.2, -1.1),
                (x + 1.08, -0.4),
                (x, -0.8),
            ],
            tone,
        )
        for level in (0.0, 0.3, 0.6):
            sitter.stroke(
                [(x - 1.1, -0.6 - level), (x, -0.95 - level * 0.9), (x + 1.1, -0.9 - level)],
                band * 0.9,
                0.07,
            )
    else:
        gold = toned(mix(sitter.palette.sky_low, sitter.palette.accent, 0.4), 190)
        sitter.shape(
            [
                (x - 0.95, -0.75),
                (x - 1.1, -1.8),
                (x - 0.55, -1.3),
                (x, -1.95),
                (x + 0.55, -1.3),
                (x + 1.1, -1.8),
                (x + 0.95, -0.75),
            ],
            gold,
            1,
        )
        for jewel in (-0.6, 0, 0.6):
            sitter.oval(x + jewel, -0.98, 0.13, 0.13, sitter.palette.dark)
