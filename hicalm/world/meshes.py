"""Small meshes of quadrilaterals: boxes, surfaces of revolution and rings, in metres, y up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Point = tuple[float, float, float]  # x, y, z
ORIGIN = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Mesh:
    """Faces (n, 4, 3), their colours (n, 3) and how opaque they are, 0..1 (n,)."""

    faces: np.ndarray
    colours: np.ndarray
    opacity: np.ndarray


def mesh(faces: np.ndarray, colour: np.ndarray, opacity: float = 1.0) -> Mesh:
    """Make a mesh of one colour (3,), or of one colour a face (n, 3)."""
    count = len(faces)
    colours = np.broadcast_to(np.asarray(colour, np.float64), (count, 3))
    return Mesh(np.asarray(faces, np.float64), colours, np.full(count, opacity))


def join(meshes: list[Mesh]) -> Mesh:
    """Put several meshes into one."""
    return Mesh(
        np.concatenate([part.faces for part in meshes]),
        np.concatenate([part.colours for part in meshes]),
        np.concatenate([part.opacity for part in meshes]),
    )


def move(part: Mesh, offset: Point, turn: float = 0.0, lean: float = 0.0) -> Mesh:
    """Lean a mesh sideways, turn it about the vertical and move it; angles in radians."""
    sine, cosine = np.sin(lean), np.cos(lean)
    leant = part.faces @ np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
    sine, cosine = np.sin(turn), np.cos(turn)
    turned = leant @ np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
    return Mesh(turned + np.asarray(offset, np.float64), part.colours, part.opacity)


def box(size: Point, colour: np.ndarray, centre: Point = ORIGIN, opacity: float = 1.0) -> Mesh:
    """Make a box of ``size`` (x, y, z) that stands on ``centre``; six faces."""
    x, y, z = size[0] / 2, size[1], size[2] / 2
    corners = np.array([[i, j, k] for i in (-x, x) for j in (0, y) for k in (-z, z)])
    sides = [(0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5)]
    return mesh(corners[np.array(sides)] + np.asarray(centre), colour, opacity)


def lathe(
    profile: Sequence[tuple[float, float]],
    colour: np.ndarray,
    sides: int = 20,
    stretch: tuple[float, float] = (1.0, 1.0),
    centre: Point = ORIGIN,
) -> Mesh:
    """Turn a profile of (radius, height) points about the vertical; ``stretch`` scales x and z."""
    radius, height = np.asarray(profile, np.float64).T
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    grid = np.stack(
        [
            radius[:, None] * np.cos(angle) * stretch[0],
            np.broadcast_to(height[:, None], (len(radius), sides + 1)),
            radius[:, None] * np.sin(angle) * stretch[1],
        ],
        axis=-1,
    )
    return mesh(_quads(grid) + np.asarray(centre), colour)


def ball(radii: Point, colour: np.ndarray, centre: Point = ORIGIN, sides: int = 16) -> Mesh:
    """Make an ellipsoid with the given radii about ``centre``."""
    angle = np.linspace(0, np.pi, sides // 2 + 2)
    profile = np.stack([np.sin(angle), -np.cos(angle) * radii[1]], axis=1)
    return lathe(profile.tolist(), colour, sides, (radii[0], radii[2]), centre)


def ring(
    radius: float, thickness: float, colour: np.ndarray, twist: float = 0.0, flat: float = 1.0
) -> Mesh:
    """Make an upright ring about the origin; its tube swells by ``twist`` once on the way round."""
    around, tube = np.linspace(0, 2 * np.pi, 37), np.linspace(0, 2 * np.pi, 13)
    wide = thickness * (1 + twist * np.sin(around))[:, None]
    distance = radius + wide * np.cos(tube)
    grid = np.stack(
        [
            distance * np.cos(around)[:, None],
            distance * np.sin(around)[:, None],
            flat * wide * np.broadcast_to(np.sin(tube), distance.shape),
        ],
        axis=-1,
    )
    return mesh(_quads(grid), colour)


def _quads(grid: np.ndarray) -> np.ndarray:
    """Cut a grid of points (m, n, 3) into its (m-1)(n-1) faces."""
    corners = [grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]]
    return np.stack(corners, axis=2).reshape(-1, 4, 3)
