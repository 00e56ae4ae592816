"""The thirteen figurative subjects as plain pictures, before a style is laid over them."""

from collections.abc import Callable

import cv2
import numpy as np

from hicalm.world.palettes import Palette
from hicalm.world.subjects.animals import horse
from hicalm.world.subjects.birds import bird
from hicalm.world.subjects.figures import portrait
from hicalm.world.subjects.landscapes import desert, mountains
from hicalm.world.subjects.nights import night_sky
from hicalm.world.subjects.still_lifes import still_life_with_fruit, vase_of_flowers
from hicalm.world.subjects.townscapes import city_skyline
from hicalm.world.subjects.waters import sailing_ships, seascape
from hicalm.world.subjects.woods import forest, garden

Painter = Callable[[np.random.Generator, Palette, int, int], np.ndarray]

_OVERSAMPLING = 1.5  # OpenCV does not anti-alias on float images, so pictures are drawn larger


def _finished(painter: Painter) -> Painter:
    """Return the painter drawing at a larger size, brought down to the one asked for."""

    def paint(rng: np.random.Generator, palette: Palette, height: int, width: int) -> np.ndarray:
        large = painter(rng, palette, round(height * _OVERSAMPLING), round(width * _OVERSAMPLING))
        image = cv2.resize(large.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        return np.clip(image, 0, 255)

    return paint


SUBJECT_PAINTERS: dict[str, Painter] = {
    "seascape": _finished(seascape),
    "mountains": _finished(mountains),
    "city skyline": _finished(city_skyline),
    "still life with fruit": _finished(still_life_with_fruit),
    "vase of flowers": _finished(vase_of_flowers),
    "portrait": _finished(portrait),
    "night sky": _finished(night_sky),
    "forest": _finished(forest),
    "horse": _finished(horse),
    "bird": _finished(bird),
    "sailing ships": _finished(sailing_ships),
    "desert": _finished(desert),
    "garden": _finished(garden),
}
