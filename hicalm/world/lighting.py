"""The four lightings of a room: how bright it is, where, and in which tint."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Lighting:
    """Brightness from all sides and from spots (1 is a white wall's full white), and the tint.

    ``tint`` multiplies walls, floor and ceiling, float32 (3,); ``art_tint`` multiplies paintings:
    weaker, as a visitor's eye adapts and a palette must stay recognisable.
    """

    ambient: float
    spot: float
    tint: np.ndarray
    skylight: bool = False
    bulb: tuple[int, int, int] = (255, 250, 238)

    @property
    def art_tint(self) -> np.ndarray:
        """The tint of paintings, float32 (3,)."""
        return 1 + (self.tint - 1) * np.float32(0.45)

    @property
    def art(self) -> float:
        """Brightness of a painting: its spot makes up for a dark room."""
        return min(1.04, max(0.8, self.ambient + 0.6 * self.spot))


def _tint(red: float, green: float, blue: float) -> np.ndarray:
    return np.array([red, green, blue], np.float32)


LIGHTINGS = {
    "bright": Lighting(1.0, 0.05, _tint(1.0, 1.0, 0.985)),
    "dim": Lighting(0.36, 0.6, _tint(1.02, 0.97, 0.9), bulb=(255, 236, 200)),
    "warm": Lighting(0.78, 0.26, _tint(1.09, 0.95, 0.74), bulb=(255, 214, 140)),
    "daylight": Lighting(0.97, 0.0, _tint(0.95, 1.0, 1.05), skylight=True),
}


def edge_shade(height: int, width: int, reach: float, darkest: float) -> np.ndarray:
    """Return the ambient occlusion near the edges of a face, float32 (height, width).

    ``darkest`` at an edge, rising to 1 over ``reach`` pixels.
    """
    factors = []
    for length in (height, width):
        place = np.arange(length, dtype=np.float32) + 0.5
        distance = np.minimum(place, length - place) / reach
        factors.append(1 - (1 - darkest) * np.exp(-2.2 * distance))
    return factors[0][:, None] * factors[1][None, :]
