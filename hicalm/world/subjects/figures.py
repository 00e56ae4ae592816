"""Portraits: head and shoulders of many different people, from the front or in profile."""

import numpy as np

from hicalm.world.canvas import ellipse, gradient, jitter, mix, pixel_grid
from hicalm.world.palettes import Palette
from hicalm.world.subjects.parts import chance, lay, luminance, pick, speckle, toned
from hicalm.world.subjects.sitters import Sitter, beard, hat, shoulders


def portrait(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
    """Paint head and shoulders of one person against a plain, contrasting wall."""
    size = min(height, width)
    dark_wall = chance(rng, 0.6)
    wall = toned(
        pick(rng, [palette.second, palette.ground, palette.sky_top, palette.dark]),
        rng.uniform(35, 75) if dark_wall else rng.uniform(170, 205),
    )
    image = gradient(height, width, wall * 1.1, wall * 0.8)
    speckle(rng, image, 0.25, 4)
    radius = size * rng.uniform(0.19, 0.235)
    face = (width * rng.uniform(0.44, 0.56), height * rng.uniform(0.4, 0.46))
    if chance(rng, 0.3):
        rows, columns = pixel_grid(height, width)
        squared = (columns - face[0]) ** 2 + (rows - face[1]) ** 2
        halo = 0.5 * np.exp(squared / -((radius * 2.6) ** 2))
        lay(image, mix(wall, palette.light, 0.6), halo)
    profile = chance(rng, 0.22)
    skin_tone = rng.uniform(165, 222) if dark_wall or chance(rng, 0.3) else rng.uniform(85, 130)
    skin = toned(mix(palette.light, palette.accent, rng.uniform(0.15, 0.5)), skin_tone)
    hair_tone = pick(rng, [palette.dark, palette.second, palette.accent, palette.light])
    hair = toned(jitter(rng, hair_tone), rng.choice([22.0, 30.0, 60.0, 110.0, 225.0]))
    if abs(luminance(hair) - luminance(skin)) < 45:
        hair = toned(hair, 28)
    clothes = toned(
        pick(rng, [palette.accent, palette.second, palette.sky_top, palette.ground, palette.light]),
        rng.uniform(55, 190),
    )
    sitter = Sitter(
        image,
        palette,
        face,
        radius,
        int(rng.choice([-1, 1])),
        skin,
        hair,
        clothes,
        0.0 if chance(rng, 0.35) else rng.uniform(0.1, 0.3),
    )
    if profile:
        _profile(rng, sitter)
    else:
        _frontal(rng, sitter)
    return image


def _frontal(rng: np.random.Generator, sitter: Sitter) -> None:
    # 0 bald, 1 short, 2 long, 3 bun, 4 bob, 5 curls
    style = int(rng.choice([0, 1, 1, 1, 2, 2, 3, 4, 5]))
    hair = sitter.hair
    if style == 2:
        sitter.shape(
            [
                (0, -1.5),
                (-1.15, -0.9),
                (-1.3, 0.4),
                (-1.55, 2.5),
                (-0.6, 2.7),
                (0.6, 2.7),
                (1.55, 2.5),
                (1.3, 0.4),
                (1.15, -0.9),
            ],
            hair * 0.8,
        )
    elif style == 4:
        sitter.shape(
            [
                (0, -1.5),
                (-1.2, -0.8),
                (-1.4, 0.6),
                (-1.2, 1.3),
                (1.2, 1.3),
                (1.4, 0.6),
                (1.2, -0.8),
            ],
            hair * 0.8,
        )
    elif style == 3:
        sitter.oval(0, -1.65, 0.5, 0.45, hair * 0.85)
    shoulders(rng, sitter)
    if style == 5:
        for angle in np.linspace(-3.5, 0.36, 12):
            sitter.oval(
                np.cos(angle) * 1.0,
                np.sin(angle) * 1.12 - 0.2,
                0.42,
                0.42,
                hair * rng.uniform(0.75, 1.1),
            )
    if style:
        sitter.oval(0, -0.25, 1.06, 1.22, hair)
    _face(rng, sitter)
    bearded = rng.random() if style in (0, 1, 5) else 1.0
    if bearded < 0.45:
        beard(sitter, full=bearded < 0.28)
    if style:
        parting = sitter.turned + rng.uniform(-0.4, 0.4)
        sitter.shape(
            [
                (-1.0, 0.15),
                (-1.08, -0.5),
                (-0.75, -1.25),
                (0.0, -1.46),
                (0.75, -1.25),
                (1.08, -0.5),
                (1.0, 0.15),
                (0.88, -0.3),
                (parting + 0.35, -0.78),
                (parting, -0.9),
                (parting - 0.35, -0.7),
                (-0.88, -0.3),
            ],
            hair,
        )
        sitter.stroke(
            [(-0.62, -1.1), (-0.2, -1.3), (0.2, -1.32)], mix(hair, sitter.palette.light, 0.35), 0.06
        )
    if chance(rng, 0.38):
        hat(rng, sitter, 0.0)


def _face(rng: np.random.Generator, sitter: Sitter) -> None:
    """Draw the front of the face with eyes, nose and mouth, lit from one side."""
    skin, shift = sitter.skin, sitter.turned
    slim = rng.uniform(0.86, 1.0)
    for side in (-1, 1):
        sitter.oval(side * 0.95 * slim - shift * 0.4, 0.05, 0.14, 0.26, skin * 0.75)
    oval = [
        (0, -1.2),
        (-0.62, -1.02),
        (-0.92, -0.4),
        (-0.9, 0.2),
        (-0.72, 0.75),
        (-0.32, 1.18),
        (0, 1.26),
        (0.32, 1.18),
        (0.72, 0.75),
        (0.9, 0.2),
        (0.92, -0.4),
        (0.62, -1.02),
    ]
    outline = [(x * slim, y) for x, y in oval]
    sitter.shape(outline, skin * 0.74)
    sitter.shape([(x * 0.8 - 0.15, y * 0.95) for x, y in outline], skin * 0.9)
    sitter.shape([(x * 0.62 - 0.22, y * 0.86) for x, y in outline], skin)
    dark = mix(sitter.palette.dark, np.zeros(3), 0.4)
    brow = dark if luminance(sitter.hair) > 150 else sitter.hair
    for side in (-1, 1):
        x = side * 0.4 * slim + shift
        sitter.oval(x, -0.06, 0.24, 0.15, skin * 0.66)
        sitter.oval(x, -0.04, 0.2, 0.1, toned(sitter.palette.light, 240))
        sitter.oval(x + shift * 0.2, -0.04, 0.1, 0.11, dark)
        sitter.oval(x + shift * 0.2 - 0.03, -0.08, 0.03, 0.03, sitter.palette.light)
        sitter.stroke([(x - 0.21, -0.08), (x, -0.17), (x + 0.21, -0.08)], dark, 0.06)
        sitter.stroke([(x - 0.25, -0.31), (x, -0.39), (x + 0.25, -0.31)], brow, 0.1)
    sitter.shape(
        [(shift * 1.2 + 0.02, -0.1), (shift * 1.4 + 0.24, 0.42), (shift * 1.2 + 0.02, 0.46)],
        skin * 0.62,
        2,
    )
    sitter.stroke([(shift * 1.2 - 0.14, 0.44), (shift * 1.3 + 0.18, 0.46)], skin * 0.5, 0.06)
    lips = mix(toned(sitter.palette.accent, 90), skin * 0.6, 0.3)
    smile = rng.uniform(-0.02, 0.1)
    sitter.shape(
        [
            (shift - 0.32, 0.76 - smile),
            (shift - 0.08, 0.7),
            (shift, 0.73),
            (shift + 0.08, 0.7),
            (shift + 0.32, 0.76 - smile),
            (shift, 0.88),
        ],
        lips,
        3,
    )
    sitter.stroke(
        [(shift - 0.3, 0.76 - smile), (shift, 0.78), (shift + 0.3, 0.76 - smile)], lips * 0.55, 0.04
    )
    if chance(rng, 0.16):
        for side in (-1, 1):
            spot = (
                sitter.face[0] + sitter.flip * (side * 0.4 * slim + shift) * sitter.radius,
                sitter.face[1] - 0.04 * sitter.radius,
            )
            rim = (0.3 * sitter.radius, 0.27 * sitter.radius)
            ellipse(sitter.image, spot, rim, dark, 0, 0.06 * sitter.radius)
        sitter.stroke([(shift - 0.1, -0.06), (shift + 0.1, -0.06)], dark, 0.06)


_PROFILE = [
    (0.0, -1.25),
    (0.5, -1.18),
    (0.76, -0.85),
    (0.78, -0.42),
    (0.74, -0.2),
    (0.92, 0.1),
    (1.08, 0.34),
    (1.0, 0.44),
    (0.82, 0.48),
    (0.9, 0.62),
    (0.84, 0.76),
    (0.9, 0.88),
    (0.8, 1.02),
    (0.78, 1.22),
    (0.5, 1.34),
    (0.1, 1.12),
    (-0.2, 0.7),
    (-0.8, 0.4),
    (-0.95, -0.3),
    (-0.7, -0.95),
]


def _profile(rng: np.random.Generator, sitter: Sitter) -> None:
    """Draw a head that looks to the side."""
    skin, hair = sitter.skin, sitter.hair
    style = int(rng.integers(3))  # 0 short, 1 long, 2 bun
    if style == 1:
        sitter.shape(
            [
                (0.1, -1.4),
                (-1.0, -1.0),
                (-1.35, 0.2),
                (-1.5, 2.4),
                (-0.5, 2.5),
                (-0.2, 0.8),
                (0.1, 0.0),
            ],
            hair * 0.8,
        )
    shoulders(rng, sitter)
    sitter.shape(_PROFILE, skin * 0.9, 4)
    sitter.shape([(0.6, -0.8), (0.66, 0.0), (0.7, 0.6), (0.6, 1.1), (0.3, 0.8), (0.2, 0.0)], skin)
    sitter.shape(
        [(-0.2, 0.7), (0.1, 1.12), (0.5, 1.34), (0.55, 1.18), (0.2, 0.9), (-0.1, 0.5)], skin * 0.7
    )
    if style == 2:
        sitter.oval(-1.15, -0.35, 0.48, 0.48, hair * 0.85)
    sitter.shape(
        [
            (0.62, -1.05),
            (0.3, -1.42),
            (-0.4, -1.4),
            (-0.98, -0.95),
            (-1.12, -0.2),
            (-0.85, 0.55),
            (-0.35, 0.55),
            (-0.3, 0.15),
            (-0.1, -0.1),
            (0.05, -0.6),
            (0.4, -0.85),
        ],
        hair,
    )
    sitter.oval(-0.18, 0.12, 0.15, 0.24, skin * 0.78)
    dark = mix(sitter.palette.dark, np.zeros(3), 0.4)
    sitter.shape([(0.4, -0.04), (0.64, -0.14), (0.66, 0.04)], toned(sitter.palette.light, 240), 1)
    sitter.oval(0.59, -0.04, 0.07, 0.1, dark)
    sitter.stroke([(0.36, -0.02), (0.52, -0.16), (0.68, -0.14)], dark, 0.06)
    sitter.stroke([(0.34, -0.3), (0.54, -0.38), (0.72, -0.32)], dark, 0.09)
    sitter.stroke([(0.84, 0.74), (0.58, 0.76)], toned(sitter.palette.accent, 80), 0.09)
    sitter.oval(0.84, 0.4, 0.08, 0.04, skin * 0.55)
    if chance(rng, 0.25):
        sitter.shape(
            [
                (0.88, 0.9),
                (0.8, 1.3),
                (0.5, 1.7),
                (0.1, 1.3),
                (-0.2, 0.5),
                (0.05, 0.5),
                (0.3, 0.9),
                (0.6, 0.85),
            ],
            hair,
        )
    if chance(rng, 0.35):
        hat(rng, sitter, 0.15)
